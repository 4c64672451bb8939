//! Where nginx tells errors: `error_log` at any level, else the place that was compiled in.

use super::invocation::Places;
use super::syntax::Directive;
use crate::Inspection;
use crate::inspection::messages::STDERR;
use crate::root::path;

/// Adds each file once.
pub(super) fn plan(inspection: &mut Inspection<'_>, all: &[Directive], places: &Places) {
    let mut targets = Vec::new();
    all.iter().for_each(|directive| find(directive, &mut targets));
    let is_main = |directive: &Directive| directive.name() == "error_log";
    // A guess that is wrong would only be told as missing.
    if !all.iter().any(is_main) && inspection.process.root.exists(&places.error_log) {
        targets.push(&places.error_log);
    }
    targets.sort_unstable();
    targets.dedup();
    for target in targets {
        match target {
            "stderr" => inspection.messages(STDERR, "nginx-error", "error_log", ""),
            _ if target.starts_with("syslog:") || target.starts_with("memory:") => {
                inspection.fact("messages not read", format!("they go to {target}, not to a file"));
            }
            file => inspection.messages(&path::join(&places.prefix, file), "nginx-error", "error_log", ""),
        }
    }
}

fn find<'d>(directive: &'d Directive, targets: &mut Vec<&'d str>) {
    if directive.name() == "error_log" {
        targets.extend(directive.arguments().first().map(String::as_str));
    }
    directive.children().iter().for_each(|child| find(child, targets));
}
