//! What runtimes of Kubernetes write (containerd, CRI-O), and Podman's driver `k8s-file`: `TIME stdout F text`. `P` says that
//! the line goes on with the next of its stream; more tags may stand behind colons.

use super::{Inner, Row, Stream};
use memchr::memchr;

pub(super) static ROW: Row = Row {
    name: "cri",
    summary: "runtimes of Kubernetes (containerd, CRI-O), and Podman's driver `k8s-file`",
    example: "2026-11-22T08:14:03.120450017Z stdout F GET / 200",
    open,
};

/// Longest time: with nine digits behind the point and a zone.
const TIME_BYTES_MAX: usize = 40;

fn open(line: &mut [u8]) -> Option<Inner> {
    let time = memchr(b' ', &line[..line.len().min(TIME_BYTES_MAX)])?;
    if time < 19 || !line[0].is_ascii_digit() || line[10] != b'T' {
        return None;
    }
    let rest = &line[time + 1..];
    let stream = Stream::named(rest.get(..6)?)?;
    let tags = rest[6..].strip_prefix(b" ")?;
    let end = memchr(b' ', tags).unwrap_or(tags.len());
    let is_whole = match &tags[..end] {
        [b'F'] | [b'F', b':', ..] => true,
        [b'P'] | [b'P', b':', ..] => false,
        _ => return None,
    };
    let start = (time + 1 + 7 + end + 1).min(line.len());
    Some(Inner { text: start..line.len(), stream, is_whole })
}
