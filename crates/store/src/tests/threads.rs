//! The store with its own threads, on a real disk, pushed to and read from many sides.

use super::rig::{DIR, batch, push};
use crate::{Options, Store, Sync};
use model::{Chunk, Sink, Source, TimeRange};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};
use stdx::disk::{Disk, RealDisk};
use stdx::random::Random;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let number = Random::from_entropy().next_u64();
        Self(std::env::temp_dir().join(format!("windhover-store-{number:016x}")))
    }

    fn options(&self, sync: Sync) -> Options {
        let mut options = Options::new(&self.0, Arc::new(RealDisk), Arc::new(SystemClock));
        options.sync = sync;
        options
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn count(store: &Store) -> usize {
    let series = store.select(&[], TimeRange::ALL, 1000).unwrap().series;
    let ids: Vec<_> = series.iter().map(|s| s.id).collect();
    let mut count = 0;
    store
        .read(&ids, TimeRange::ALL, &mut |_, Chunk::Samples { times_ms, .. }| {
            count += times_ms.len();
            ControlFlow::Continue(())
        })
        .unwrap();
    count
}

#[test]
fn many_push_while_others_read_and_nothing_is_lost() {
    for sync in [Sync::Always, Sync::Interval(Duration::from_millis(5))] {
        let folder = Folder::new();
        let store = Store::open(folder.options(sync)).unwrap();
        let now = SystemClock.now_ms();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    let host = format!("host={thread}");
                    for i in 0..200 {
                        push(store, &[(host.as_str(), now + i, i as f64)]);
                        if i % 20 == 0 {
                            assert!(count(store) > i as usize);
                        }
                    }
                });
            }
        });
        if sync == Sync::Always {
            assert!(store.stats().log_syncs <= 800, "pushes share syncs at most one each");
        }
        store.flush().unwrap();
        store.close().unwrap();
        drop(store);
        let store = Store::open(folder.options(sync)).unwrap();
        assert_eq!(count(&store), 800, "{sync:?}");
    }
}

#[test]
fn reading_goes_on_while_blocks_are_written_and_joined() {
    let folder = Folder::new();
    let mut options = folder.options(Sync::Interval(Duration::from_millis(5)));
    options.block_span = Duration::from_secs(10);
    options.late_window = Duration::from_secs(1);
    options.background = false;
    let store = Store::open(options).unwrap();
    let start = SystemClock.now_ms() - 3_600_000;
    let pushed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while pushed.load(Ordering::SeqCst) < 6000 {
                let before = pushed.load(Ordering::SeqCst);
                assert!(count(&store) >= before);
            }
        });
        for i in 0..3000 {
            let time_ms = start + i * 1000;
            store.importer().push(&batch(&[("a=1", time_ms, i as f64), ("a=2", time_ms, 1.0)])).unwrap();
            pushed.fetch_add(2, Ordering::SeqCst);
            if i % 50 == 0 {
                store.tick(time_ms).unwrap();
            }
        }
        reader.join().unwrap();
    });
    store.tick(start + 4_000_000).unwrap();
    assert_eq!(count(&store), 6000);
    assert!(store.stats().compactions > 3, "{:?}", store.stats());
    assert_eq!(store.stats().head_samples, 0);
}

#[test]
fn the_folder_of_another_process_is_refused_by_the_real_disk_too() {
    let folder = Folder::new();
    let store = Store::open(folder.options(Sync::Always)).unwrap();
    let error = Store::open(folder.options(Sync::Always)).err().unwrap();
    assert!(error.to_string().contains("another process has this store open"), "{error}");
    drop(store);
    Store::open(folder.options(Sync::Always)).unwrap();
    assert!(RealDisk.list(&folder.0).unwrap().iter().any(|entry| entry.name == "LOCK"));
    assert!(!folder.0.starts_with(DIR));
}
