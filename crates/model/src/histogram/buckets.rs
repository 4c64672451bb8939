//! The buckets of one side: runs of neighbouring numbers, and the counts of all of them in one row.

/// Most buckets of one side.
pub const BUCKETS_MAX: usize = 10_000;

/// Numbers that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: i32,
    len: u32,
}

/// Counts by number, in ascending order of numbers. A bucket may be there and be empty.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    runs: Vec<Run>,
    counts: Vec<f64>,
}

impl PartialEq for Buckets {
    fn eq(&self, other: &Self) -> bool {
        let bits = |(number, count): (i32, f64)| (number, count.to_bits());
        self.counts.len() == other.counts.len() && self.iter().map(bits).eq(other.iter().map(bits))
    }
}

impl FromIterator<(i32, f64)> for Buckets {
    /// From numbers in ascending order; what has the same number as the one before is added to it.
    fn from_iter<I: IntoIterator<Item = (i32, f64)>>(buckets: I) -> Self {
        let mut out = Self::default();
        buckets.into_iter().for_each(|(number, count)| out.push(number, count));
        out
    }
}

impl Buckets {
    /// From spans as senders write them: how far each lies behind the end of the one before, and how many it has.
    ///
    /// # Errors
    /// With counts that are too many, too few or more than [`BUCKETS_MAX`], and numbers that no float has as a bound.
    pub fn from_spans(
        spans: impl IntoIterator<Item = (i32, u32)>,
        counts: impl IntoIterator<Item = f64>,
    ) -> Result<Self, &'static str> {
        let (mut out, mut next) = (Self::default(), 0_i64);
        let mut counts = counts.into_iter();
        for (offset, len) in spans {
            next += i64::from(offset);
            if out.counts.len() + len as usize > BUCKETS_MAX {
                return Err("more than 10000 buckets");
            }
            for _ in 0..len {
                let count = counts.next().ok_or("more buckets in spans than counts")?;
                out.push(i32::try_from(next).map_err(|_| "a bucket beyond all numbers")?, count);
                next += 1;
            }
        }
        if counts.next().is_some() { Err("more counts than buckets in spans") } else { Ok(out) }
    }

    /// Adds a bucket behind the last, or to the last when that has the same number.
    pub fn push(&mut self, number: i32, count: f64) {
        if let Some(run) = self.runs.last_mut() {
            let end = i64::from(run.first) + i64::from(run.len);
            debug_assert!(i64::from(number) >= end - 1, "numbers ascend");
            if i64::from(number) == end - 1 {
                *self.counts.last_mut().expect("a run has buckets") += count;
                return;
            }
            if i64::from(number) == end {
                run.len += 1;
                self.counts.push(count);
                return;
            }
        }
        self.runs.push(Run { first: number, len: 1 });
        self.counts.push(count);
    }

    /// Spans as senders write them; see [`Buckets::from_spans`].
    pub fn spans(&self) -> impl Iterator<Item = (i32, u32)> {
        let mut end = 0;
        self.runs.iter().map(move |run| {
            let offset = i64::from(run.first) - end;
            end = i64::from(run.first) + i64::from(run.len);
            (offset as i32, run.len)
        })
    }

    /// The counts alone, in order.
    pub fn counts(&self) -> &[f64] {
        &self.counts
    }

    /// Numbers and counts in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = (i32, f64)> {
        self.numbers().zip(self.counts.iter().copied())
    }

    /// Numbers and counts in descending order.
    pub fn descending(&self) -> impl Iterator<Item = (i32, f64)> {
        self.numbers().rev().zip(self.counts.iter().rev().copied())
    }

    fn numbers(&self) -> impl DoubleEndedIterator<Item = i32> {
        self.runs.iter().flat_map(|run| (0..run.len).map(|n| run.first.wrapping_add_unsigned(n)))
    }

    /// How many buckets there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is no bucket, not even an empty one.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Changes every count.
    pub fn each(&mut self, change: impl Fn(f64) -> f64) {
        self.counts.iter_mut().for_each(|count| *count = change(*count));
    }

    /// Takes buckets that are empty away.
    pub fn compact(&mut self) {
        if self.counts.contains(&0.0) {
            *self = self.iter().filter(|(_, count)| *count != 0.0).collect();
        }
    }

    /// The buckets of both; what one does not have is 0 there.
    #[must_use]
    pub fn joined(&self, other: &Self, mut join: impl FnMut(f64, f64) -> f64) -> Self {
        if self.runs == other.runs {
            let pairs = self.counts.iter().zip(&other.counts);
            return Self { runs: self.runs.clone(), counts: pairs.map(|(a, b)| join(*a, *b)).collect() };
        }
        self.paired(other).map(|(number, a, b)| (number, join(a, b))).collect()
    }

    /// The numbers of both in ascending order with the counts of both; what one does not have is 0 there.
    pub fn paired(&self, other: &Self) -> impl Iterator<Item = (i32, f64, f64)> {
        let (mut left, mut right) = (self.iter().peekable(), other.iter().peekable());
        std::iter::from_fn(move || {
            let next = match (left.peek(), right.peek()) {
                (Some((a, _)), Some((b, _))) => *a.min(b),
                (Some((number, _)), None) | (None, Some((number, _))) => *number,
                (None, None) => return None,
            };
            let a = left.next_if(|(number, _)| *number == next).map_or(0.0, |(_, count)| count);
            let b = right.next_if(|(number, _)| *number == next).map_or(0.0, |(_, count)| count);
            Some((next, a, b))
        })
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.runs.capacity() * size_of::<Run>() + self.counts.capacity() * size_of::<f64>()
    }
}
