//! Everything a developer or CI runs, by name: `cargo xtask <task>`.

// In a binary everything is reachable only from here; `pub` marks what a module offers to the others.
#![allow(unreachable_pub)]

mod bench;
mod dist;
mod docs;
mod fuzz;
mod run;
mod test;
#[cfg(test)]
mod tidy;
mod tools;
mod ui;

use std::process::ExitCode;

struct Task {
    name: &'static str,
    summary: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const TASKS: &[Task] = &[
    Task {
        name: "test",
        summary: "install what the tests need and run the whole suite, as CI does (--long: 1000 kills)",
        run: test::run,
    },
    Task { name: "ui", summary: "build the web pages into crates/ui", run: ui::run },
    Task { name: "docs", summary: "write the reference pages that follow from the tables", run: docs::run },
    Task { name: "fuzz", summary: "run every fuzz target for SECONDS (default 5)", run: fuzz::run },
    Task { name: "bench", summary: "measure, beside the peers, what the README claims", run: bench::run },
    Task {
        name: "dist",
        summary: "build release binaries and the Debian package into target/dist",
        run: dist::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(list) = std::env::var_os(dist::order::VARIABLE) {
        return ended("as the linker", dist::order::link(list.as_ref(), &arguments));
    }
    let wanted = arguments.first().map_or("", String::as_str);
    let Some(task) = TASKS.iter().find(|task| task.name == wanted) else {
        eprintln!("usage: cargo xtask <task>\n");
        TASKS.iter().for_each(|task| eprintln!("  {:<6} {}", task.name, task.summary));
        return ExitCode::from(2);
    };
    ended(task.name, (task.run)(&arguments[1..]))
}

fn ended(name: &str, outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {name}: {why}");
            ExitCode::FAILURE
        }
    }
}
