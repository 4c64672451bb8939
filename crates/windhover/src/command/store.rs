//! `windhover store …`: looks after what is stored.

mod ask;
mod folder;
mod stats;

use super::remote::Remote;
use crate::settings::Settings;
use anyhow::Context;
use clap::ArgMatches;

/// Runs the command.
pub fn run(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<()> {
    let (name, matches) = matches.subcommand().context("a subcommand is required")?;
    match name {
        "check" => return folder::check(matches),
        "repair" => return folder::repair(matches),
        _ => {}
    }
    let mut remote = Remote::new(matches.get_one("url").map(String::as_str), settings)?;
    match name {
        "delete" => ask::delete(&mut remote, matches),
        "snapshot" => ask::snapshot(&mut remote, matches),
        "restore" => ask::restore(&mut remote, matches),
        _ => stats::run(&mut remote, matches),
    }
}
