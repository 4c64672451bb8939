//! Podman and CRI-O give each container a `conmon`, which takes its output and says in its command line where to:
//! `-l k8s-file:/path/ctr.log`, `-l journald`, or a path alone.

use super::{Found, Writer};
use crate::machine::Machine;
use crate::plan::Source;
use std::fs;

/// How far up it is looked for.
const PARENTS_MAX: usize = 16;

pub(super) fn find(writer: &Writer<'_>) -> Option<Result<Found, String>> {
    let number = writer.container.as_deref()?;
    let arguments = arguments(&writer.process.machine, writer.process.parent)?;
    let all = arguments.iter().zip(arguments.iter().skip(1));
    let logs =
        all.filter(|(name, _)| *name == "-l" || *name == "--log-path").map(|(_, value)| value.as_str());
    let name = crate::process::option(&arguments, &["-n", "--name"]);
    let mut why = None;
    for log in logs {
        let (driver, path) =
            log.split_once(':').unwrap_or(if log.starts_with('/') { ("", log) } else { (log, "") });
        match driver {
            "" | "k8s-file" | "json-file" if path.starts_with('/') => {
                // Names that CRI-O gives are made of what the path says, too.
                let is_own = !path.contains("/pods/");
                let name = name.filter(|_| is_own).map(|name| ("container_name", name));
                return Some(Ok(writer.wrapped(path.to_owned(), "cri", name.into_iter().collect())));
            }
            "journald" => {
                let source = Source::Journal(format!("CONTAINER_ID_FULL={number}"));
                return Some(Ok(Found { path: String::new(), source }));
            }
            driver => {
                why = Some(format!(
                    "its container's output goes to the log driver `{driver}`: nobody can read it"
                ))
            }
        }
    }
    why.map(Err)
}

/// The command line of the `conmon` among a process and those above it.
fn arguments(machine: &Machine, mut pid: u32) -> Option<Vec<String>> {
    for _ in 0..PARENTS_MAX {
        if pid <= 1 {
            return None;
        }
        let folder = machine.process(pid);
        let stat = fs::read_to_string(folder.join("stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        if name == "conmon" {
            let text = fs::read_to_string(folder.join("cmdline")).ok()?;
            return Some(text.split('\0').map(str::to_owned).collect());
        }
        pid = rest.split_whitespace().nth(1)?.parse().ok()?;
    }
    None
}
