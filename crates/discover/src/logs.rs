//! Where a log of a service is for us.

use crate::Process;
use crate::output;
use crate::plan::{Part, Source, Work};
use crate::root::glob::is_pattern;
use crate::root::path;
use std::path::PathBuf;

/// A log's place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The folder of ours where `path` begins.
    pub root: PathBuf,
    /// Below it; may be a pattern.
    pub path: String,
    /// As the service names it.
    pub named: String,
    /// How its lines are kept there.
    pub source: Source,
}

/// Finds it; says why when it cannot be read as a file.
pub(crate) fn place(process: &Process, log: &str) -> Result<Place, String> {
    let log = process.absolute(log);
    let followed = follow(process, &log)?;
    match descriptor(&followed) {
        Some(number) => descriptor_place(process, number, &log),
        None if followed == "/dev/null" => Err(format!("{log} is thrown away: it leads to /dev/null")),
        // A link is followed each time the log is opened where that gives the same file for us.
        None => {
            let path = if process.is_of_host() { log.clone() } else { followed };
            Ok(Place { root: process.root.folder().to_owned(), path, named: log, source: Source::Plain })
        }
    }
}

/// The log's path with links followed: of a pattern, those of the folders before the first wildcard.
fn follow(process: &Process, log: &str) -> Result<String, String> {
    let told = |error: std::io::Error| format!("cannot find {log}: {error}");
    let mut plain = log;
    while is_pattern(plain) {
        plain = path::folder(plain);
    }
    let followed = process.root.resolve_until(plain, &["/dev/stdout", "/dev/stderr"]).map_err(told)?;
    Ok(match log.strip_prefix(plain) {
        Some("") | None => followed,
        Some(rest) => path::join(&followed, rest.trim_start_matches('/')),
    })
}

/// The number of the descriptor that a path stands for.
fn descriptor(path: &str) -> Option<u32> {
    match path {
        "/dev/stdout" => Some(1),
        "/dev/stderr" => Some(2),
        _ => {
            let (before, number) = path.rsplit_once("/fd/")?;
            (before == "/dev" || before.starts_with("/proc/")).then(|| number.parse().ok())?
        }
    }
}

/// What a descriptor writes to: a file, which the shell or systemd may have opened, else what a runtime or the journal makes
/// of it.
fn descriptor_place(process: &Process, number: u32, log: &str) -> Result<Place, String> {
    let target = process.descriptor(number);
    let path = target.as_deref().map(|target| process.machine.inside(target)).unwrap_or_default();
    let named = log.to_owned();
    if path.starts_with('/') && !path.starts_with("/dev/") {
        return Ok(Place { root: process.machine.root.clone(), path, named, source: Source::Plain });
    }
    let told = |why| format!("{log} is descriptor {number}: {why}");
    if path != "/dev/null"
        && let Some(found) = output::find(process, number)
    {
        let output::Found { path, source } = found.map_err(told)?;
        return Ok(Place { root: process.machine.root.clone(), path, named, source });
    }
    Err(match target {
        None => format!("{log} is descriptor {number}, and where that leads is hidden from the agent"),
        Some(_) => format!("{log} is descriptor {number}, which is no file but {path}"),
    })
}

/// Sees to it that a file which fits the patterns of several logs is that of the narrowest: a log's own name before a
/// pattern, among patterns the one with more letters.
pub(crate) fn part_patterns(parts: &mut [Part]) {
    let paths = parts.iter().filter_map(|part| match &part.work {
        Work::Log(log) => Some((log.root.clone(), log.path.clone())),
        _ => None,
    });
    let paths: Vec<_> = paths.collect();
    for part in parts {
        let Work::Log(log) = &mut part.work else { continue };
        if is_pattern(&log.path) {
            let is_narrower = |other: &str| letters(other) > letters(&log.path);
            let others = paths.iter().filter(|(root, path)| *root == log.root && is_narrower(path));
            let overlapping = others.filter(|(_, path)| may_overlap(&log.path, path));
            log.except = overlapping.map(|(_, path)| path.clone()).collect();
        }
    }
}

/// What a pattern says for sure; all of a path without wildcards, and more than any pattern.
fn letters(path: &str) -> (bool, usize) {
    (!is_pattern(path), path.chars().filter(|c| !matches!(c, '*' | '?')).count())
}

/// Whether both may stand for one file: their folders fit and the names begin and end alike.
fn may_overlap(pattern: &str, other: &str) -> bool {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let (other_folder, other_name) = other.rsplit_once('/').unwrap_or(("", other));
    let is_same = folder == other_folder || is_pattern(folder) || is_pattern(other_folder);
    let ends = |text: &str| text.rsplit(['*', '?', ']']).next().unwrap_or("").to_owned();
    let (end, other_end) = (ends(name), ends(other_name));
    is_same && (end.ends_with(&other_end) || other_end.ends_with(&end))
}
