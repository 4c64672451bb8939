//! Every name the store gives on disk.

use std::path::{Path, PathBuf};

/// Held while a process has the store open.
pub(crate) const LOCK: &str = "LOCK";
/// Which blocks there are, and how far the log is covered by them.
pub(crate) const MANIFEST: &str = "MANIFEST";
/// The manifest a second time.
pub(crate) const MANIFEST_COPY: &str = "MANIFEST.copy";
/// What is known about metric names.
pub(crate) const DESCRIPTIONS: &str = "DESCRIPTIONS";
/// When metric names were asked for.
pub(crate) const QUERIED: &str = "QUERIED";
/// Folder of log segments.
pub(crate) const LOG: &str = "log";
/// Folder of log segments of version 1.
pub(crate) const OLD_LOG: &str = "wal";
/// Folder of blocks.
pub(crate) const BLOCKS: &str = "blocks";
/// Folder of snapshots.
pub(crate) const SNAPSHOTS: &str = "snapshots";
/// In a snapshot: the folder that is a store, so that the snapshot is the data folder of a server.
const SNAPSHOT_STORE: &str = "store";
/// Folder of damaged things that were set aside.
pub(crate) const QUARANTINE: &str = "quarantine";

/// A block's chunks.
pub(crate) const DATA: &str = "data";
/// A block's series, postings and places of chunks.
pub(crate) const INDEX: &str = "index";
/// A block's range and the checksums of the other two; written last.
pub(crate) const META: &str = "meta";

const SEGMENT_ENDING: &str = ".log";
const OLD_SEGMENT_ENDING: &str = ".wal";
const UNFINISHED_ENDING: &str = ".tmp";

/// The file name of the log segment that begins with an offset.
pub(crate) fn segment_name(first: u64) -> String {
    format!("{first:016x}{SEGMENT_ENDING}")
}

/// The first offset of a log segment by its file name.
pub(crate) fn segment_offset(name: &str) -> Option<u64> {
    hex_number(name.strip_suffix(SEGMENT_ENDING)?)
}

/// The file of a log segment of version 1.
pub(crate) fn old_segment(dir: &Path, number: u64) -> PathBuf {
    dir.join(OLD_LOG).join(format!("{number:016x}{OLD_SEGMENT_ENDING}"))
}

/// The number of a log segment of version 1 by its file name.
pub(crate) fn old_segment_number(name: &str) -> Option<u64> {
    hex_number(name.strip_suffix(OLD_SEGMENT_ENDING)?)
}

/// The start of the keys of all objects of a block.
pub(crate) fn block(sequence: u64) -> String {
    format!("{BLOCKS}/{sequence:016x}/")
}

/// The key of an object of a block.
pub(crate) fn block_object(sequence: u64, name: &str) -> String {
    format!("{BLOCKS}/{sequence:016x}/{name}")
}

/// All objects of a snapshot.
pub(crate) fn snapshot(name: &str) -> String {
    format!("{SNAPSHOTS}/{name}/")
}

/// Where the store in a snapshot is.
pub(crate) fn snapshot_store(name: &str) -> String {
    format!("{SNAPSHOTS}/{name}/{SNAPSHOT_STORE}/")
}

/// The name of the snapshot that an object belongs to, and its key in there.
pub(crate) fn in_snapshot(key: &str) -> Option<(&str, &str)> {
    let (name, rest) = key.strip_prefix(SNAPSHOTS)?.strip_prefix('/')?.split_once('/')?;
    Some((name, rest.strip_prefix(SNAPSHOT_STORE)?.strip_prefix('/')?))
}

/// The name of a block.
pub(crate) fn block_name(sequence: u64) -> String {
    format!("{sequence:016x}")
}

/// The sequence number of a block by the key of one of its objects.
pub(crate) fn object_sequence(key: &str) -> Option<u64> {
    let (block, object) = key.strip_prefix(BLOCKS)?.strip_prefix('/')?.split_once('/')?;
    block_sequence(block).filter(|_| !object.contains('/'))
}

/// The sequence number of a block by its folder name.
pub(crate) fn block_sequence(name: &str) -> Option<u64> {
    hex_number(name)
}

/// Whether a name is that of a block left behind half written by version 1.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.strip_suffix(UNFINISHED_ENDING).is_some_and(|number| hex_number(number).is_some())
}

fn hex_number(text: &str) -> Option<u64> {
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (text.len() == 16 && text.bytes().all(lower_hex)).then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_go_both_ways() {
        let dir = Path::new("/d");
        let last = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(segment_offset(&segment_name(0x1f)), Some(0x1f));
        assert_eq!(old_segment_number(&last(old_segment(dir, 0x1f))), Some(0x1f));
        assert_eq!(object_sequence(&block_object(u64::MAX, DATA)), Some(u64::MAX));
        assert!(block_object(7, META).starts_with(&block(7)));
        assert_eq!(object_sequence("blocks/0000000000000007/x/y"), None);
        assert!(is_unfinished("0000000000000003.tmp"));
        for foreign in ["", "1f.log", "000000000000001F.log", "+00000000000001f", "notes.tmp"] {
            assert_eq!(
                (segment_offset(foreign), block_sequence(foreign), is_unfinished(foreign)),
                (None, None, false),
                "{foreign}"
            );
        }
    }
}
