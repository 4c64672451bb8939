//! Opening: what an earlier run left is found by name only and looked into when its turn to be sent comes, so that
//! neither much of it nor damaged bytes delay the start.

use super::mirror::OFFSETS;
use super::segment::Segment;
use super::{Fresh, Spool, files};
use crate::SpoolOptions;
use crate::stats::Stats;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::Arc;
use stdx::disk::{Disk, write_atomically};
use stdx::random::Random;
use wire::protocols::native::{AgentId, Encoder};

impl Spool {
    /// Opens the folder. A disk that cannot be read or written is noted and worked around.
    pub(crate) fn open(options: SpoolOptions, disk: Arc<dyn Disk>, mut random: Random, now_ms: i64) -> Self {
        let mut failures = Vec::new();
        if let Err(e) = disk.create_dir_all(&options.folder) {
            failures.push(e);
        }
        let agent = agent_id(disk.as_ref(), &options.folder, &mut random, &mut failures);
        let segments = match found_segments(disk.as_ref(), &options.folder) {
            Ok(segments) => segments,
            Err(e) => {
                failures.push(e);
                VecDeque::new()
            }
        };
        let number_last = segments.back().map_or(0, |s| s.number);
        let mut spool = Self {
            number_last,
            fresh_from: number_last + 1,
            options,
            disk,
            random,
            agent,
            segments,
            active: None,
            encoder: Encoder::new(),
            frames: Vec::new(),
            fresh: Fresh::default(),
            stats: Stats::default(),
        };
        failures.iter().for_each(|e| spool.note_disk(e));
        spool.drop_over_limits();
        spool.show(now_ms);
        spool
    }
}

fn found_segments(disk: &dyn Disk, folder: &Path) -> io::Result<VecDeque<Segment>> {
    let entries = disk.list(folder)?.into_iter().filter(|e| !e.is_dir);
    let mut found: BTreeMap<u64, [u64; 2]> = BTreeMap::new();
    for entry in entries {
        if let Some((number, copy)) = files::parse(&entry.name) {
            found.entry(number).or_default()[copy] = entry.len_bytes.saturating_sub(OFFSETS[copy]);
        }
    }
    Ok(found.into_iter().map(|(number, copies)| Segment::found(number, copies)).collect())
}

/// The id that was made at the first start; a new one where it cannot be read, which at worst makes a server take the
/// agent for another one.
fn agent_id(disk: &dyn Disk, folder: &Path, random: &mut Random, failures: &mut Vec<io::Error>) -> AgentId {
    let path = files::agent_id(folder);
    let text = disk.read(&path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(id) = text.and_then(|text| AgentId::parse(text.trim())) {
        return id;
    }
    let half = |random: &mut Random| u128::from(random.next_u64());
    let id = AgentId((half(random) << 64 | half(random)).to_be_bytes());
    if let Err(e) = write_atomically(disk, &path, format!("{id}\n").as_bytes()) {
        failures.push(e);
    }
    id
}
