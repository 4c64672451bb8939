//! Doors for benchmarks and fuzz targets into what the store otherwise keeps to itself. Nothing here is promised to
//! stay as it is.

/// The codec of columns. Counts are numbers of samples; `None` means that the bytes are damaged.
pub mod codec {
    use crate::codec::{times, values};

    /// Appends the code of `samples`, which is not empty.
    pub fn encode_values(samples: &[f64], out: &mut Vec<u8>) {
        values::encode(samples, out);
    }

    /// Appends `count` values.
    pub fn decode_values(bytes: &[u8], count: usize, samples: &mut Vec<f64>) -> Option<()> {
        values::decode(bytes, count, samples)
    }

    /// Appends the code of `times_ms`, which is not empty and ascends.
    pub fn encode_times(times_ms: &[i64], out: &mut Vec<u8>) {
        times::encode(times_ms, out);
    }

    /// Appends `count` times.
    pub fn decode_times(bytes: &[u8], count: usize, times_ms: &mut Vec<i64>) -> Option<()> {
        times::decode(bytes, count, times_ms)
    }
}
