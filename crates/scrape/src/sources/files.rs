//! Files with targets, as Prometheus' file discovery has them: a list of `targets` and their `labels`, in JSON or YAML.

mod json;
#[cfg(test)]
mod tests;
mod yaml;

use super::Found;
use crate::target::Group;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Longest file of targets, in bytes.
pub(super) const FILE_BYTES_MAX: u64 = 16 << 20;
/// Most files that patterns may stand for.
const FILES_MAX: usize = 1000;

/// Patterns, and what their files said last.
#[derive(Debug)]
pub(crate) struct Files {
    patterns: Vec<String>,
    known: BTreeMap<PathBuf, Known>,
}

#[derive(Debug)]
struct Known {
    /// Size, inode and change of the file when it was read.
    print: (u64, u64, i64, i64),
    groups: Vec<Group>,
    problem: String,
}

impl Files {
    pub(super) fn new(patterns: Vec<String>) -> Self {
        Self { patterns, known: BTreeMap::new() }
    }

    pub(super) fn look(&mut self) -> Found {
        let mut problems = Vec::new();
        let mut paths: Vec<PathBuf> = Vec::new();
        for pattern in &self.patterns {
            match paths_of(pattern) {
                Ok(found) => paths.extend(found),
                Err(why) => problems.push(why),
            }
        }
        if paths.len() > FILES_MAX {
            problems.push(format!("{} files, the first {FILES_MAX} of them are read", paths.len()));
            paths.truncate(FILES_MAX);
        }
        let before = self.known.len();
        self.known.retain(|path, _| paths.contains(path));
        let mut has_changed = self.known.len() < before;
        for path in paths {
            has_changed |= self.read(path);
        }
        let wrong = self.known.iter().filter(|(_, known)| !known.problem.is_empty());
        problems.extend(wrong.map(|(path, known)| format!("{}: {}", path.display(), known.problem)));
        let groups =
            has_changed.then(|| self.known.values().flat_map(|known| known.groups.clone()).collect());
        Found { groups, problems }
    }

    /// Reads a file that has changed; gives whether its groups have. A file that cannot be read keeps what it said.
    fn read(&mut self, path: PathBuf) -> bool {
        let print =
            fs::metadata(&path).map(|m| (m.size(), m.ino(), m.mtime(), m.mtime_nsec())).unwrap_or_default();
        if self.known.get(&path).is_some_and(|known| known.print == print && print.0 > 0) {
            return false;
        }
        let read = text(&path).and_then(|text| groups(&path, &text));
        let known =
            self.known.entry(path).or_insert(Known { print, groups: Vec::new(), problem: String::new() });
        known.print = print;
        match read {
            Ok(groups) => {
                known.problem.clear();
                let has_changed = known.groups != groups;
                known.groups = groups;
                has_changed
            }
            Err(why) => {
                known.problem = why;
                false
            }
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|e| e.to_string())?;
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|e| e.to_string())?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("longer than {FILE_BYTES_MAX} bytes"));
    }
    Ok(text)
}

/// How many targets a file of this name with this text has, for those who look before it is read.
///
/// # Errors
/// What is wrong with it, for people.
pub fn count_targets(path: &Path, text: &str) -> Result<usize, String> {
    groups(path, text).map(|groups| groups.iter().map(|group| group.addresses.len()).sum())
}

fn groups(path: &Path, text: &str) -> Result<Vec<Group>, String> {
    let mut groups = match path.extension().and_then(|e| e.to_str()) {
        Some("json") => json::groups(text)?,
        Some("yml" | "yaml") => yaml::groups(text)?,
        _ => return Err("its name ends in none of .json, .yml and .yaml".to_owned()),
    };
    let shown = path.display().to_string();
    groups.iter_mut().for_each(|group| group.labels.push(("__meta_filepath".into(), shown.clone())));
    Ok(groups)
}

/// The files that a pattern stands for, in order.
fn paths_of(pattern: &str) -> Result<Vec<PathBuf>, String> {
    let path = Path::new(pattern);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !name.contains('*') {
        return Ok(vec![path.to_owned()]);
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut paths: Vec<PathBuf> =
        names.filter(|n| n.to_str().is_some_and(|n| fits(name, n))).map(|n| folder.join(n)).collect();
    paths.sort();
    Ok(paths)
}

/// Whether a name is what the pattern says, `*` standing for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
