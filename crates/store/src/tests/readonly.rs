//! Reading beside the process that writes.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, batch, dump};
use crate::{Error, Store};
use model::{Matcher, PushError, Sink, TimeRange};
use std::path::Path;
use stdx::disk::Disk;

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Ten hours of two series, the last of them in the log only.
fn filled(rig: &Rig) -> Store {
    let store = rig.open();
    for minute in 0..600 {
        let now = START_MS + minute * MINUTE_MS;
        rig.clock.set_ms(now);
        store
            .push(&batch(&[("__name__=a,host=h1", now, minute as f64), ("__name__=a,host=h2", now, 1.5)]))
            .unwrap();
        if minute % 15 == 0 {
            store.tick(now).unwrap();
        }
    }
    assert!(store.stats().blocks > 1 && store.stats().head_samples > 0);
    store
}

#[test]
fn a_reader_sees_what_the_writer_sees_and_changes_nothing() {
    let rig = Rig::new();
    let store = filled(&rig);
    // What the reader would tidy up, were it not one.
    let litter = [Path::new(DIR).join("blocks/00000000000000ff.tmp"), Path::new(DIR).join("blocks/x")];
    for path in &litter {
        rig.disk.create_dir_all(path).unwrap();
    }
    let files = |rig: &Rig| -> Vec<_> {
        rig.disk.files().into_iter().map(|path| (rig.disk.read(&path).unwrap(), path)).collect()
    };
    let before = files(&rig);
    for range in [
        TimeRange::ALL,
        TimeRange::new(START_MS + HOUR_MS, START_MS + 5 * HOUR_MS),
        TimeRange::new(START_MS + 9 * HOUR_MS, START_MS + 11 * HOUR_MS),
        TimeRange::new(0, 1),
    ] {
        let reader = Store::open_read_only(rig.options(), range).unwrap();
        assert_eq!(dump(&reader, range), dump(&store, range));
        let refused = reader.push(&batch(&[("__name__=a,host=h1", START_MS, 1.0)])).unwrap_err();
        assert!(matches!(refused, PushError::Failed(why) if why.contains("for reading only")));
        reader.tick(START_MS + 100 * HOUR_MS).unwrap();
        reader.close().unwrap();
    }
    assert!(files(&rig) == before, "nothing was changed");
    assert_eq!(rig.events(), []);
    store.push(&batch(&[("__name__=a,host=h1", START_MS + 601 * MINUTE_MS, 1.0)])).unwrap();
}

#[test]
fn a_reader_opens_only_the_blocks_of_its_range() {
    let rig = Rig::new();
    let store = filled(&rig);
    let range = TimeRange::new(START_MS, START_MS + HOUR_MS);
    let reader = Store::open_read_only(rig.options(), range).unwrap();
    assert!(reader.stats().blocks == 1 && store.stats().blocks > 1);
}

#[test]
fn extents_name_the_bytes_of_one_host() {
    let rig = Rig::new();
    let store = filled(&rig);
    let range = TimeRange::new(START_MS, START_MS + HOUR_MS);
    let extents = store.extents(&[Matcher::equal("host", "h1")], range).unwrap();
    let (times, values): (Vec<_>, Vec<_>) = extents.iter().partition(|e| e.series.is_none());
    assert!(!times.is_empty() && times.len() == values.len(), "{extents:?}");
    assert!(values.iter().all(|e| e.series.as_deref() == Some(r#"a{host="h1"}"#)));
    for extent in &extents {
        let bytes = rig.disk.read(&Path::new(DIR).join(&extent.file)).unwrap();
        let (start, end) = (extent.offset as usize, (extent.offset + extent.len_bytes) as usize);
        let (body, crc) = bytes[start..end].split_last_chunk().unwrap();
        assert_eq!(stdx::crc::crc32(body), u32::from_le_bytes(*crc), "{extent:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let rig = Rig::new();
    let opened = Store::open_read_only(rig.options(), TimeRange::ALL);
    assert!(matches!(opened, Err(Error::Disk(_))));
}

#[test]
fn a_sealed_store_leaves_nothing_to_the_log() {
    let rig = Rig::new();
    let store = filled(&rig);
    let before = dump(&store, TimeRange::ALL);
    store.seal().unwrap();
    assert_eq!(store.stats().head_samples, 0);
    assert_eq!(dump(&store, TimeRange::ALL), before);
    let reader = Store::open_read_only(rig.options(), TimeRange::ALL).unwrap();
    assert_eq!((reader.stats().head_samples, dump(&reader, TimeRange::ALL)), (0, before));
    store.close().unwrap();
    assert!(matches!(store.seal(), Err(Error::Stopped(_))));
}
