//! The whole suite, in the order in which mistakes are cheapest to find. CI runs exactly this.

mod failures;
mod suite;

use crate::run::{command, exists, root};
use crate::{fuzz, tools, ui};
use suite::Suite;

/// Deaths of the server in a long run.
const KILLS_LONG: &str = "1000";

/// Runs everything; fails when anything failed. With `--long`, the server is killed a thousand times instead of for a
/// minute.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let is_long = match arguments {
        [] => false,
        [option] if option == "--long" => true,
        _ => return Err(format!("unknown arguments {arguments:?}; there is --long")),
    };
    let mut suite = Suite::default();
    for problem in tools::install() {
        println!("{problem}");
    }
    suite.step("formatting", || cargo(&["fmt", "--all", "--check"]));
    suite.step("lints", || cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]));
    suite.step("the binary", || cargo(&["build", "--package", "windhover"]));
    suite.step("agent-only build", agent_only);
    web(&mut suite);
    suite.cargo_tests(is_long.then_some(("WINDHOVER_CRASH_KILLS", KILLS_LONG)));
    match fuzz::obstacle() {
        None => suite.step("fuzz targets", || fuzz::run(&[])),
        Some(reason) => suite.skip("fuzz targets", reason),
    }
    suite.finish()
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    crate::run::show(&mut command("cargo", arguments))
}

/// The agent must build alone and stay free of the server's crates and of any async runtime.
fn agent_only() -> Result<(), String> {
    let features = ["--package", "windhover", "--no-default-features", "--features", "agent"];
    let target = ["--target-dir", "target/agent-only"];
    let strict = ["--", "--deny", "warnings"];
    cargo(&[&["clippy"][..], &features, &target, &strict].concat())?;
    let tree = crate::run::read(&mut command(
        "cargo",
        &[&["tree", "--edges", "normal", "--prefix", "none"][..], &features].concat(),
    ))?;
    let unwanted =
        ["serve", "store", "foreign", "roaring", "zstd", "query", "lang", "api", "ui", "tokio", "hyper"];
    let found: Vec<&str> =
        tree.lines().filter_map(|l| l.split(' ').next()).filter(|n| unwanted.contains(n)).collect();
    if found.is_empty() { Ok(()) } else { Err(format!("the agent-only build reaches {found:?}")) }
}

fn web(suite: &mut Suite) {
    if !exists("npm") {
        return suite.skip("web pages", "npm could not be installed");
    }
    suite.step("web pages are fresh", ui::prove_fresh);
    suite.step("web pages: types", || ui::npm(&["run", "--silent", "check"]));
    suite.step("web pages: size", || ui::npm(&["run", "--silent", "size"]));
    suite.watch(
        "web pages: unit tests",
        command("npm", &["run", "--silent", "test"]).current_dir(root().join("ui")),
    );
}
