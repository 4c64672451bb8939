//! The services that discovery finds, and what it lacks to monitor each of them fully.

use super::Finding;
use crate::settings::Settings;
use model::Standings;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    if !settings.switch("discover.enabled") {
        return vec![Finding::fine("not looked for: discover.enabled is false")];
    }
    let found = match crate::command::services::find(settings) {
        Ok(found) => found,
        Err(error) => return vec![Finding::doubtful(format!("services cannot be looked for: {error}"), "")],
    };
    let mut findings = vec![Finding::fine(match found.count() {
        0 => "none found".to_owned(),
        1 => "1 found; `windhover services` shows it".to_owned(),
        count => format!("{count} found; `windhover services` shows them"),
    })];
    let doubtful = found.standings().into_iter().filter(|standing| !standing.problem.is_empty());
    findings.extend(doubtful.map(|it| Finding::doubtful(format!("{}: {}", it.name, it.problem), "")));
    findings
}
