//! Doors for fuzz targets; no part of what the crate offers.

use crate::log::{Log, LogOptions, Reader, Step};
use crate::mark::Scope;
use model::{Batch, Kind, Labels, Slot};
use std::path::Path;
use std::sync::Arc;
use stdx::disk::{Disk, FaultyDisk};

const FOLDER: &str = "/relay";
/// Pushes of the log that is damaged.
const PUSHES: i64 = 40;

/// Writes a log of several segments with marks between the samples, damages its files as `edits` say (five bytes each: which
/// file, what, where, with what), opens it again, adds a push, and reads on from where two readers were.
///
/// # Panics
/// When a reader does not come to an end, when samples are neither read nor missed, or when the new push is lost.
pub fn damage_and_read(edits: &[u8]) {
    let disk = FaultyDisk::new();
    let log = open(&disk);
    let (mut early, mut late) = (join(&log, "early"), join(&log, "late"));
    let mut batch = Batch::new();
    for tick in 0..PUSHES {
        push(&log, &mut batch, tick);
        if tick % 7 == 0 {
            let _ = log.set_out("all", &[format!("member{tick}")]);
        }
        if tick == PUSHES / 2 {
            read_to_end(&mut late);
            remember(&mut late);
        }
    }
    remember(&mut early);
    drop((early, late, log));
    edits.chunks_exact(5).for_each(|edit| damage(&disk, edit));
    let log = open(&disk);
    let mut readers = [join(&log, "early"), join(&log, "late")];
    push(&log, &mut Batch::new(), PUSHES);
    for reader in &mut readers {
        let from = reader.at().sample;
        let (samples, newest_ms) = read_to_end(reader);
        assert_eq!(from + samples, log.end().sample, "samples that are neither read nor missed");
        assert_eq!(newest_ms, Some(PUSHES * 1000), "what was pushed after the damage is lost");
    }
}

fn open(disk: &FaultyDisk) -> Arc<Log> {
    let options = LogOptions { segment_bytes_max: 600, ..LogOptions::new(FOLDER) };
    Arc::new(Log::open(options, Arc::new(disk.clone())).expect("a disk without faults"))
}

fn join(log: &Arc<Log>, name: &str) -> Reader {
    Reader::join(log.clone(), name, u64::MAX)
}

fn remember(reader: &mut Reader) {
    let at = reader.at();
    reader.settle(at);
    reader.remember(at, 0).expect("a disk without faults");
}

/// Samples read or missed, and the time of the last that was read.
fn read_to_end(reader: &mut Reader) -> (u64, Option<i64>) {
    let (mut samples, mut newest_ms) = (0, None);
    for _ in 0..100_000 {
        match reader.step().expect("a disk without faults") {
            Step::Rows => {
                samples += reader.batch.len() as u64;
                newest_ms = reader.batch.groups().last().map(|rows| rows.time_ms).or(newest_ms);
            }
            Step::Missed(missed, _) => samples += missed,
            Step::Begin | Step::Turn => {}
            Step::End => return (samples, newest_ms),
        }
    }
    panic!("the log does not come to an end");
}

fn push(log: &Log, batch: &mut Batch, tick: i64) {
    batch.clear_rows();
    batch.begin(tick * 1000);
    for n in 0..2 + tick as u32 / 8 {
        if batch.dictionary.len() <= n as usize {
            let labels = Labels::from_pairs([("__name__", "load"), ("n", n.to_string().as_str())]);
            batch.dictionary.add(&labels.expect("good labels"), Kind::Gauge);
        }
        batch.push(Slot(n), (tick * 7 % 13) as f64);
    }
    let scope = if tick % 5 == 4 { Scope::Cluster("all".to_owned()) } else { Scope::All };
    log.push(batch, &scope).expect("a disk without faults");
}

fn damage(disk: &FaultyDisk, edit: &[u8]) {
    let files = disk.list(Path::new(FOLDER)).expect("a folder of ours");
    let file = &files[usize::from(edit[0]) % files.len()];
    let (place, with) = (usize::from(u16::from_le_bytes([edit[2], edit[3]])), edit[4]);
    disk.damage(&file.path, |bytes| {
        let at = place % bytes.len().max(1);
        match edit[1] % 5 {
            0 if at < bytes.len() => bytes[at] ^= with,
            1 => bytes.truncate(at),
            2 => bytes.insert(at.min(bytes.len()), with),
            3 => drop(bytes.drain(at.min(bytes.len())..(at + usize::from(with)).min(bytes.len()))),
            _ => {
                let end = (at + usize::from(with)).min(bytes.len());
                bytes[at.min(end)..end].fill(0);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_happens_to_the_files_the_log_is_read_to_its_end(edits in prop::collection::vec(any::<u8>(), 0..60)) {
            damage_and_read(&edits);
        }
    }
}
