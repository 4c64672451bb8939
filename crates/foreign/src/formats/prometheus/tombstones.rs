//! What was deleted in a block and is still in its chunks.
//!
//! ```text
//! file  := 0x0130BA30 u32 BE  version u8 = 1  entry*  crc32c u32 BE (of the entries)
//! entry := uvarint series  varint first_ms  varint last_ms       both ends deleted
//! ```

use crate::Error;
use crate::crc32c::crc32c;
use std::collections::HashMap;
use std::path::Path;
use stdx::varint;

const MAGIC: [u8; 4] = [0x01, 0x30, 0xba, 0x30];

/// Deleted stretches by series.
#[derive(Debug, Default)]
pub struct Tombstones(HashMap<u64, Vec<(i64, i64)>>);

impl Tombstones {
    /// Reads the file; a missing one says that nothing was deleted.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        match std::fs::read(path) {
            Ok(bytes) => decode(&bytes).map_err(|reason| Error::malformed(path, reason)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::io(path, error)),
        }
    }

    /// What was deleted of a series: first and last instant of each stretch.
    pub(super) fn of(&self, series: u64) -> &[(i64, i64)] {
        self.0.get(&series).map_or(&[], Vec::as_slice)
    }
}

/// Decodes a file.
pub fn decode(bytes: &[u8]) -> Result<Tombstones, &'static str> {
    let body = bytes.strip_prefix(&MAGIC).ok_or("not a file of tombstones")?;
    let (&version, body) = body.split_first().ok_or("ends early")?;
    if version != 1 {
        return Err("a version that is not known");
    }
    let (mut rest, checksum) = body.split_last_chunk().ok_or("ends early")?;
    if crc32c(&[rest]) != u32::from_be_bytes(*checksum) {
        return Err("its checksum is wrong, and what was deleted must not come back");
    }
    let mut tombstones = Tombstones::default();
    while !rest.is_empty() {
        let series = varint::read_u64(&mut rest).ok_or("ends early")?;
        let first_ms = varint::read_i64(&mut rest).ok_or("ends early")?;
        let last_ms = varint::read_i64(&mut rest).ok_or("ends early")?;
        tombstones.0.entry(series).or_default().push((first_ms, last_ms));
    }
    Ok(tombstones)
}
