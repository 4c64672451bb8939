//! Samples not yet encoded: sorted by time, each time once.

/// What became of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is new.
    New,
    /// It was there with the same bits.
    Duplicate,
    /// It replaced another value.
    Conflict,
}

/// An open run of samples.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    pub(crate) times_ms: Vec<i64>,
    pub(crate) values: Vec<f64>,
}

impl Buffer {
    pub(crate) fn len(&self) -> usize {
        self.times_ms.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.times_ms.is_empty()
    }

    pub(crate) fn first_ms(&self) -> Option<i64> {
        self.times_ms.first().copied()
    }

    pub(crate) fn last_ms(&self) -> Option<i64> {
        self.times_ms.last().copied()
    }

    /// Adds a sample newer than all.
    #[inline]
    pub(crate) fn push(&mut self, time_ms: i64, value: f64) {
        self.times_ms.push(time_ms);
        self.values.push(value);
    }

    /// Adds a sample anywhere.
    pub(crate) fn put(&mut self, time_ms: i64, value: f64) -> Put {
        match self.times_ms.binary_search(&time_ms) {
            Ok(at) if self.values[at].to_bits() == value.to_bits() => Put::Duplicate,
            Ok(at) => {
                self.values[at] = value;
                Put::Conflict
            }
            Err(at) => {
                self.times_ms.insert(at, time_ms);
                self.values.insert(at, value);
                Put::New
            }
        }
    }

    /// Takes off the samples from place `at` on.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        Self { times_ms: self.times_ms.split_off(at), values: self.values.split_off(at) }
    }

    /// Number of samples older than `time_ms`.
    pub(crate) fn count_before(&self, time_ms: i64) -> usize {
        self.times_ms.partition_point(|&t| t < time_ms)
    }

    pub(crate) fn len_bytes(&self) -> usize {
        self.times_ms.capacity() * 16
    }
}
