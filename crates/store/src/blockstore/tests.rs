use super::local::LocalBlocks;
use super::{BlockStore, Object, SwapError, Upload, Version};
use crate::{Options, Store};
use model::{Batch, Description, Kind, Labels, Matcher, Sink, Source, TimeRange};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use stdx::clock::ManualClock;
use stdx::disk::{Disk, FaultyDisk};
use stdx::random::Random;

fn local(disk: &FaultyDisk) -> LocalBlocks {
    disk.create_dir_all(Path::new("/s")).unwrap();
    disk.sync_dir(Path::new("/")).unwrap();
    LocalBlocks::open(Arc::new(disk.clone()), Path::new("/s")).unwrap()
}

#[test]
fn a_folder_keeps_what_a_block_store_promises() {
    let disk = FaultyDisk::new();
    let store = local(&disk);
    store.probe().unwrap();
    assert_eq!(disk.files(), [] as [&Path; 0], "nothing is left behind");
}

#[test]
fn objects_are_listed_in_order_and_page_by_page() {
    let store = local(&FaultyDisk::new());
    for key in ["blocks/2/data", "blocks/1/meta", "blocks/1/data", "other/1"] {
        store.put_new(key, key.as_bytes()).unwrap();
    }
    let keys = |after: Option<&str>, max| -> Vec<String> {
        store.list_after("blocks/", after, max).unwrap().into_iter().map(|object| object.key).collect()
    };
    assert_eq!(keys(None, 9), ["blocks/1/data", "blocks/1/meta", "blocks/2/data"]);
    assert_eq!(keys(Some("blocks/1/data"), 1), ["blocks/1/meta"]);
    store.delete(&["blocks/1/".to_owned(), "blocks/9/".to_owned()]).unwrap();
    assert_eq!(keys(None, 9), ["blocks/2/data"]);
    assert_eq!(store.read("blocks/2/data", &[7..8, 0..6]).unwrap(), [b"2".to_vec(), b"blocks".to_vec()]);
    assert_eq!(store.get("blocks/1/data").unwrap_err().kind(), io::ErrorKind::NotFound);
    let over = store.read("blocks/2/data", std::slice::from_ref(&(10..20))).unwrap_err();
    assert_eq!(over.kind(), io::ErrorKind::UnexpectedEof);
    store.set_aside("blocks/2/").unwrap();
    assert_eq!(keys(None, 9), [] as [&str; 0]);
}

/// What is finished survives a power cut as a whole; what is not was never there.
#[test]
fn objects_are_whole_or_not_there() {
    for seed in 0..20 {
        let disk = FaultyDisk::new();
        let store = local(&disk);
        store.put_new("blocks/0000000000000001/data", &[7; 1000]).unwrap();
        let mut upload = store.create("blocks/0000000000000001/meta").unwrap();
        upload.write_all(&[1; 100]).unwrap();
        let mut other = store.create("blocks/0000000000000002/data").unwrap();
        other.write_all(&[1; 100]).unwrap();
        store.swap_ptr("HEAD", b"1", None).unwrap();
        disk.lose_power(&mut Random::from_seed(seed));
        let store = local(&disk);
        let listed = store.list_after("blocks/", None, 9).unwrap();
        let object = Object { key: "blocks/0000000000000001/data".to_owned(), len_bytes: 1000 };
        assert_eq!(listed, [object], "seed {seed}");
        assert_eq!(disk.files().len(), 2, "seed {seed}: nothing unfinished is left");
        assert_eq!(store.get_ptr("HEAD").unwrap().map(|(body, _)| body), Some(b"1".to_vec()));
    }
}

/// Takes conditions and does not heed them.
struct Careless(LocalBlocks, bool);

impl BlockStore for Careless {
    fn create(&self, key: &str) -> io::Result<Box<dyn Upload>> {
        if self.1 {
            self.0.delete(&[key.to_owned()])?;
        }
        self.0.create(key)
    }
    fn get(&self, key: &str) -> io::Result<Vec<u8>> {
        self.0.get(key)
    }
    fn read(&self, key: &str, ranges: &[Range<u64>]) -> io::Result<Vec<Vec<u8>>> {
        self.0.read(key, ranges)
    }
    fn len_bytes(&self, key: &str) -> io::Result<u64> {
        self.0.len_bytes(key)
    }
    fn list_after(&self, prefix: &str, after: Option<&str>, max: usize) -> io::Result<Vec<Object>> {
        self.0.list_after(prefix, after, max)
    }
    fn get_ptr(&self, key: &str) -> io::Result<Option<(Vec<u8>, Version)>> {
        self.0.get_ptr(key)
    }
    fn swap_ptr(&self, key: &str, body: &[u8], _was: Option<&Version>) -> Result<Version, SwapError> {
        let now = self.0.get_ptr(key).map_err(SwapError::Unknown)?;
        self.0.swap_ptr(key, body, now.map(|(_, version)| version).as_ref())
    }
    fn delete(&self, keys: &[String]) -> io::Result<()> {
        self.0.delete(keys)
    }
    fn set_aside(&self, key: &str) -> io::Result<()> {
        self.0.set_aside(key)
    }
}

#[test]
fn a_store_that_does_not_heed_conditions_is_found_out() {
    for overwrites in [true, false] {
        let error = Careless(local(&FaultyDisk::new()), overwrites).probe().unwrap_err().to_string();
        assert!(error.contains(if overwrites { "written twice" } else { "somebody else" }), "{error}");
    }
}

/// With a block store of its own, a store's folder has the log, and the lock, which here is no file.
#[test]
fn everything_but_the_log_is_in_the_block_store() {
    let (disk, elsewhere) = (FaultyDisk::new(), FaultyDisk::new());
    let mut options = Options::new("/log-only", Arc::new(disk.clone()), Arc::new(ManualClock::at(7_200_000)));
    options.background = false;
    options.block_store = Some(Arc::new(local(&elsewhere)));
    let mut batch = Batch::new();
    let labels = Labels::from_pairs([("__name__", "busy"), ("host", "a")]).unwrap();
    let slot = batch.dictionary.add(&labels, Kind::Gauge);
    let (unit, help) = ("percent".into(), "Time not idle.".into());
    batch.dictionary.describe(Description { metric: "busy".into(), kind: Kind::Gauge, unit, help });
    batch.sample(slot, 7_200_000, 1.0);
    let store = Store::open(options.clone()).unwrap();
    store.push(&batch).unwrap();
    store.select(&[Matcher::equal("host", "a")], TimeRange::ALL, 9).unwrap();
    store.seal().unwrap();
    store.close().unwrap();
    drop(store);
    for name in ["MANIFEST", "DESCRIPTIONS", "QUERIED"] {
        assert!(elsewhere.files().contains(&Path::new("/s").join(name)), "{name}");
    }
    let own = disk.files().into_iter().filter(|path| !path.starts_with("/log-only/log"));
    assert_eq!(own.collect::<Vec<_>>(), [] as [&Path; 0]);
    let store = Store::open(options).unwrap();
    assert_eq!(store.describe("busy").map(|known| known.unit), Some("percent".into()));
}
