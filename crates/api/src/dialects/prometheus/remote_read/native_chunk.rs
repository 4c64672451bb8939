//! Chunks of native histograms with counts as floats, as Prometheus keeps them.
//!
//! ```text
//! chunk  := samples (16 bits)  reset (2 bits, then 6 zeros)  layout  sample*
//! layout := zero threshold  schema (int)  spans of either side  bounds, if they are listed
//! spans  := how many (uint)  (length (uint)  offset (int))*
//! bounds := how many (uint)  each 64 bits after a zero bit
//! first  := time (int)  count  zero count  sum  buckets of either side, each 64 bits
//! second := time since then (uint)  the same as XOR with those before
//! others := difference of differences of times (int)  the same
//! ```
//!
//! Whole numbers have a length of their own: as many ones as the place of their width among [`WIDTHS`], then a zero. Every
//! column of a sample has an XOR window of its own. A chunk has one layout, and within it counts do not start anew.

use super::chunk::{Bits, Window, put_xor};
use model::histogram::CUSTOM;
use model::{CounterReset, Histogram};
use std::sync::Arc;

/// Number of the encoding.
pub const FLOAT_HISTOGRAM: u64 = 3;
/// Most samples of a chunk.
const SAMPLES_MAX: usize = 120;
/// How many bits a whole number takes; what is longer takes 64.
const WIDTHS: [u32; 7] = [3, 6, 9, 12, 18, 25, 56];
/// Zero thresholds that are powers of two within these exponents take one byte.
const THRESHOLD_EXPONENTS: std::ops::RangeInclusive<i32> = -242..=11;

/// How many samples from the start belong into one chunk: at least one.
pub fn run(histograms: &[Arc<Histogram>]) -> usize {
    let fits = |pair: &[Arc<Histogram>]| follows(&pair[0], &pair[1]);
    let more = histograms.windows(2).take(SAMPLES_MAX - 1).take_while(|pair| fits(pair)).count();
    (1 + more).min(histograms.len())
}

// A reader takes every sample but the first for one that went on counting; those of gauges for gauges.
fn follows(before: &Histogram, next: &Histogram) -> bool {
    let is_gauge = |histogram: &Histogram| histogram.hint == CounterReset::Gauge;
    let same_layout = before.schema == next.schema
        && before.zero_threshold.to_bits() == next.zero_threshold.to_bits()
        && before.bounds == next.bounds
        && before.positive.spans().eq(next.positive.spans())
        && before.negative.spans().eq(next.negative.spans());
    let grows = |before: &[f64], next: &[f64]| before.iter().zip(next).all(|(before, next)| next >= before);
    let goes_on = match next.hint {
        CounterReset::Reset => false,
        CounterReset::NotReset => true,
        CounterReset::Gauge => return same_layout && is_gauge(before) && !next.is_stale(),
        CounterReset::Unknown => {
            next.count >= before.count
                && next.zero_count >= before.zero_count
                && grows(before.positive.counts(), next.positive.counts())
                && grows(before.negative.counts(), next.negative.counts())
        }
    };
    // A sample that says the series ends has no buckets, and is alone.
    same_layout && goes_on && !is_gauge(before) && !before.is_stale() && !next.is_stale()
}

/// A chunk of samples that [`run`] found to belong together.
pub fn encode(times_ms: &[i64], histograms: &[Arc<Histogram>]) -> Vec<u8> {
    let mut bits = Bits::new((times_ms.len() as u16).to_be_bytes().to_vec());
    let Some(first) = histograms.first() else { return bits.bytes };
    let header = match first.hint {
        CounterReset::Unknown => 0b00,
        CounterReset::NotReset => 0b01,
        CounterReset::Reset => 0b10,
        CounterReset::Gauge => 0b11,
    };
    bits.put(header << 6, 8);
    put_layout(&mut bits, first);
    let mut windows: Vec<Option<Window>> = columns(first).map(|_| None).collect();
    let mut delta_ms = 0i64;
    for (at, histogram) in histograms.iter().enumerate() {
        if at == 0 {
            put_int(&mut bits, times_ms[0]);
            columns(histogram).for_each(|value| bits.put(value.to_bits(), 64));
            continue;
        }
        let delta = times_ms[at].wrapping_sub(times_ms[at - 1]);
        match at {
            1 => put_uint(&mut bits, delta as u64),
            _ => put_int(&mut bits, delta.wrapping_sub(delta_ms)),
        }
        delta_ms = delta;
        let pairs = columns(histogram).zip(columns(&histograms[at - 1])).zip(&mut windows);
        pairs
            .for_each(|((now, before), window)| put_xor(&mut bits, now.to_bits() ^ before.to_bits(), window));
    }
    bits.bytes
}

/// The numbers of a sample, in order.
fn columns(histogram: &Histogram) -> impl Iterator<Item = f64> {
    let buckets = histogram.positive.counts().iter().chain(histogram.negative.counts()).copied();
    [histogram.count, histogram.zero_count, histogram.sum].into_iter().chain(buckets)
}

fn put_layout(bits: &mut Bits, histogram: &Histogram) {
    put_threshold(bits, histogram.zero_threshold);
    put_int(bits, i64::from(histogram.schema));
    for side in [&histogram.positive, &histogram.negative] {
        put_uint(bits, side.spans().count() as u64);
        for (offset, length) in side.spans() {
            put_uint(bits, u64::from(length));
            put_int(bits, i64::from(offset));
        }
    }
    if histogram.schema == CUSTOM {
        put_uint(bits, histogram.bounds.len() as u64);
        // A one would begin a bound in thousandths.
        for bound in histogram.bounds.iter() {
            bits.put(0, 1);
            bits.put(bound.to_bits(), 64);
        }
    }
}

fn put_threshold(bits: &mut Bits, threshold: f64) {
    if threshold == 0.0 {
        return bits.put(0, 8);
    }
    // 0.5 to 1 times two to the power of this.
    let exponent = ((threshold.to_bits() >> 52 & 0x7ff) as i32) - 1022;
    let is_power = threshold > 0.0 && threshold.to_bits().trailing_zeros() >= 52;
    if is_power && THRESHOLD_EXPONENTS.contains(&exponent) {
        return bits.put((exponent + 243) as u64, 8);
    }
    bits.put(255, 8);
    bits.put(threshold.to_bits(), 64);
}

fn put_uint(bits: &mut Bits, number: u64) {
    put_wide(bits, number, number == 0, |width| number < 1 << width);
}

fn put_int(bits: &mut Bits, number: i64) {
    let fits = |width: u32| {
        let half = 1i64 << (width - 1);
        (-(half - 1)..=half).contains(&number)
    };
    put_wide(bits, number as u64, number == 0, fits);
}

fn put_wide(bits: &mut Bits, number: u64, is_zero: bool, fits: impl Fn(u32) -> bool) {
    if is_zero {
        return bits.put(0, 1);
    }
    match WIDTHS.iter().position(|width| fits(*width)) {
        Some(place) => {
            let ones = place as u32 + 1;
            bits.put((1 << (ones + 1)) - 2, ones + 1);
            bits.put(number, WIDTHS[place]);
        }
        None => {
            bits.put(0xff, 8);
            bits.put(number, 64);
        }
    }
}

#[cfg(test)]
mod tests;
