//! What the file's tables ask of the collectors.

use super::Settings;
use super::tables::{FALCON_MONITOR, Section};
use collect::options::falcon::Monitor;

/// Says what is wrong with the tables, if anything is.
pub fn check(settings: &Settings) -> Result<(), String> {
    monitors(settings).map(drop)
}

/// Open-Falcon's monitors. An error names the place.
pub fn monitors(settings: &Settings) -> Result<Vec<Monitor>, String> {
    let monitor = |section: &Section| {
        Monitor::parse(section.text("metric"), section.text("tags"), section.duration("every"))
            .map_err(|why| format!("{}: {FALCON_MONITOR}: {why}", section.place))
    };
    settings.sections(FALCON_MONITOR).map(monitor).collect()
}
