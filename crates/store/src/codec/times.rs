//! A column of time stamps: ascending Unix milliseconds. A regular one takes about a dozen bytes, whatever its length.

use super::{CHUNK_SAMPLES_MAX, integers};

/// Appends the code of `times_ms`, which is not empty.
pub(crate) fn encode(times_ms: &[i64], out: &mut Vec<u8>) {
    integers::encode(times_ms, out);
}

/// Appends `count` times to `times_ms`. `None` when the bytes are damaged or the times do not ascend.
pub(crate) fn decode(bytes: &[u8], count: usize, times_ms: &mut Vec<i64>) -> Option<()> {
    if count > CHUNK_SAMPLES_MAX {
        return None;
    }
    let start = times_ms.len();
    integers::decode(bytes, count, times_ms)?;
    times_ms[start..].is_sorted_by(|a, b| a < b).then_some(())
}
