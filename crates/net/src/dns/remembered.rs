//! The last good answer for each name, for the day when nobody answers. Kept in memory, and in a small file when there
//! is a place for one: a line for each name with the name, when it was learnt (Unix milliseconds) and its addresses.

use super::hosts::read_bounded;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stdx::disk::{Disk, write_atomically};

/// Most names that are remembered; the one learnt longest ago goes first.
const NAMES_MAX: usize = 64;
/// Longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;
/// An answer that did not change is written again after this time, in milliseconds.
const REFRESH_MS: i64 = 60 * 60 * 1000;

/// What was learnt of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Learnt {
    pub(super) at_ms: i64,
    pub(super) addresses: Vec<IpAddr>,
}

/// See the module's text.
pub(super) struct Remembered {
    file: Option<PathBuf>,
    disk: Arc<dyn Disk>,
    names: Mutex<BTreeMap<String, Learnt>>,
}

impl Remembered {
    /// Reads what an earlier run learnt; a line that is damaged costs that name.
    pub(super) fn open(file: Option<PathBuf>, disk: Arc<dyn Disk>) -> Self {
        let text = file.as_ref().map(|path| read_bounded(path, FILE_BYTES_MAX)).unwrap_or_default();
        let names = text.lines().filter_map(parse).take(NAMES_MAX).collect();
        Self { file, disk, names: Mutex::new(names) }
    }

    pub(super) fn get(&self, name: &str) -> Option<Learnt> {
        self.lock().get(&key(name)).cloned()
    }

    /// Notes an answer. A disk that cannot be written costs only what a later run would know.
    pub(super) fn put(&self, name: &str, addresses: &[IpAddr], now_ms: i64) {
        let mut names = self.lock();
        let learnt =
            names.entry(key(name)).or_insert_with(|| Learnt { at_ms: i64::MIN, addresses: Vec::new() });
        let aged = now_ms.saturating_sub(learnt.at_ms) >= REFRESH_MS || now_ms < learnt.at_ms;
        if !aged && learnt.addresses == addresses {
            return;
        }
        *learnt = Learnt { at_ms: now_ms, addresses: addresses.to_vec() };
        while names.len() > NAMES_MAX {
            let oldest = names.iter().min_by_key(|(_, learnt)| learnt.at_ms).map(|(name, _)| name.clone());
            oldest.map(|name| names.remove(&name));
        }
        let text = self.file.as_ref().map(|_| show(&names));
        drop(names);
        if let Some((path, text)) = self.file.as_ref().zip(text) {
            let _ = write_atomically(self.disk.as_ref(), path, text.as_bytes());
        }
    }

    // The map is whole whenever its lock is free.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Learnt>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn parse(line: &str) -> Option<(String, Learnt)> {
    let mut words = line.split(' ');
    let (name, at_ms) = (words.next()?, words.next()?.parse().ok()?);
    let addresses: Vec<IpAddr> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
    let good = !name.is_empty() && !addresses.is_empty() && addresses.len() <= crate::resolve::ADDRESSES_MAX;
    good.then(|| (key(name), Learnt { at_ms, addresses }))
}

fn show(names: &BTreeMap<String, Learnt>) -> String {
    let mut text = String::new();
    for (name, learnt) in names {
        let _ = write!(text, "{name} {}", learnt.at_ms);
        for address in &learnt.addresses {
            let _ = write!(text, " {address}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::disk::RealDisk;

    #[test]
    fn answers_survive_a_restart_and_damaged_lines_cost_only_themselves() {
        let folder = std::env::temp_dir().join(format!("windhover-names-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("names");
        let open = || Remembered::open(Some(path.clone()), Arc::new(RealDisk));
        let addresses: Vec<IpAddr> = vec!["10.0.0.1".parse().unwrap(), "::1".parse().unwrap()];
        let first = open();
        first.put("Mon.example.", &addresses, 1000);
        first.put("other.example", &addresses[..1], 2000);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "mon.example 1000 10.0.0.1 ::1\nother.example 2000 10.0.0.1\n");
        std::fs::write(&path, format!("x 1 y\n\nx\nx 1\n\u{fffd} 9\n{text}")).unwrap();
        let second = open();
        let _ = std::fs::remove_dir_all(&folder);
        assert_eq!(second.get("MON.example"), Some(Learnt { at_ms: 1000, addresses }));
        assert_eq!(second.get("x"), None);
    }

    #[test]
    fn the_number_of_names_is_bounded_and_the_oldest_goes() {
        let remembered = Remembered::open(None, Arc::new(RealDisk));
        let address = ["10.0.0.1".parse().unwrap()];
        for i in 0..=NAMES_MAX {
            remembered.put(&format!("name{i}"), &address, i as i64);
        }
        assert_eq!((remembered.get("name0"), remembered.lock().len()), (None, NAMES_MAX));
        assert!(remembered.get("name1").is_some());
    }
}
