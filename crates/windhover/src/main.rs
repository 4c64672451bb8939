//! One program, many roles: reads the command line, finds the role, runs it.
//!
//! Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 problems found (`config check`, `import`); `check` exits as
//! monitoring plugins do.

// In a binary everything is reachable only from here; `pub` marks what a module offers to the others.
#![allow(unreachable_pub)]

mod beat;
mod cli;
mod command;
mod given;
mod logging;
mod notify;
#[cfg(all(test, feature = "server"))]
mod reference;
mod role;
mod selfwatch;
mod settings;
mod signals;
mod telling;

use clap::ArgMatches;
use settings::Settings;
use std::process::ExitCode;

fn main() -> ExitCode {
    // A child of this program, before anything that takes memory or time.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == selfwatch::profile::COMMAND
    {
        return selfwatch::profile::run_child(rest);
    }
    let matches = match cli::command_here().try_get_matches() {
        Ok(matches) => matches,
        Err(e) if e.use_stderr() && std::env::args().nth(1).is_some_and(|first| first == "check") => {
            return command::check::misused(&e);
        }
        Err(e) => e.exit(),
    };
    // These need no settings and must work where the settings are broken.
    match matches.subcommand() {
        Some(("check", matches)) => return command::check::run(matches),
        Some(("service", matches)) => return command::service::run(matches),
        Some(("completions", matches)) => return command::completions::run(matches),
        Some(("sniff", matches)) => return command::sniff::run(matches),
        Some(("man", _)) => return command::man::run(),
        Some(("config", matches)) => return command::config::run(matches),
        _ => {}
    }
    let deepest = matches.subcommand().map_or(&matches, |(_, inner)| inner);
    let settings = match cli::settings(deepest) {
        Ok(settings) => settings,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("windhover: {problem}"));
            return ExitCode::from(2);
        }
    };
    match dispatch(&matches, &settings) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("windhover: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The settings of this process's own command line, as they are now.
fn settings_again() -> Result<Settings, Vec<String>> {
    let matches = cli::command_here().get_matches();
    cli::settings(matches.subcommand().map_or(&matches, |(_, inner)| inner))
}

fn dispatch(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<ExitCode> {
    match matches.subcommand() {
        #[cfg(feature = "server")]
        Some(("export", matches)) => return command::export::run(matches, settings),
        #[cfg(feature = "server")]
        Some(("import", matches)) => return command::import::run(matches, settings),
        Some(("services", _)) => command::services::run(settings)?,
        Some(("doctor", _)) => return Ok(command::doctor::run(settings)),
        Some(("join", matches)) => command::join::run(matches, settings)?,
        Some(("agent", _)) => role::agent::run(settings)?,
        Some(("probe", matches)) => role::probe::run(matches, settings)?,
        Some(("monitor", matches)) => role::monitor::run(matches, settings)?,
        #[cfg(feature = "server")]
        Some(("server", _)) => role::server::run(settings)?,
        #[cfg(feature = "server")]
        Some(("relay", _)) => role::relay::run(settings)?,
        #[cfg(feature = "server")]
        Some(("agents", matches)) => command::agents::run(matches, settings)?,
        #[cfg(feature = "server")]
        Some(("sheets", matches)) => command::sheets::run(matches, settings)?,
        #[cfg(feature = "server")]
        Some(("store", matches)) => command::store::run(matches, settings)?,
        #[cfg(feature = "server")]
        Some(("query", matches)) => command::query::run(matches, settings)?,
        #[cfg(feature = "server")]
        _ => role::up::run(settings)?,
        #[cfg(not(feature = "server"))]
        _ => role::agent::run(settings)?,
    }
    Ok(ExitCode::SUCCESS)
}
