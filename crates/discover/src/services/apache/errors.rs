//! Where Apache tells errors: ErrorLog of the server and of each virtual host.

use super::logs::piped;
use super::syntax::Directive;
use crate::Inspection;
use crate::root::path;

/// Adds each file once.
pub(super) fn plan(inspection: &mut Inspection<'_>, all: &[Directive], root: &str) {
    let hosts = all.iter().filter(|it| it.is("<VirtualHost")).flat_map(|host| &host.block);
    let (mut targets, mut has_format) = (Vec::new(), false);
    for directive in all.iter().chain(hosts) {
        if directive.is("ErrorLog") {
            targets.extend(directive.words.get(1).cloned());
        }
        // With one argument it is the format of messages; with two, of what goes before them.
        has_format |= directive.is("ErrorLogFormat") && directive.words.len() == 2;
    }
    if has_format {
        inspection.fact("messages not read", "ErrorLogFormat gives them a format of their own");
        return;
    }
    targets.sort_unstable();
    targets.dedup();
    for target in targets {
        let file = match target.strip_prefix('|') {
            Some(command) => piped(command.trim_start_matches(['|', '$'])),
            None => Some(target.clone()).filter(|file| !file.starts_with("syslog") && !file.contains("${")),
        };
        match file {
            Some(file) => inspection.messages(&path::join(root, &file), "apache-error", "ErrorLog", ""),
            None => inspection.fact("messages not read", format!("they go to {target}, not to a file")),
        }
    }
}
