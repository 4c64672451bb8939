//! `windhover completions SHELL`.

use clap::ArgMatches;
use std::process::ExitCode;

/// Prints the completion script.
pub fn run(matches: &ArgMatches) -> ExitCode {
    let shell = *matches.get_one::<clap_complete::Shell>("shell").expect("the argument is required");
    clap_complete::generate(shell, &mut crate::cli::command(), "windhover", &mut std::io::stdout());
    ExitCode::SUCCESS
}
