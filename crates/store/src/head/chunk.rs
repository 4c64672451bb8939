//! Encoded samples in memory. Series that are scraped together have the same times, so a chunk shares its coded times
//! with its neighbours.

use super::buffer::Buffer;
use crate::codec::{times, values};
use std::ops::Deref;
use std::sync::Arc;

/// Samples of one series that will not change any more unless something arrives late. It is also its times, as far as
/// those are known without decoding.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    times: Arc<Times>,
    values: Values,
}

/// The times of a chunk.
#[derive(Debug)]
pub(crate) struct Times {
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    count: u32,
    coded: Box<[u8]>,
}

impl Deref for Chunk {
    type Target = Times;

    fn deref(&self) -> &Times {
        &self.times
    }
}

/// Coded values up to this length are kept in the chunk itself.
const SHORT_BYTES_MAX: usize = 22;

#[derive(Debug, Clone)]
enum Values {
    /// The same for all samples.
    Constant(f64),
    Short {
        len: u8,
        bytes: [u8; SHORT_BYTES_MAX],
    },
    Coded(Arc<[u8]>),
}

impl Values {
    fn encode(samples: &[f64], scratch: &mut Vec<u8>) -> Self {
        let first = samples[0];
        if samples.iter().all(|value| value.to_bits() == first.to_bits()) {
            return Self::Constant(first);
        }
        scratch.clear();
        values::encode(samples, scratch);
        if scratch.len() > SHORT_BYTES_MAX {
            return Self::Coded(Arc::from(scratch.as_slice()));
        }
        let mut bytes = [0; SHORT_BYTES_MAX];
        bytes[..scratch.len()].copy_from_slice(scratch);
        Self::Short { len: scratch.len() as u8, bytes }
    }

    fn decode(&self, count: usize, samples: &mut Vec<f64>) {
        let bytes = match self {
            Self::Constant(value) => return samples.resize(samples.len() + count, *value),
            Self::Short { len, bytes } => &bytes[..usize::from(*len)],
            Self::Coded(bytes) => bytes,
        };
        values::decode(bytes, count, samples).expect("encoded by us and kept in memory");
    }

    /// Bytes besides its own.
    fn len_bytes(&self) -> usize {
        match self {
            Self::Constant(_) | Self::Short { .. } => 0,
            Self::Coded(bytes) => bytes.len() + 16,
        }
    }
}

impl Chunk {
    /// Encodes a buffer, which is not empty.
    pub(crate) fn encode_buffer(buffer: &Buffer, pool: &mut TimesPool) -> Self {
        Self::encode(&buffer.times_ms, &buffer.values, pool)
    }

    /// Encodes samples, of which there is at least one.
    pub(crate) fn encode(times_ms: &[i64], samples: &[f64], pool: &mut TimesPool) -> Self {
        Self { times: pool.encode(times_ms), values: Values::encode(samples, &mut pool.scratch) }
    }

    /// Number of samples.
    pub(crate) fn len(&self) -> usize {
        self.count as usize
    }

    /// Appends the times.
    pub(crate) fn decode_times(&self, times_ms: &mut Vec<i64>) {
        times::decode(&self.coded, self.len(), times_ms).expect("encoded by us and kept in memory");
    }

    /// Appends the values.
    pub(crate) fn decode_values(&self, values: &mut Vec<f64>) {
        self.values.decode(self.len(), values);
    }

    /// The samples.
    pub(crate) fn decode(&self) -> Buffer {
        let mut buffer = Buffer::default();
        self.decode_times(&mut buffer.times_ms);
        self.decode_values(&mut buffer.values);
        buffer
    }

    /// The times; the very same for chunks that share them.
    pub(crate) fn times(&self) -> &Arc<Times> {
        &self.times
    }

    pub(crate) fn len_bytes(&self) -> usize {
        let times = size_of::<Times>() + self.coded.len() + 16;
        // They are shared by whoever knows them; also by the pool, which is no series.
        size_of::<Self>() + self.values.len_bytes() + times / Arc::strong_count(&self.times)
    }
}

/// Columns of times remembered at once.
const POOL_COLUMNS: usize = 32;

/// The columns of times coded last.
#[derive(Debug, Default)]
pub(crate) struct TimesPool {
    columns: Vec<(Vec<i64>, Arc<Times>)>,
    next: usize,
    last: usize,
    scratch: Vec<u8>,
    times_ms: Vec<i64>,
    values: Vec<f64>,
}

impl TimesPool {
    /// Lends empty lists of times and values whose memory is used again.
    pub(crate) fn with_scratch<T>(
        &mut self,
        work: impl FnOnce(&mut Vec<i64>, &mut Vec<f64>, &mut Self) -> T,
    ) -> T {
        let (mut times_ms, mut values) =
            (std::mem::take(&mut self.times_ms), std::mem::take(&mut self.values));
        times_ms.clear();
        values.clear();
        let made = work(&mut times_ms, &mut values, self);
        (self.times_ms, self.values) = (times_ms, values);
        made
    }

    fn encode(&mut self, times_ms: &[i64]) -> Arc<Times> {
        let is_same = |(known, _): &(Vec<i64>, Arc<Times>)| known == times_ms;
        if self.columns.get(self.last).is_some_and(is_same) {
            return Arc::clone(&self.columns[self.last].1);
        }
        if let Some(at) = self.columns.iter().position(is_same) {
            self.last = at;
            return Arc::clone(&self.columns[at].1);
        }
        let mut coded = Vec::new();
        times::encode(times_ms, &mut coded);
        let coded = Arc::new(Times {
            first_ms: times_ms[0],
            last_ms: times_ms[times_ms.len() - 1],
            count: times_ms.len() as u32,
            coded: coded.into_boxed_slice(),
        });
        if self.columns.len() < POOL_COLUMNS {
            self.columns.push((times_ms.to_vec(), Arc::clone(&coded)));
            self.last = self.columns.len() - 1;
        } else {
            let (known, old) = &mut self.columns[self.next];
            known.clear();
            known.extend_from_slice(times_ms);
            *old = Arc::clone(&coded);
            self.last = self.next;
            self.next = (self.next + 1) % POOL_COLUMNS;
        }
        coded
    }
}
