//! The web pages: sources in `/ui`, built output committed in `crates/ui`, so that `cargo build` needs no Node.

use crate::run::{command, read, root, show};

/// Builds the pages and packs them into the `ui` crate.
pub fn run(_: &[String]) -> Result<(), String> {
    npm(&["ci", "--no-audit", "--no-fund", "--silent"])?;
    npm(&["run", "--silent", "build"])?;
    npm(&["run", "--silent", "pack"])
}

/// Runs npm in the folder of the sources.
pub fn npm(arguments: &[&str]) -> Result<(), String> {
    show(command("npm", arguments).current_dir(root().join("ui")))
}

/// Fails when building again gives other bytes than those committed.
pub fn prove_fresh() -> Result<(), String> {
    run(&[])?;
    let changed = read(&mut command("git", &["status", "--porcelain", "crates/ui"]))?;
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!("the committed pages are not what /ui builds; run `cargo xtask ui` and commit:\n{changed}"))
}
