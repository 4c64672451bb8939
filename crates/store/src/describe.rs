//! What is known about metric names: learnt from batches, kept in the log and in a file of its own.
//!
//! The file is drawn in `FORMAT.md`; it is written before a log segment that may hold news is removed.

use crate::log::record::{read_description, write_description};
use hashbrown::HashMap;
use model::Description;
use std::borrow::Cow;
use stdx::crc::crc32;
use stdx::varint;

/// Most metrics described.
pub(crate) const DESCRIPTIONS_MAX: usize = 100_000;
/// Longest help text kept, in bytes.
const HELP_BYTES_MAX: usize = 1000;
/// Longest metric name or unit, in bytes; longer ones are not described.
const NAME_BYTES_MAX: usize = 500;

const MAGIC: [u8; 6] = *b"WHDESC";
/// Version of the file's format.
pub(crate) const VERSION: u16 = 1;

/// Descriptions by metric name.
#[derive(Debug, Default)]
pub(crate) struct Descriptions {
    known: HashMap<Cow<'static, str>, Description>,
    /// Something is not in the file yet.
    pub(crate) dirty: bool,
}

impl Descriptions {
    pub(crate) fn get(&self, metric: &str) -> Option<&Description> {
        self.known.get(metric)
    }

    /// Those that say something new, cut to what is kept.
    pub(crate) fn news(&self, said: &[Description]) -> Vec<Description> {
        let fits = |d: &&Description| {
            d.metric.len() <= NAME_BYTES_MAX
                && d.unit.len() <= NAME_BYTES_MAX
                && (self.known.len() < DESCRIPTIONS_MAX || self.known.contains_key(&*d.metric))
        };
        said.iter().filter(fits).map(cut).filter(|d| self.known.get(&*d.metric) != Some(d)).collect()
    }

    /// Remembers a description.
    pub(crate) fn learn(&mut self, description: Description) {
        if self.known.len() < DESCRIPTIONS_MAX || self.known.contains_key(&*description.metric) {
            self.known.insert(description.metric.clone(), description);
            self.dirty = true;
        }
    }

    /// The content of the file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        varint::write_u64(&mut bytes, self.known.len() as u64);
        let mut sorted: Vec<&Description> = self.known.values().collect();
        sorted.sort_by(|a, b| a.metric.cmp(&b.metric));
        sorted.into_iter().for_each(|d| write_description(&mut bytes, d));
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the content of the file.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk::<4>()?;
        if crc32(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut input = body.strip_prefix(&MAGIC)?.strip_prefix(&VERSION.to_le_bytes())?;
        let mut descriptions = Self::default();
        for _ in 0..varint::read_u64(&mut input)? {
            descriptions.learn(read_description(&mut input)?);
        }
        descriptions.dirty = false;
        Some(descriptions)
    }
}

fn cut(description: &Description) -> Description {
    let mut description = description.clone();
    let end = (0..=HELP_BYTES_MAX.min(description.help.len()))
        .rev()
        .find(|&i| description.help.is_char_boundary(i))
        .unwrap_or(0);
    if end < description.help.len() {
        description.help.to_mut().truncate(end);
    }
    description
}
