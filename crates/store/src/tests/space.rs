//! A real file system that is full, and then is not.

use super::rig::batch;
use crate::{Event, Options, Store};
use model::{PushError, Sink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use stdx::random::Random;

/// A file system in memory, unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    /// `None`, with the reason printed, where this process may not mount.
    fn new(megabytes: u32) -> Option<Self> {
        let number = Random::from_entropy().next_u64();
        let folder = std::env::temp_dir().join(format!("windhover-space-{number:016x}"));
        std::fs::create_dir(&folder).unwrap();
        let size = format!("size={megabytes}m");
        let made =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "windhover"]).arg(&folder).output();
        let mount = Self(folder);
        match made {
            Ok(made) if made.status.success() => Some(mount),
            Ok(made) => {
                println!("skipped: mount said {}", String::from_utf8_lossy(&made.stderr).trim());
                None
            }
            Err(error) => {
                println!("skipped: mount could not be run: {error}");
                None
            }
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// Fills what is left.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write(&[7; 4096]).is_ok_and(|written| written > 0) {}
}

const START_MS: i64 = 7_200_000 * 1000;

fn push_until_busy(store: &Store, random: &mut Random, taken: &mut Vec<i64>) {
    loop {
        let time_ms = START_MS + taken.len() as i64;
        let names: Vec<String> = (0..50).map(|i| format!("host=h{},i={i}", random.below(4))).collect();
        let rows: Vec<_> = names.iter().map(|name| (name.as_str(), time_ms, random.unit())).collect();
        match store.push(&batch(&rows)) {
            Ok(_) => taken.push(time_ms),
            Err(PushError::Busy(reason)) => return assert!(!reason.is_empty()),
            Err(error) => panic!("{error}"),
        }
        assert!(taken.len() < 100_000, "32 MB are never full");
    }
}

#[test]
fn a_full_file_system_is_waited_for_without_being_opened_again() {
    let Some(mount) = Mount::new(32) else { return };
    let filler = mount.0.join("filler");
    let clock = Arc::new(ManualClock::at(START_MS));
    let events: Arc<Mutex<Vec<Event>>> = Arc::default();
    let mut options = Options::new(mount.0.join("store"), Arc::new(RealDisk), Arc::clone(&clock) as _);
    options.background = false;
    options.shards = 2;
    options.segment_bytes = 100_000;
    let told = Arc::clone(&events);
    options.tell = Arc::new(move |event| told.lock().unwrap().push(event));
    let store = Store::open(options.clone()).unwrap();
    let (mut random, mut taken) = (Random::from_seed(3), Vec::new());
    for round in 1..=3 {
        fill(&filler);
        push_until_busy(&store, &mut random, &mut taken);
        let before = taken.len();
        std::fs::remove_file(&filler).unwrap();
        let again = store.push(&batch(&[("host=h1,i=0", START_MS - round, 1.0)]));
        assert!(again.is_ok(), "round {round}: {again:?}");
        assert_eq!(taken.len(), before);
    }
    assert_eq!(events.lock().unwrap().len(), 3, "told once each time");
    // Without room for a block the samples stay in memory and in the log, and are written once there is.
    fill(&filler);
    push_until_busy(&store, &mut random, &mut taken);
    let later_ms = START_MS + 3 * 3_600_000;
    clock.set_ms(later_ms);
    assert!(store.tick(later_ms).is_err());
    let memory = store.stats().head_samples;
    assert!(memory > 0 && store.stats().blocks == 0);
    drop(store);
    let store = Store::open(options).unwrap();
    assert_eq!(store.stats().head_samples, memory, "all that was taken is in the log");
    assert!(store.tick(later_ms).is_err());
    std::fs::remove_file(&filler).unwrap();
    store.tick(later_ms + 11_000).unwrap();
    assert_eq!((store.stats().head_samples, store.stats().block_samples), (0, memory));
    assert_eq!(store.stats().log_bytes, 0);
}
