//! Which coding makes each run shortest.

use super::super::models::{COST_OF_BIT, ESCAPE, SYMBOLS, costs};
use super::{CODING_BITS, Coding, NOTHING_BUT_ZEROS, RUN, SHIFT_MAX, ZEROS, gamma_bits};

/// A run's coding for each [`RUN`] numbers. One that is hardly longer than the best stays as before, because a change
/// has to be written as well.
pub(super) fn codings(numbers: &[u64]) -> Vec<Coding> {
    let mut previous = NOTHING_BUT_ZEROS;
    let choose = |run: &[u64]| {
        let (best, bits) = best_coding(run);
        if best != previous && cost_bits(run, previous) > bits + u64::from(CODING_BITS) {
            previous = best;
        }
        previous
    };
    numbers.chunks(RUN).map(choose).collect()
}

/// What the numbers of a run are made of.
struct Histogram {
    symbols: [i16; SYMBOLS],
    /// Bits that follow the escapes.
    escaped_bits: u64,
}

impl Histogram {
    fn of(run: &[u64], coding: Coding) -> Self {
        let mut symbols = [0; SYMBOLS];
        let mut escaped_bits = 0;
        for &number in run {
            let symbol = coding.symbol(number);
            symbols[symbol.min(u64::from(ESCAPE)) as usize] += 1;
            if symbol >= u64::from(ESCAPE) {
                escaped_bits += gamma_bits(symbol - u64::from(ESCAPE));
            }
        }
        Self { symbols, escaped_bits }
    }

    #[inline]
    fn cost_bits(&self, costs: &[i16; SYMBOLS]) -> u64 {
        let cost: i32 =
            self.symbols.iter().zip(costs).map(|(&n, &cost)| i32::from(n) * i32::from(cost)).sum();
        cost as u64 / COST_OF_BIT + self.escaped_bits
    }
}

fn cost_bits(run: &[u64], coding: Coding) -> u64 {
    if coding.model == ZEROS {
        return if run.iter().all(|&n| n == 0) { 0 } else { u64::MAX };
    }
    Histogram::of(run, coding).cost_bits(&costs()[usize::from(coding.model)]) + coding.low_bits(run)
}

/// The shortest coding of a run among the shifts that its mean suggests, and about how many bits it takes.
fn best_coding(run: &[u64]) -> (Coding, u64) {
    let sum: u128 = run.iter().map(|&n| u128::from(n)).sum();
    if sum == 0 {
        return (NOTHING_BUT_ZEROS, 0);
    }
    let nonzero = run.iter().filter(|&&n| n != 0).count();
    let mut best = (NOTHING_BUT_ZEROS, u64::MAX);
    improve(&mut best, run, (sum / run.len() as u128) as u64, false);
    if nonzero * 8 <= run.len() * 7 {
        improve(&mut best, run, ((sum - nonzero as u128) / nonzero as u128) as u64, true);
    }
    best
}

/// Improves on `best` with the shifts that a mean suggests.
fn improve(best: &mut (Coding, u64), run: &[u64], mean: u64, sparse: bool) {
    let middle = (mean | 1).ilog2().min(SHIFT_MAX);
    // Without low bits it would not matter whether zeros have some.
    for shift in middle.saturating_sub(2).max(u32::from(sparse))..=middle {
        let coding = Coding { model: 0, shift: shift as u8, sparse };
        let histogram = Histogram::of(run, coding);
        let low_bits = coding.low_bits(run);
        for (model, costs) in costs().iter().enumerate() {
            let bits = histogram.cost_bits(costs) + low_bits;
            if bits < best.1 {
                *best = (Coding { model: model as u8, ..coding }, bits);
            }
        }
    }
}
