//! `windhover store …`: looks after what is stored.

mod stats;

use super::remote::Remote;
use crate::settings::Settings;
use anyhow::Context;
use clap::ArgMatches;

/// Runs the command.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let (name, matches) = matches.subcommand().context("a subcommand is required")?;
    let remote = || Remote::new(matches.get_one("url").map(String::as_str), settings);
    match name {
        "stats" => stats::run(&mut remote()?, matches),
        _ => anyhow::bail!("`store {name}` is not known"),
    }
}
