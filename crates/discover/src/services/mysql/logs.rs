//! MySQL's error log and slow log.

use super::options::Options;
use crate::Inspection;
use crate::inspection::messages::STDERR;
use crate::root::path;
use crate::text::is_yes;

/// Adds both, or says why they are not read.
pub(super) fn plan(inspection: &mut Inspection<'_>, options: &Options) {
    let value =
        |names: &[&str]| names.iter().find_map(|name| options.get(*name)).map(|(value, _)| value.as_str());
    let working = inspection.process.folder.clone();
    let folder = value(&["datadir"]).map(str::to_owned).or(working).unwrap_or_default();
    let errors = match value(&["log_error"]) {
        None | Some("stderr") => STDERR.to_owned(),
        // Without a name it is that of the host.
        Some("on") => path::join(&folder, "*.err"),
        Some(name) if path::name(name).contains('.') => path::join(&folder, name),
        Some(name) => path::join(&folder, &format!("{name}.err")),
    };
    inspection.messages(&errors, "mysql-error", "log_error", "");
    if !value(&["slow_query_log", "log_slow_query"]).is_some_and(is_yes) {
        return;
    }
    let output = value(&["log_output"]).unwrap_or("FILE").to_ascii_uppercase();
    if !output.contains("FILE") {
        inspection.fact("slow log not read", format!("it is written to {output}"));
        return;
    }
    let slow = value(&["slow_query_log_file", "log_slow_query_file"]).unwrap_or("*-slow.log");
    inspection.messages(&path::join(&folder, slow), "mysql-slow", "slow_query_log", "");
}
