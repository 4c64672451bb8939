//! Which files a pattern finds.

pub(super) mod generations;

use super::Spec;
use crate::tail::{is_beside, locate, told};
use crate::telemetry;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Most files of one watch.
const FILES_MAX: usize = 256;
/// Most names of folders that are looked at for one pattern.
const NAMES_MAX: usize = 100_000;

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Paths that are followed whether they exist or not.
    plain: Vec<PathBuf>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) paths: Vec<PathBuf>,
    /// Those that are not followed because newer ones of their kind are.
    pub(super) old: Vec<PathBuf>,
    /// Why not all of them are followed; empty when they are.
    pub(super) problem: String,
}

impl Files {
    /// Looks all patterns up.
    pub(super) fn find(&mut self, spec: &Spec, now_ms: i64) -> Found {
        let mut found = Found::default();
        self.plain.clear();
        for pattern in &spec.patterns {
            if is_glob(pattern) {
                let mut names_left = NAMES_MAX;
                let all = expand(&spec.root, Path::new(pattern), &mut names_left);
                if all.is_empty() {
                    found.problem = why_none(&spec.root, pattern);
                }
                let mut logs: Vec<PathBuf> = all.iter().filter(|path| is_log(path, &all)).cloned().collect();
                found.old.extend(generations::take_old(&mut logs, now_ms));
                found.paths.extend(logs);
            } else {
                let path = spec.root.join(pattern.trim_start_matches('/'));
                self.plain.push(path.clone());
                found.paths.push(path);
            }
        }
        for pattern in &spec.except {
            let others = expand(&spec.root, Path::new(pattern), &mut { NAMES_MAX });
            found.paths.retain(|path| !others.contains(path));
        }
        found.paths.sort();
        found.paths.dedup();
        if let Some(over) = found.paths.len().checked_sub(FILES_MAX).filter(|over| *over > 0) {
            telemetry::FILES_REFUSED.add(over as u64);
            found.problem = format!("{over} files are not followed: at most {FILES_MAX} are allowed");
            found.paths.truncate(FILES_MAX);
        }
        found
    }

    /// Whether a path is only followed while it exists.
    pub(super) fn is_of_a_glob(&self, path: &Path) -> bool {
        self.plain.iter().all(|plain| plain != path)
    }
}

/// Why a pattern finds nothing: mostly there is no such file, but its folder may be closed to us, too.
fn why_none(root: &Path, pattern: &str) -> String {
    let plain: PathBuf = Path::new(pattern)
        .components()
        .take_while(|part| part.as_os_str().to_str().is_some_and(|part| !is_glob(part)))
        .collect();
    let folder = root.join(plain.strip_prefix("/").unwrap_or(&plain));
    match locate(root, &folder).and_then(fs::read_dir) {
        Err(why) if why.kind() == io::ErrorKind::PermissionDenied => told(Path::new(pattern), &why),
        _ => told(Path::new(pattern), &io::ErrorKind::NotFound.into()),
    }
}

/// Packed files and those that another one of the same pattern became are left out.
fn is_log(path: &Path, all: &[PathBuf]) -> bool {
    const PACKED: [&str; 7] = ["gz", "bz2", "xz", "zst", "lz4", "zip", "swp"];
    let is_packed =
        path.extension().is_some_and(|extension| PACKED.iter().any(|packed| extension == *packed));
    !is_packed && !all.iter().any(|other| is_beside(other, path))
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// Every file that a pattern stands for, as a shell would find it.
pub(crate) fn expand(root: &Path, pattern: &Path, names_left: &mut usize) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    for part in pattern.components() {
        let Component::Normal(part) = part else { continue };
        let Some(part) = part.to_str() else { return Vec::new() };
        if is_glob(part) {
            found = found.iter().flat_map(|folder| names(root, folder, part, names_left)).collect();
        } else {
            found.iter_mut().for_each(|path| path.push(part));
        }
    }
    found.retain(|path| locate(root, path).and_then(fs::metadata).is_ok_and(|found| found.is_file()));
    found
}

fn names(root: &Path, folder: &Path, pattern: &str, names_left: &mut usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(real) = locate(root, folder) else { return found };
    for entry in fs::read_dir(real).into_iter().flatten().flatten() {
        if *names_left == 0 {
            break;
        }
        *names_left -= 1;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if fits(pattern.as_bytes(), name.as_bytes()) && (!name.starts_with('.') || pattern.starts_with('.')) {
            found.push(folder.join(entry.file_name()));
        }
    }
    found.sort();
    found
}

/// Whether a name fits a pattern of `*`, `?` and `[a-z]`, `[!a-z]`. Steps are bounded by the product of both lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match one(&pattern[p..], name[n]) {
            Some(len) => (p, n) = (p + len, n + 1),
            None if pattern.get(p) == Some(&b'*') => {
                star = Some((p + 1, n));
                p += 1;
            }
            None => match star {
                Some((after, at)) => {
                    star = Some((after, at + 1));
                    (p, n) = (after, at + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// How long the first part of a pattern is, if it is for one byte and that byte fits.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'*', ..] | [] => None,
        [b'?', ..] => Some(1),
        [b'[', rest @ ..] => {
            // A bracket that stands first in the set belongs to it.
            let Some(end) = rest.iter().skip(1).position(|b| *b == b']').map(|end| end + 1) else {
                return (byte == b'[').then_some(1);
            };
            let (set, is_not) = match rest[..end].strip_prefix(b"!").or(rest[..end].strip_prefix(b"^")) {
                Some(set) => (set, true),
                None => (&rest[..end], false),
            };
            (is_in(set, byte) != is_not).then_some(end + 2)
        }
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [literal, ..] => (*literal == byte).then_some(1),
    }
}

fn is_in(mut set: &[u8], byte: u8) -> bool {
    while let [first, rest @ ..] = set {
        if let [b'-', last, after @ ..] = rest {
            if (*first..=*last).contains(&byte) {
                return true;
            }
            set = after;
        } else {
            if *first == byte {
                return true;
            }
            set = rest;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, name, wanted) in [
            ("*.log", "access.log", true),
            ("*.log", "access.log.1", false),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x[!0-9]", "bxz", true),
            ("[a-c]x[!0-9]", "bx7", false),
            ("[]]", "]", true),
            ("[", "[", true),
            ("\\*", "*", true),
            ("*", "", true),
            ("***a", "bbba", true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn rotated_and_packed_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.log", "a.log.1", "a.log.2.gz", "b.log", "c.log.7", ".d.log"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let pattern = format!("{}/*.log*", folder.path().display());
        let all = expand(Path::new("/"), Path::new(&pattern), &mut 1000);
        let logs: Vec<String> = all
            .iter()
            .filter(|path| is_log(path, &all))
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(logs, ["a.log", "b.log", "c.log.7"]);
    }
}
