//! The program's own log: one line an event, on standard error.

use crate::settings::Settings;
use tracing::Level;

/// Starts logging. Called once, before anything that may log.
pub fn start(settings: &Settings) {
    let level = match settings.text("log.level") {
        "error" => Level::ERROR,
        "warn" => Level::WARN,
        "debug" => Level::DEBUG,
        "trace" => Level::TRACE,
        _ => Level::INFO,
    };
    let builder =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    match settings.text("log.format") {
        "json" => builder.json().flatten_event(true).init(),
        _ => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
    }
}
