//! Files whose names differ only by a date or a number: `postgresql-2026-11-21.log`, `postgresql-2026-11-22.log`. A folder
//! may hold years of them, and only the last ones are written.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a file must be left alone while a newer one is there. Servers that write to several files with numbers, one a
/// worker, write to each of them in that time.
pub(in crate::watch) const OLD_MS: i64 = 24 * 3600 * 1000;

/// Takes those out that are over, and gives them.
pub(super) fn take_old(paths: &mut Vec<PathBuf>, now_ms: i64) -> Vec<PathBuf> {
    let mut newest: HashMap<String, (SystemTime, usize)> = HashMap::new();
    let changed: Vec<SystemTime> = paths.iter().map(|path| changed(path)).collect();
    for (path, time) in paths.iter().zip(&changed) {
        let last = newest.entry(without_digits(path)).or_insert((*time, 0));
        *last = (last.0.max(*time), last.1 + 1);
    }
    let limit = UNIX_EPOCH + Duration::from_millis((now_ms - OLD_MS).max(0) as u64);
    let is_old = |path: &Path, time: SystemTime| {
        time < limit
            && newest.get(&without_digits(path)).is_some_and(|(last, count)| *count > 1 && time < *last)
    };
    let mut times = changed.into_iter();
    let all = std::mem::take(paths).into_iter();
    let (old, kept) = all.partition(|path| times.next().is_some_and(|time| is_old(path, time)));
    *paths = kept;
    old
}

fn changed(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|found| found.modified()).unwrap_or(SystemTime::now())
}

fn without_digits(path: &Path) -> String {
    path.to_string_lossy().chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_that_are_over_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let now_ms = 1_790_000_000_000;
        let made = |name: &str, age_hours: u64| {
            let path = folder.path().join(name);
            let time =
                UNIX_EPOCH + Duration::from_millis(now_ms as u64) - Duration::from_secs(3600 * age_hours);
            fs::File::create(&path).unwrap().set_modified(time).unwrap();
            path
        };
        let all = [
            ("a-2026-11-20.log", 50),
            ("a-2026-11-21.log", 25),
            ("a-2026-11-22.log", 1),
            ("b.log", 900),
            ("w1.log", 2),
        ];
        let mut paths: Vec<PathBuf> = all.iter().map(|(name, age)| made(name, *age)).collect();
        // The newest is followed however old, and so is one that has no other beside it.
        paths.push(made("c-1.log", 300));
        paths.push(made("c-2.log", 200));
        let old = take_old(&mut paths, now_ms);
        let names = |paths: &[PathBuf]| -> Vec<String> {
            paths.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(&old), ["a-2026-11-20.log", "a-2026-11-21.log", "c-1.log"]);
        assert_eq!(names(&paths), ["a-2026-11-22.log", "b.log", "w1.log", "c-2.log"]);
    }
}
