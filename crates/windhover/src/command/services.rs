//! `windhover services`: which services of this host are found, what was understood of them, and what an agent would read
//! and ask. Nothing is started, and no agent need run.

use crate::settings::Settings;
use crate::settings::tables::services;
use clap::Command;
use collect::Host;
use discover::{Discovery, TreeBoard};
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};

/// The command line.
pub fn command() -> Command {
    Command::new("services")
        .about("Shows the services found on this host, and what would be read and asked of each")
        .after_help("Lines with `!` say what is missing and what helps. Run it as the agent's user to see what the agent sees.")
}

/// Prints the tree.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let found = find(settings)?;
    match found.tree().as_str() {
        "" => println!("No services were found that Windhover knows."),
        tree => print!("{tree}"),
    }
    Ok(())
}

/// Looks for services once.
pub fn find(settings: &Settings) -> anyhow::Result<Arc<TreeBoard>> {
    let options = services::options(settings).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    Ok(Discovery::once(&Host::this(), options, SystemClock.now_ms())?)
}
