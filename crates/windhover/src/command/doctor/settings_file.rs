//! Which settings hold. That they can be read at all is known before any step.

use super::Finding;
use crate::role;
use crate::settings::Settings;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let from = match &settings.file {
        Some(path) => path.display().to_string(),
        None => "no file (--config FILE): defaults, environment and flags hold".to_owned(),
    };
    let mut findings = vec![Finding::fine(from), host(settings)];
    if let Some(token) = settings.path("agent.token_file") {
        findings.push(match role::token(settings) {
            Ok(_) if role::is_readable_by_others(&token) => Finding::doubtful(
                format!("others may read the token in {}", token.display()),
                format!("chmod 600 {}", token.display()),
            ),
            Ok(_) => Finding::fine(format!("the token is in {}", token.display())),
            Err(e) => {
                Finding::broken(format!("no token: {e:#}"), "write the token into the file's first line")
            }
        });
    }
    findings
}

fn host(settings: &Settings) -> Finding {
    match role::host_name(settings) {
        name if name.is_empty() => {
            Finding::broken("this host has no name", "set `host`, or the system's host name")
        }
        name if name == "localhost" => Finding::doubtful(
            "this host is called `localhost`, as others may be",
            "set `host`, or the system's host name",
        ),
        name => Finding::fine(format!("this host is called `{name}`")),
    }
}
