//! `windhover man`.

use std::process::ExitCode;

/// Prints the manual page (roff).
pub fn run() -> ExitCode {
    match clap_mangen::Man::new(crate::cli::command()).render(&mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("windhover: {e}");
            ExitCode::FAILURE
        }
    }
}
