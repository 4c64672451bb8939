//! Where a service's standard output and error end, when that is no file of its own: the runtime of its container writes them
//! to one, or the journal takes them.
//!
//! Adding a runtime is a file in `output/` and a row in [`RUNTIMES`].

mod conmon;
mod docker;
mod journal;
mod kubernetes;
mod podman;

use crate::plan::{Source, Wrapped};
use crate::{Process, Root};
use logparse::Stream;

/// What is known of who writes.
#[derive(Debug)]
pub(crate) struct Writer<'p> {
    process: &'p Process,
    /// The files of the host.
    host: Root,
    /// The number of its container, all of it.
    container: Option<String>,
    /// Its control groups, one a line.
    groups: String,
    /// Which of both outputs it is, where they lead to two places.
    stream: Option<Stream>,
}

/// Where the lines are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// As the host names it; empty where it is no file.
    pub path: String,
    pub source: Source,
}

/// Whether a runtime has it and where; why its lines cannot be read when that is so.
type Find = fn(&Writer<'_>) -> Option<Result<Found, String>>;

/// Who may have taken the output, those first who know for sure.
const RUNTIMES: &[Find] = &[conmon::find, docker::find, kubernetes::find, podman::find, journal::find];

/// Finds what becomes of a process's descriptor 1 or 2.
pub(crate) fn find(process: &Process, number: u32) -> Option<Result<Found, String>> {
    let stream = match number {
        1 => Stream::Stdout,
        2 => Stream::Stderr,
        _ => return None,
    };
    let groups = process.control_groups();
    let writer = Writer {
        process,
        host: Root::new(process.machine.root.clone()),
        container: container_number(&groups).map(str::to_owned),
        groups,
        stream: Some(stream).filter(|_| !are_one(process)),
    };
    RUNTIMES.iter().find_map(|find| find(&writer))
}

/// Whether both outputs lead to the same place, a terminal perhaps: then a runtime cannot tell them apart.
fn are_one(process: &Process) -> bool {
    let (stdout, stderr) = (process.descriptor(1), process.descriptor(2));
    stdout.is_some() && stdout == stderr
}

/// The 64 digits that runtimes number containers by, in the name of a control group.
pub(crate) fn container_number(groups: &str) -> Option<&str> {
    let words = groups.split(|c: char| !c.is_ascii_alphanumeric());
    words.rev().find(|word| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl Writer<'_> {
    /// The file in an envelope.
    fn wrapped(&self, path: String, envelope: &'static str, labels: Vec<(&'static str, String)>) -> Found {
        Found { path, source: Source::Wrapped(Wrapped { envelope, stream: self.stream, labels }) }
    }
}

#[cfg(test)]
mod tests {
    use super::container_number;

    #[test]
    fn the_number_is_found_in_every_naming_of_control_groups() {
        let number = "0123456789abcdef".repeat(4);
        for groups in [
            format!("0::/system.slice/docker-{number}.scope\n"),
            format!("12:cpu:/docker/{number}\n1:name=systemd:/docker/{number}\n"),
            format!("0::/kubepods.slice/kubepods-pod0a1b_2c.slice/cri-containerd-{number}.scope\n"),
            format!("0::/machine.slice/libpod-{number}.scope/container\n"),
            format!("0::/kubepods/besteffort/pod0a1b-2c/{number}\n"),
            format!("0::/../crio-{number}.scope\n"),
        ] {
            assert_eq!(container_number(&groups), Some(number.as_str()), "{groups}");
        }
        assert_eq!(container_number("0::/system.slice/nginx.service\n"), None);
        assert_eq!(container_number(""), None);
    }
}
