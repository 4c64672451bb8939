//! A sketch of many values from which quantiles are read with a bounded relative error: DDSketch (Masson, Rim, Lee 2019)
//! with buckets that are linear within a power of two, so that the bucket of a value is the upper bits of its double.
//!
//! Each power of two has 64 buckets, so a bucket is at most 1/64 of its lower bound wide, and what is told for it is
//! within 1/129 (0.8 %) of every value in it. Two sketches are merged by adding their buckets.

/// Buckets of a power of two, as bits: the error is half a bucket.
const SUBDIVISION_BITS: u32 = 6;
/// What is left of a double: its fraction without the bits above.
const SHIFT: u32 = f64::MANTISSA_DIGITS - 1 - SUBDIVISION_BITS;
/// Most buckets of one sign: 32 powers of two, from a nanosecond to four seconds. Below that the smallest are one.
pub const BUCKETS_MAX: usize = 2048;
/// Buckets are added so many at a time, as neighbours are likely to be wanted next.
const GROWTH: usize = 16;

/// Values of one sign: how many are in which bucket, from the lowest that was ever needed.
#[derive(Debug, Default, Clone)]
struct Window {
    first: u32,
    counts: Vec<u32>,
}

impl Window {
    #[inline]
    fn add(&mut self, bucket: u32, weight: u32) {
        match self.counts.get_mut(bucket.wrapping_sub(self.first) as usize) {
            Some(count) => *count = count.saturating_add(weight),
            None => self.widen(bucket, weight),
        }
    }

    /// Makes room for a bucket outside; one that is too low counts as the lowest.
    #[cold]
    fn widen(&mut self, bucket: u32, weight: u32) {
        if self.counts.is_empty() {
            self.first = bucket;
        }
        let end = self.first + self.counts.len() as u32;
        if bucket >= end {
            let wanted = (bucket - self.first) as usize + GROWTH;
            if wanted > BUCKETS_MAX {
                self.join_lowest(wanted - BUCKETS_MAX);
            }
            self.counts.resize(wanted.min(BUCKETS_MAX), 0);
        } else {
            let room = BUCKETS_MAX - self.counts.len();
            let wanted = (self.first - bucket) as usize + GROWTH;
            let more = wanted.min(room).min(self.first as usize);
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first -= more as u32;
        }
        let at = (bucket.max(self.first) - self.first) as usize;
        self.counts[at] = self.counts[at].saturating_add(weight);
    }

    /// Moves the window up by so many buckets; what was in those is added to the lowest that is left.
    fn join_lowest(&mut self, buckets: usize) {
        let joined = buckets.min(self.counts.len());
        let sum = self.counts.drain(..joined).fold(0u32, u32::saturating_add);
        self.first += buckets as u32;
        match self.counts.first_mut() {
            Some(count) => *count = count.saturating_add(sum),
            None => self.counts.push(sum),
        }
    }

    fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// Buckets that hold something, lowest first, as the value told for them and how many there are.
    fn filled(&self) -> impl DoubleEndedIterator<Item = (f64, u32)> + '_ {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(i, count)| (value_of(self.first + i as u32), *count))
    }
}

fn bucket_of(magnitude: f64) -> u32 {
    (magnitude.to_bits() >> SHIFT) as u32
}

/// The value whose relative distance to both bounds of a bucket is the same.
fn value_of(bucket: u32) -> f64 {
    let bound = |bucket: u32| f64::from_bits(u64::from(bucket) << SHIFT);
    let (low, high) = (bound(bucket), bound(bucket + 1));
    if high.is_finite() { low / (0.5 + 0.5 * (low / high)) } else { low }
}

/// See the module's text.
#[derive(Debug, Default, Clone)]
pub struct Sketch {
    positive: Window,
    /// By magnitude; hardly anybody needs it.
    negative: Window,
    zeros: u32,
}

impl Sketch {
    /// Adds a finite value as if it had come `weight` times.
    #[inline]
    pub fn add(&mut self, value: f64, weight: u32) {
        if value > 0.0 {
            self.positive.add(bucket_of(value), weight);
        } else if value < 0.0 {
            self.negative.add(bucket_of(-value), weight);
        } else {
            self.zeros = self.zeros.saturating_add(weight);
        }
    }

    /// Forgets the values, keeps the room for the next.
    pub fn clear(&mut self) {
        self.positive.counts.fill(0);
        self.negative.counts.fill(0);
        self.zeros = 0;
    }

    /// Tells the quantiles, which are in rising order, by nearest rank: the smallest value that the share of all values
    /// does not exceed. Nothing when there are no values.
    pub fn quantiles(&self, wanted: &[f64], mut tell: impl FnMut(usize, f64)) {
        let total = self.positive.total() + self.negative.total() + u64::from(self.zeros);
        let below = self.negative.filled().rev().map(|(magnitude, count)| (-magnitude, count));
        let zeros = (self.zeros > 0).then_some((0.0, self.zeros));
        let mut passed = 0u64;
        // A hair less, as the product of a share and a count may be a hair more than the whole number it stands for.
        let rank = |quantile: f64| quantile * total as f64 - 1e-9;
        let mut wanted = wanted.iter().enumerate().peekable();
        for (value, count) in below.chain(zeros).chain(self.positive.filled()) {
            passed += u64::from(count);
            while let Some((i, _)) = wanted.next_if(|(_, q)| rank(**q) <= passed as f64) {
                tell(i, value);
            }
        }
    }

    /// How many values are at most `bound`, which is not negative; a bound within a bucket counts all of that bucket, so
    /// that it may reach 1/64 too far.
    pub fn count_up_to(&self, bound: f64) -> u64 {
        let end = (bucket_of(bound) + 1).saturating_sub(self.positive.first) as usize;
        let counts = &self.positive.counts[..end.min(self.positive.counts.len())];
        let positive: u64 = counts.iter().map(|count| u64::from(*count)).sum();
        positive + self.negative.total() + u64::from(self.zeros)
    }

    /// Memory held beside the sketch itself, in bytes.
    pub fn memory_bytes(&self) -> usize {
        (self.positive.counts.capacity() + self.negative.counts.capacity()) * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Promised: half a bucket.
    const ERROR_MAX: f64 = 1.0 / 128.0;
    const QUANTILES: [f64; 6] = [0.0, 0.5, 0.9, 0.95, 0.99, 1.0];

    fn sketch(values: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|value| sketch.add(*value, 1));
        sketch
    }

    fn told(sketch: &Sketch) -> Vec<f64> {
        let mut told = vec![f64::NAN; QUANTILES.len()];
        sketch.quantiles(&QUANTILES, |i, value| told[i] = value);
        told
    }

    /// The value at a rank, as the sketch counts ranks.
    fn exact(values: &mut [f64], quantile: f64) -> f64 {
        values.sort_by(f64::total_cmp);
        let rank = (quantile * values.len() as f64 - 1e-9).ceil() as usize;
        values[rank.saturating_sub(1)]
    }

    fn check(values: &mut [f64]) {
        for (quantile, told) in QUANTILES.into_iter().zip(told(&sketch(values))) {
            let exact = exact(values, quantile);
            assert!((told - exact).abs() <= exact.abs() * ERROR_MAX, "{quantile}: {told} for {exact}");
        }
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_promised_error(mut values in prop::collection::vec(1e-3..1e3f64, 1..300)) {
            check(&mut values);
        }

        #[test]
        fn values_may_be_negative_and_zero(mut values in prop::collection::vec(
            prop_oneof![1e-3..1e3f64, -1e3..-1e-3f64, Just(0.0)], 1..300,
        )) {
            check(&mut values);
        }

        #[test]
        fn any_values_are_survived_in_bounded_memory(values in prop::collection::vec(
            any::<f64>().prop_filter("finite", |v| v.is_finite()), 1..100,
        )) {
            let sketch = sketch(&values);
            prop_assert!(sketch.memory_bytes() <= 4 * BUCKETS_MAX * size_of::<u32>());
            prop_assert_eq!(told(&sketch).iter().filter(|v| v.is_nan()).count(), 0);
        }
    }

    #[test]
    fn the_high_quantiles_survive_when_the_lowest_buckets_are_joined() {
        let mut values: Vec<f64> = (0..200).map(|i| 10f64.powi(i / 10 - 10)).collect();
        let told = told(&sketch(&values));
        for (quantile, told) in QUANTILES.into_iter().zip(told).skip(2) {
            let exact = exact(&mut values, quantile);
            assert!((told - exact).abs() <= exact * ERROR_MAX, "{quantile}: {told} for {exact}");
        }
    }

    #[test]
    fn values_up_to_a_bound_are_counted() {
        let sketch = sketch(&[-1.0, 0.0, 0.005, 0.006, 0.1, 0.25, 0.3, 10.0]);
        let counts: Vec<u64> =
            [0.0, 0.005, 0.05, 0.25, 1.0, 10.0].map(|bound| sketch.count_up_to(bound)).into();
        assert_eq!(counts, [2, 3, 4, 6, 7, 8]);
        assert_eq!(Sketch::default().count_up_to(1.0), 0);
    }

    #[test]
    fn weights_count_as_repeats_and_clearing_forgets() {
        let mut sketch = Sketch::default();
        sketch.add(1.0, 9);
        sketch.add(100.0, 1);
        let told_now = told(&sketch);
        assert!(told_now[1] < 1.01 && told_now[2] < 1.01 && told_now[3] > 99.0, "{told_now:?}");
        sketch.clear();
        assert!(told(&sketch).iter().all(|v| v.is_nan()));
    }
}
