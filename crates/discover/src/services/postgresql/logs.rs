//! Where PostgreSQL's messages go: files of its own collector, or wherever its standard error leads.

use super::settings::{Settings, pattern_of_time};
use crate::Inspection;
use crate::inspection::messages::STDERR;
use crate::root::path;
use crate::text::is_yes;

/// What lines begin with when nobody says otherwise.
const PREFIX: &str = "%m [%p] ";
/// Ways to write messages down, the one that tells most first; all of them are the same messages.
const DESTINATIONS: [&str; 3] = ["csvlog", "jsonlog", "stderr"];

/// Adds the log, or why it is not read.
pub(super) fn plan(inspection: &mut Inspection<'_>, settings: &Settings, data: &str) {
    let told = settings.get("log_destination").unwrap_or("stderr").to_ascii_lowercase();
    let is_told = |name: &&&str| told.split(',').any(|word| word.trim() == **name);
    let Some(destination) = DESTINATIONS.iter().find(is_told) else {
        inspection.fact("messages not read", format!("they go to {told}, not to a file"));
        return;
    };
    tell_language(inspection, settings);
    let prefix = settings.get("log_line_prefix").unwrap_or(PREFIX).to_owned();
    if !settings.get("logging_collector").is_some_and(is_yes) {
        inspection.messages(STDERR, "postgresql", "log_line_prefix", &prefix);
        return;
    }
    let format = if *destination == "stderr" { prefix.as_str() } else { destination };
    let name = if *destination == "stderr" { "log_line_prefix" } else { "log_destination" };
    let pattern = pattern(settings, data, destination);
    inspection.messages(&pattern, "postgresql", name, format);
}

/// Severities are words of the server's language, and so is what happened.
fn tell_language(inspection: &mut Inspection<'_>, settings: &Settings) {
    let language = settings.get("lc_messages").unwrap_or_default();
    let is_known = ["C", "POSIX", "en"].iter().any(|known| language.starts_with(known));
    if !language.is_empty() && !is_known {
        inspection.problem(format!(
            "messages are in another language than English ({}, lc_messages = {language}) and are not understood: set \
             lc_messages = 'C'",
            settings.origin("lc_messages")
        ));
    }
}

/// All files of a destination. Those that are no plain text end otherwise than the setting says.
fn pattern(settings: &Settings, data: &str, destination: &str) -> String {
    let folder = path::join(data, settings.get("log_directory").unwrap_or("log"));
    let name = settings.get("log_filename").unwrap_or("postgresql-%Y-%m-%d_%H%M%S.log");
    let pattern = pattern_of_time(name);
    let plain = pattern.strip_suffix(".log").unwrap_or(&pattern);
    path::join(
        &folder,
        &match destination {
            "csvlog" => format!("{plain}.csv"),
            "jsonlog" => format!("{plain}.json"),
            _ => pattern,
        },
    )
}
