//! `windhover config check` and `windhover config show`.

use crate::cli;
use crate::settings::tables::TABLES;
use crate::settings::{SETTINGS, Settings};
use clap::ArgMatches;
use std::process::ExitCode;

/// Exit code for "the settings have problems".
const PROBLEMS_FOUND: u8 = 3;

/// Runs the subcommand.
pub fn run(matches: &ArgMatches) -> ExitCode {
    let (name, matches) = matches.subcommand().expect("a subcommand is required");
    match cli::settings(matches) {
        Ok(settings) if name == "show" => show(&settings),
        Ok(settings) => {
            println!("{} is fine", settings.file.map_or("the settings".into(), |f| f.display().to_string()))
        }
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            return ExitCode::from(PROBLEMS_FOUND);
        }
    }
    ExitCode::SUCCESS
}

fn show(settings: &Settings) {
    for setting in SETTINGS {
        let value = settings.text(setting.key);
        let value = if value.is_empty() { "-" } else { value };
        println!("{:<24} {:<20} {:<28} {}", setting.key, value, settings.origin(setting.key), setting.help);
    }
    for table in TABLES {
        for section in settings.sections(table.key) {
            println!(
                "{:<24} {:<20} {:<28} {}",
                format!("[[{}]]", table.key),
                "",
                section.place,
                table.summary
            );
        }
    }
}
