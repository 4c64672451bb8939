//! Paths as somebody sees them whose `/` is a folder of ours: a container, a process in a root of its own.
//!
//! A link to `/opt/x` in there leads to its own `/opt`, but the kernel would follow it from our root (`openat2` with
//! `RESOLVE_IN_ROOT` would not; it is younger than the kernels we run on). So links are followed here.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

/// Most symbolic links followed on the way to a file, as in the kernel.
const LINKS_MAX: usize = 40;

/// The path without links or dots, as seen inside. What is not there stays as it is written, so that a file that will be
/// made has a place. Links at which `is_end` says so, and those below `/proc`, which lead to no path, are not followed.
///
/// # Errors
/// When there are more links than the kernel would follow.
pub fn resolve(root: &Path, path: &str, is_end: impl Fn(&str) -> bool) -> io::Result<String> {
    let mut left: VecDeque<String> = parts(path).collect();
    let mut at = String::new();
    let mut links = 0;
    while let Some(part) = left.pop_front() {
        if part == ".." {
            at.truncate(at.rfind('/').unwrap_or(0));
            continue;
        }
        let next = format!("{at}/{part}");
        let is_end = is_end(&next) || next.starts_with("/proc/");
        let target = if is_end { None } else { std::fs::read_link(outside(root, &next)).ok() };
        let Some(target) = target else {
            at = next;
            continue;
        };
        links += 1;
        if links > LINKS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "too many symbolic links"));
        }
        let target = target.to_string_lossy();
        if target.starts_with('/') {
            at.clear();
        }
        for part in parts(&target).collect::<Vec<_>>().into_iter().rev() {
            left.push_front(part);
        }
    }
    Ok(if at.is_empty() { "/".to_owned() } else { at })
}

/// Where a path of the root is for us, without a look at any link in it.
pub fn outside(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn parts(path: &str) -> impl Iterator<Item = String> + '_ {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_lead_to_places_within_the_root() {
        let root = std::env::temp_dir().join(format!("windhover-rooted-{}", std::process::id()));
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        for (target, link) in
            [("/a/b", "absolute"), ("../../../a", "a/up"), ("loop", "loop"), ("/proc/self", "me")]
        {
            symlink(target, root.join(link)).unwrap();
        }
        let resolved = |path: &str| resolve(&root, path, |end| end == "/absolute/kept").ok();
        for (path, wanted) in [
            ("/a/./b/../b", Some("/a/b")),
            ("/absolute/new.log", Some("/a/b/new.log")),
            ("/a/up/b", Some("/a/b")),
            ("/loop", None),
            ("/me/fd/1", Some("/proc/self/fd/1")),
            ("/../..", Some("/")),
        ] {
            assert_eq!(resolved(path).as_deref(), wanted, "{path}");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
