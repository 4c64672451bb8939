//! Doors for fuzz targets; no part of what the crate offers.

use crate::SpoolOptions;
use crate::spool::{Load, Spool};
use model::{Batch, Kind, Labels, Slot};
use std::path::Path;
use std::sync::Arc;
use stdx::disk::{Disk, FaultyDisk};
use stdx::random::Random;
use wire::protocols::native::{Header, frame};

const FOLDER: &str = "/spool";
/// Pushes of the spool that is damaged.
const PUSHES: i64 = 40;
/// Longest body, in bytes: a few pushes.
const BODY_BYTES_MAX: usize = 300;

/// Writes a spool of several segments, damages its files as `edits` say (five bytes each: which file, what, where, with
/// what), opens it again, adds a push, and sends everything to a server that keeps all.
///
/// # Panics
/// When it does not come to an end, when what is sent is not a header and whole frames, or when the new push is lost.
pub fn damage_and_drain(edits: &[u8]) {
    let disk = FaultyDisk::new();
    let mut spool = open(&disk, 1);
    let mut batch = Batch::new();
    (0..PUSHES).for_each(|tick| push(&mut spool, &mut batch, tick));
    drop(spool);
    edits.chunks_exact(5).for_each(|edit| damage(&disk, edit));
    let mut spool = open(&disk, 2);
    push(&mut spool, &mut Batch::new(), PUSHES);
    let (mut body, mut has_new) = (Vec::new(), false);
    for _ in 0..100_000 {
        match spool.load(&mut body, BODY_BYTES_MAX, true) {
            Load::Ready(cargo) => {
                has_new |= has_frames(&body) && spool.is_newest(&cargo);
                spool.keep(&cargo, cargo.end.frame, PUSHES * 1000);
            }
            Load::Nothing => {
                assert!(has_new, "what was pushed after the damage is lost");
                return;
            }
            Load::Held | Load::Later => {}
        }
    }
    panic!("the spool does not come to an end");
}

fn open(disk: &FaultyDisk, seed: u64) -> Spool {
    open_with(disk, seed, false)
}

fn open_with(disk: &FaultyDisk, seed: u64, sync: bool) -> Spool {
    let options = SpoolOptions { segment_bytes_max: 600, sync, ..SpoolOptions::new(FOLDER, "web1") };
    Spool::open(options, Arc::new(disk.clone()), Random::from_seed(seed), 1000)
}

fn push(spool: &mut Spool, batch: &mut Batch, tick: i64) {
    batch.clear_rows();
    batch.begin(tick * 1000);
    for n in 0..2 + tick as u32 / 8 {
        if batch.dictionary.len() <= n as usize {
            let labels = Labels::from_pairs([("__name__", "load"), ("n", n.to_string().as_str())]);
            batch.dictionary.add(&labels.expect("good labels"), Kind::Gauge);
        }
        batch.push(Slot(n), (tick * 7 % 13) as f64);
    }
    spool.push(batch, 1000 + tick * 1000);
}

fn damage(disk: &FaultyDisk, edit: &[u8]) {
    let files = disk.list(Path::new(FOLDER)).expect("a folder of ours");
    let file = &files[usize::from(edit[0]) % files.len()];
    let (place, with) = (usize::from(u16::from_le_bytes([edit[2], edit[3]])), edit[4]);
    disk.damage(&file.path, |bytes| {
        // Past the note of a second copy as often as in it.
        let start = if bytes.len() > 4096 && place % 4 > 0 { 4096 } else { 0 };
        let at = start + place % (bytes.len() - start).max(1);
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

/// Whether a body has frames; fails unless it is a header and whole ones.
fn has_frames(body: &[u8]) -> bool {
    let (_, mut rest) = Header::decode(body).expect("a body starts with a header");
    let any = !rest.is_empty();
    while !rest.is_empty() {
        frame::take(&mut rest).expect("whole frames only");
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wire::protocols::native::Decoder;

    /// Pushes with every push on the medium before the next, cuts the power, and gives the times that come out.
    fn times_after_power_cut(pushes: i64, seed: u64) -> Vec<i64> {
        let disk = FaultyDisk::new();
        // The folder itself was there before.
        disk.create_dir_all(Path::new(FOLDER)).unwrap();
        disk.sync_dir(Path::new("/")).unwrap();
        let mut spool = open_with(&disk, 1, true);
        let mut batch = Batch::new();
        (0..pushes).for_each(|tick| push(&mut spool, &mut batch, tick));
        drop(spool);
        disk.lose_power(&mut Random::from_seed(seed));
        let mut spool = open_with(&disk, 2, true);
        let (mut body, mut times) = (Vec::new(), Vec::new());
        let (mut decoder, mut batch, mut number) = (Decoder::new(), Batch::new(), 0);
        while let Load::Ready(cargo) = spool.load(&mut body, BODY_BYTES_MAX, true) {
            if cargo.frames() == 0 {
                // How far is the server? It knows nothing.
                spool.resume(&cargo, 0, 0);
                continue;
            }
            if number != cargo.number {
                (decoder, batch, number) = (Decoder::new(), Batch::new(), cargo.number);
            }
            let (_, mut rest) = Header::decode(&body).unwrap();
            while let Ok(payload) = frame::take(&mut rest) {
                decoder.decode(payload, &mut batch, &mut model::Report::default()).unwrap();
            }
            times.extend(batch.groups().map(|rows| rows.time_ms));
            batch.clear_rows();
            spool.keep(&cargo, cargo.end.frame, 0);
        }
        times
    }

    proptest! {
        #[test]
        fn what_was_on_the_medium_outlives_a_power_cut(pushes in 1..60i64, seed in any::<u64>()) {
            let wanted: Vec<i64> = (0..pushes).map(|tick| tick * 1000).collect();
            prop_assert_eq!(times_after_power_cut(pushes, seed), wanted);
        }

        #[test]
        fn whatever_happens_to_the_files_the_spool_comes_to_an_end(edits in prop::collection::vec(any::<u8>(), 0..60)) {
            damage_and_drain(&edits);
        }
    }
}
