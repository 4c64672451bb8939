//! The pages in a real browser: the scripts are in `ui/tests/browser`, the server is the real one.

use it::process::{Folder, Server};
use std::path::Path;
use std::process::Command;

#[test]
fn the_pages_work_in_chromium() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("ui");
    if !Path::new("/usr/bin/chromium").exists() || !ui.join("node_modules").exists() {
        return it::skip("no chromium or no node_modules; `cargo xtask test` installs both");
    }
    let folder = Folder::new("browser");
    // One of the tests asks by another name than localhost, as a browser elsewhere would.
    let server = Server::start("up", folder.path(), 0, &["--access-open"]);
    let output = Command::new("npm")
        .args(["run", "--silent", "test:browser"])
        .current_dir(&ui)
        .env("WINDHOVER_URL", &server.url)
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    println!("{said}");
}
