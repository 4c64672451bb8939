//! The times of a tail. What is scraped comes at regular times, and then no times are kept at all; what does not is
//! kept as differences of differences.
//!
//! ```text
//! token := varint(zigzag(step - step before))   not 0; steps and their differences wrap around
//!        | 0x00 varint(n)                       the step before, n times more
//! ```

use stdx::varint;

/// Times that are not regular, ascending.
#[derive(Debug, Default)]
pub(crate) struct Irregular {
    first_ms: i64,
    step_ms: i64,
    tokens: Vec<u8>,
    /// Repeats of the last step that have no token yet.
    run: u64,
}

impl Irregular {
    /// So many times, `step_ms` apart.
    pub(crate) fn regular(first_ms: i64, step_ms: u32, count: usize) -> Self {
        let mut times = Self { first_ms, ..Self::default() };
        if count > 1 {
            times.push_step(i64::from(step_ms));
            times.run += count as u64 - 2;
        }
        times
    }

    #[inline]
    pub(crate) fn first_ms(&self) -> i64 {
        self.first_ms
    }

    /// Adds a time after `last_ms`, the one before.
    pub(crate) fn push(&mut self, last_ms: i64, time_ms: i64) {
        self.push_step(time_ms.wrapping_sub(last_ms));
    }

    fn push_step(&mut self, step_ms: i64) {
        if step_ms == self.step_ms {
            self.run += 1;
            return;
        }
        if self.run > 0 {
            self.tokens.push(0);
            varint::write_u64(&mut self.tokens, std::mem::take(&mut self.run));
        }
        varint::write_i64(&mut self.tokens, step_ms.wrapping_sub(self.step_ms));
        self.step_ms = step_ms;
    }

    /// Appends all times.
    pub(crate) fn decode(&self, times_ms: &mut Vec<i64>) {
        let (mut time_ms, mut step_ms) = (self.first_ms, 0i64);
        let mut repeat = |step_ms: i64, count: u64, times_ms: &mut Vec<i64>| {
            for _ in 0..count {
                time_ms = time_ms.wrapping_add(step_ms);
                times_ms.push(time_ms);
            }
        };
        times_ms.push(self.first_ms);
        let mut tokens = self.tokens.as_slice();
        let mut next = || varint::read_u64(&mut tokens);
        while let Some(token) = next() {
            if token == 0 {
                repeat(step_ms, next().unwrap_or(0), times_ms);
            } else {
                step_ms = step_ms.wrapping_add(varint::unzigzag(token));
                repeat(step_ms, 1, times_ms);
            }
        }
        repeat(step_ms, self.run, times_ms);
    }

    pub(crate) fn len_bytes(&self) -> usize {
        size_of::<Self>() + self.tokens.capacity()
    }
}
