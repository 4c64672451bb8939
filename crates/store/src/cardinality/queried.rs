//! When a query asked for a metric name last: so that one sees what is stored for nobody.

use crate::store::Shared;
use crate::{BlockStore, names};
use hashbrown::HashMap;
use model::Series;
use std::io;
use std::sync::PoisonError;
use stdx::crc::crc32;
use stdx::varint;

/// Most metric names remembered; then the one asked for longest ago goes.
const NAMES_MAX: usize = 20_000;
/// Times are kept this exactly, in milliseconds.
const STEP_MS: i64 = 60_000;
/// The file is written at most this often, in milliseconds.
const SAVE_MS: i64 = 600_000;

const MAGIC: [u8; 6] = *b"WHQURY";
const VERSION: u16 = 1;

/// Metric names and when they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Queried {
    known: HashMap<Box<str>, i64>,
    is_dirty: bool,
    saved_ms: i64,
}

impl Queried {
    /// What the file says; nothing when there is none or a damaged one, as nothing depends on it.
    pub(crate) fn read(store: &dyn BlockStore) -> io::Result<Self> {
        let found = store.get_ptr(names::QUERIED)?;
        Ok(found.and_then(|(bytes, _)| Self::decode(&bytes)).unwrap_or_default())
    }

    pub(super) fn get(&self, name: &str) -> Option<i64> {
        self.known.get(name).copied()
    }

    fn note(&mut self, name: &str, now_ms: i64) {
        let now_ms = now_ms.div_euclid(STEP_MS) * STEP_MS;
        match self.known.get_mut(name) {
            Some(known) if *known == now_ms => return,
            Some(known) => *known = now_ms,
            None => {
                if self.known.len() >= NAMES_MAX {
                    self.forget_half();
                }
                self.known.insert(name.into(), now_ms);
            }
        }
        self.is_dirty = true;
    }

    // Half at once: one by one would mean to look through all for each.
    fn forget_half(&mut self) {
        let mut times: Vec<i64> = self.known.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.known.retain(|_, time_ms| *time_ms > median);
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        let mut sorted: Vec<_> = self.known.iter().collect();
        sorted.sort_unstable();
        varint::write_u64(&mut bytes, sorted.len() as u64);
        for (name, time_ms) in sorted {
            varint::write_bytes(&mut bytes, name.as_bytes());
            varint::write_i64(&mut bytes, time_ms.div_euclid(STEP_MS));
        }
        let crc = crc32(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads the content of the file.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, crc) = bytes.split_last_chunk::<4>()?;
        let mut input = body.strip_prefix(&MAGIC)?.strip_prefix(&VERSION.to_le_bytes())?;
        if crc32(body) != u32::from_le_bytes(*crc) {
            return None;
        }
        let mut queried = Self::default();
        for _ in 0..varint::read_u64(&mut input)?.min(NAMES_MAX as u64) {
            let name = std::str::from_utf8(varint::read_bytes(&mut input)?).ok()?;
            queried.known.insert(name.into(), varint::read_i64(&mut input)?.checked_mul(STEP_MS)?);
        }
        Some(queried)
    }
}

impl Shared {
    /// Notes that these series were asked for. A question for everything is no interest in anything.
    pub(crate) fn note_query(&self, series: &[Series]) {
        let now_ms = self.options.clock.now_ms();
        let mut queried = self.queried.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = "";
        for series in series {
            let name = series.labels.name();
            if name != before {
                queried.note(name, now_ms);
                before = name;
            }
        }
    }

    /// Writes the file when there is news and it is old enough; `force` when the store is closed.
    pub(crate) fn save_queried(&self, now_ms: i64, force: bool) -> io::Result<()> {
        let bytes = {
            let mut queried = self.queried.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = force || !(0..SAVE_MS).contains(&now_ms.saturating_sub(queried.saved_ms));
            if !queried.is_dirty || !is_due {
                return Ok(());
            }
            queried.is_dirty = false;
            queried.saved_ms = now_ms;
            queried.encode()
        };
        self.block_store.set_ptr(names::QUERIED, &bytes).inspect_err(|_| {
            self.queried.lock().unwrap_or_else(PoisonError::into_inner).is_dirty = true;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_remembered_within_bounds_and_come_back() {
        let mut queried = Queried::default();
        for i in 0..NAMES_MAX as i64 * 3 / 2 {
            queried.note(&format!("m{i}"), i * STEP_MS);
        }
        assert!(queried.known.len() <= NAMES_MAX);
        let newest = format!("m{}", NAMES_MAX * 3 / 2 - 1);
        let bytes = queried.encode();
        let back = Queried::decode(&bytes).unwrap();
        assert_eq!((back.get(&newest), back.get("m0")), (queried.get(&newest), None));
        for at in (0..bytes.len()).step_by(1001) {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(Queried::decode(&bad).is_none());
        }
    }
}
