//! What the file's tables ask of the collectors.

use super::Settings;
use super::tables::{FALCON_MONITOR, PROCESS, Section};
use collect::options::falcon::Monitor;
use collect::options::process::{Field, Rule};

/// Says what is wrong with the tables, if anything is.
pub fn check(settings: &Settings) -> Result<(), String> {
    process_rules(settings)?;
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

/// Groups of processes. An error names the place.
pub fn process_rules(settings: &Settings) -> Result<Vec<Rule>, String> {
    let rule = |section: &Section| {
        let patterns = Field::ALL.into_iter().map(|(name, field)| (field, section.texts(name)));
        Rule::new(section.text("group"), patterns, section.switch("pss"))
            .map_err(|why| format!("{}: {PROCESS}: {why}", section.place))
    };
    settings.sections(PROCESS).map(rule).collect()
}
