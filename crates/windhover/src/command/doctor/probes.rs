//! The probe and the monitor of this host: whether they can be heard, and who answers.

use super::Finding;
use crate::role::watching::{monitoring, probing};
use crate::settings::Settings;
use std::time::Duration;

/// How long answers are waited for.
const WAIT: Duration = Duration::from_millis(1500);

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let (listen, monitors) = (settings.texts("probe.listen"), settings.switch("monitor.on"));
    let mut findings: Vec<Finding> = listen.iter().map(|listen| heard(settings, listen)).collect();
    if monitors {
        findings.extend(asked(settings));
    }
    if findings.is_empty() {
        findings
            .push(Finding::fine("neither a probe nor a monitor: probe.listen and monitor.on are not set"));
    }
    findings
}

fn heard(settings: &Settings, listen: &str) -> Finding {
    let heard = probing::port(settings).map_err(|e| e.to_string()).and_then(|port| {
        probe::can_hear(listen, port).map(|()| format!("the probe can hear pings at {listen} port {port}"))
    });
    heard.map_or_else(|why| Finding::broken(why, "mend probe.listen and probe.port"), Finding::fine)
}

fn asked(settings: &Settings) -> Vec<Finding> {
    let options = match monitoring::options(settings) {
        Ok(options) => options,
        Err(error) => return vec![Finding::broken(error.to_string(), "mend the settings")],
    };
    let ask = |target: &probe::Target| match probe::ask(target, options.port, &options.word, WAIT) {
        Ok(who) if who.is_empty() => Finding::doubtful(
            format!("no probe answers in {}", target.name),
            "see that probes run there and that UDP may pass",
        ),
        Ok(who) => Finding::fine(format!("{} probes answer in {}", who.len(), target.name)),
        Err(why) => Finding::broken(format!("{}: {why}", target.name), "see monitor.to and probe.port"),
    };
    options.targets.iter().map(ask).collect()
}
