//! Files of rrdtool and whisper in, and a round robin file out that rrdtool draws like the first.

use it::process::{Folder, binary};
use std::path::Path;
use std::process::Command;

/// The examples are of 2023.
const KEPT: [&str; 2] = ["--store-retention", "20000d"];

fn windhover(folder: &Folder, arguments: &[&str]) -> String {
    let data = folder.path().join("data").display().to_string();
    let mut command = Command::new(binary());
    let output = command.args(arguments).args(["--data", &data]).args(KEPT).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn fixture(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign").join(path).display().to_string()
}

/// The rows of the first source that rrdtool sees at the step of a minute, as it prints them.
fn fetched(file: &str) -> Option<Vec<String>> {
    let times = ["-r", "60", "-s", "1700001960", "-e", "1700002440"];
    let output = Command::new("rrdtool").args(["fetch", file, "AVERAGE"]).args(times).output().ok()?;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let first = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Some(text.lines().filter(|line| line.contains(": ")).map(first).collect())
}

#[test]
fn a_round_robin_file_goes_in_and_comes_out_as_rrdtool_sees_it() {
    let original = fixture("rrd/router.rrd");
    let Some(wanted) = fetched(&original) else {
        it::skip("no `rrdtool` on this machine; `cargo xtask test` installs it");
        return;
    };
    let folder = Folder::new("roundrobin");
    let path = |name: &str| folder.path().join(name).display().to_string();
    windhover(&folder, &["import", &original, "--metric", "{ds}", "--label", "router={file}"]);
    let selector = "in{router=\"router\",cf=\"\"}";
    let export = ["export", "--match", selector, "--format", "rrd-xml", "--out", &path("back.xml")];
    let shape = ["--rra", "AVERAGE:0.5:1:10"];
    windhover(&folder, &[&export[..], &shape].concat());
    let restore = Command::new("rrdtool").args(["restore", &path("back.xml"), &path("back.rrd")]).output();
    assert!(restore.as_ref().unwrap().status.success(), "{restore:?}");
    assert_eq!(fetched(&path("back.rrd")).unwrap(), wanted);
    assert!(wanted.len() == 9 && wanted[0] == "1700002020: 5.1150000000e+01", "{wanted:?}");
}

#[test]
fn a_tree_of_whisper_files_names_its_metrics() {
    let folder = Folder::new("whisper");
    let tree = folder.path().join("whisper/servers/web1");
    std::fs::create_dir_all(&tree).unwrap();
    std::fs::copy(fixture("whisper/load.wsp"), tree.join("load.wsp")).unwrap();
    let whole = std::fs::read(fixture("whisper/load.wsp")).unwrap();
    std::fs::write(tree.join("broken.wsp"), &whole[..100]).unwrap();
    let root = folder.path().join("whisper").display().to_string();
    let data = folder.path().join("data").display().to_string();
    let output = Command::new(binary()).args(["import", &root, "--data", &data]).args(KEPT).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "the broken file is told: {output:?}");
    let text =
        windhover(&folder, &["export", "--match", "{__name__=\"servers.web1.load\"}", "--format", "csv"]);
    assert_eq!(text.lines().count(), 1 + 39, "{text}");
}
