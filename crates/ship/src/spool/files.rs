//! Names on disk.
//!
//! ```text
//! <folder>/agent-id                     32 hexadecimal digits
//! <folder>/<number>.whs                 a segment: 16 hexadecimal digits, older ones sort first
//! <folder>/<number>.whm                 its second copy
//! <folder>/quarantine/<number>.whs      a segment that a server refused, or whose header is damaged
//! <folder>/quarantine/<number>.txt      why: the server's answer
//! ```

use std::path::{Path, PathBuf};

/// The end of a segment's name.
const SEGMENT: &str = ".whs";
/// The end of the name of its second copy.
const MIRROR: &str = ".whm";
/// Names by copy.
pub(crate) const COPIES: [fn(&Path, u64) -> PathBuf; 2] = [segment, mirror];

pub(crate) fn agent_id(folder: &Path) -> PathBuf {
    folder.join("agent-id")
}

pub(crate) fn segment(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}{SEGMENT}"))
}

pub(crate) fn mirror(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}{MIRROR}"))
}

pub(crate) fn quarantine(folder: &Path) -> PathBuf {
    folder.join("quarantine")
}

/// The text beside a segment of the quarantine.
pub(crate) fn reason(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}.txt"))
}

/// Whether a name in the quarantine is one of ours.
pub(crate) fn is_quarantined(name: &str) -> bool {
    let segment = name.strip_suffix(".txt").map(|number| format!("{number}{SEGMENT}"));
    number(segment.as_deref().unwrap_or(name), SEGMENT).is_some()
}

/// The number in the name of a segment's file, and which copy it is; `None` for anything else.
pub(crate) fn parse(name: &str) -> Option<(u64, usize)> {
    [SEGMENT, MIRROR].iter().enumerate().find_map(|(copy, end)| Some((number(name, end)?, copy)))
}

fn number(name: &str, end: &str) -> Option<u64> {
    let digits = name.strip_suffix(end)?;
    let plain =
        digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if plain { u64::from_str_radix(digits, 16).ok() } else { None }
}
