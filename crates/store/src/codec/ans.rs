//! Coding tables of the models: asymmetric numeral systems in tables (tANS; Duda 2013, "Asymmetric numeral systems:
//! entropy coding combining speed of Huffman coding with compression rate of arithmetic coding").
//!
//! A state is a number below [`STATES`]. To decode is to look up the state: there are two symbols, and how many bits to
//! take and what to add to them for the next state. Coding goes the same way backwards, from the last pair on.

use super::models::{MODELS, SYMBOLS, likelihoods};
use std::sync::OnceLock;

/// Bits of a state.
pub(crate) const STATE_BITS: u32 = 11;
/// States there are.
pub(crate) const STATES: usize = 1 << STATE_BITS;
/// Pairs of symbols there are.
const PAIRS: usize = SYMBOLS * SYMBOLS;
/// What stands for a pair too rare to have states of its own, beside the pairs' numbers.
const RARE: usize = PAIRS;
/// What is decoded for a rare pair, in place of both symbols.
pub(crate) const RARE_SYMBOL: u8 = 255;

/// One model's tables.
#[derive(Debug)]
pub(crate) struct Table {
    decode: [Entry; STATES],
    /// States by pair: those of a pair begin at its `start`.
    encode: [u16; STATES],
    steps: [Step; PAIRS + 1],
}

/// What a state means: the symbols, and in `next` the next state without the bits to take (the low 11 bits) and how
/// many these are.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    next: u16,
    symbols: [u8; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    /// Added to a state, it makes the number of bits in its upper half.
    bits: u32,
    weight: u16,
    start: u16,
}

impl Step {
    fn new(weight: u16, start: u16) -> Self {
        if weight == 0 {
            return Self { bits: 0, weight, start };
        }
        // States from `weight << most` on give `most` bits, those below one less.
        let most = STATE_BITS - u32::from(weight).ilog2();
        Self { bits: (most << 16).wrapping_sub(u32::from(weight) << most), weight, start }
    }
}

/// Bits that a step of decoding takes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Given {
    pub(crate) value: u16,
    pub(crate) bits: u8,
}

impl Table {
    /// The tables of a model, made when first asked for.
    pub(crate) fn of(model: u8) -> &'static Self {
        static TABLES: [OnceLock<Box<Table>>; MODELS] = [const { OnceLock::new() }; MODELS];
        TABLES[usize::from(model)].get_or_init(|| Box::new(Self::new(&weights(usize::from(model)))))
    }

    fn new(weights: &[u16; PAIRS + 1]) -> Self {
        let mut table = Self {
            decode: [Entry::default(); STATES],
            encode: [0; STATES],
            steps: [Step::default(); PAIRS + 1],
        };
        let mut start = 0;
        for (step, &weight) in table.steps.iter_mut().zip(weights) {
            *step = Step::new(weight, start);
            start += weight;
        }
        let rare = table.steps[RARE];
        table.steps.iter_mut().filter(|step| step.weight == 0).for_each(|step| *step = rare);
        let mut seen = [0; PAIRS + 1];
        for (state, pair) in spread(weights).into_iter().enumerate() {
            let step = table.steps[pair];
            table.encode[usize::from(step.start + seen[pair])] = state as u16;
            // A pair's states are numbered from its weight up to twice that.
            let number = step.weight + seen[pair];
            seen[pair] += 1;
            let bits = STATE_BITS - number.ilog2();
            let next = (usize::from(number) << bits) - STATES;
            let symbols = if pair == RARE { [RARE_SYMBOL; 2] } else { [pair as u8 % 16, pair as u8 / 16] };
            table.decode[state] = Entry { next: next as u16 | (bits as u16) << STATE_BITS, symbols };
        }
        table
    }

    /// Whether the pair has states of its own; else it is coded as a rare one.
    #[inline]
    pub(crate) fn has(&self, symbols: [u8; 2]) -> bool {
        self.steps[number(symbols)].start != self.steps[RARE].start
    }

    /// A state that gives these symbols, when what comes after does not matter.
    pub(crate) fn last_state(&self, symbols: [u8; 2]) -> u16 {
        self.encode[usize::from(self.steps[number(symbols)].start)]
    }

    /// The state from which decoding gives these symbols and then `state`, when it is given these bits.
    #[inline]
    pub(crate) fn step_back(&self, state: u16, symbols: [u8; 2], given: &mut Given) -> u16 {
        let step = self.steps[number(symbols)];
        let full = u32::from(state) + STATES as u32;
        let bits = full.wrapping_add(step.bits) >> 16;
        *given = Given { value: (full & ((1 << bits) - 1)) as u16, bits: bits as u8 };
        let number = (full >> bits) - u32::from(step.weight);
        self.encode[(usize::from(step.start) + number as usize) % STATES]
    }

    /// Goes on to the next state, with bits from the low end of `word`, and tells the symbols.
    #[inline(always)]
    pub(crate) fn step_on(&self, state: &mut usize, word: &mut u64, taken: &mut u32) -> [u8; 2] {
        let entry = self.decode[*state % STATES];
        let bits = u32::from(entry.next >> STATE_BITS);
        *state = usize::from(entry.next) + (*word & ((1 << bits) - 1)) as usize;
        *word >>= bits;
        *taken += bits;
        entry.symbols
    }
}

#[inline]
fn number(symbols: [u8; 2]) -> usize {
    usize::from(symbols[0]) + SYMBOLS * usize::from(symbols[1])
}

/// How many states each pair of symbols has, rare pairs together.
pub(crate) fn weights(model: usize) -> [u16; PAIRS + 1] {
    let likely = likelihoods(model);
    let exact = |pair: usize| likely[pair % SYMBOLS] * likely[pair / SYMBOLS] * STATES as f64;
    let mut weights = [0; PAIRS + 1];
    let (mut rare, mut left) = (0.0, STATES as i32);
    for (pair, weight) in weights[..PAIRS].iter_mut().enumerate() {
        *weight = (exact(pair) + 0.5) as u16;
        left -= i32::from(*weight);
        if *weight == 0 {
            rare += exact(pair);
        }
    }
    weights[RARE] = ((rare + 0.5) as u16).max(1);
    left -= i32::from(weights[RARE]);
    // Rounding gave away a few too many or too few: the pairs that have most make up for it, in turn.
    while left != 0 {
        let most = weights.iter().max().map_or(0, |w| w - w / 8);
        for weight in weights.iter_mut().filter(|weight| **weight >= most) {
            let change = left.signum();
            *weight = (i32::from(*weight) + change) as u16;
            left -= change;
        }
    }
    weights
}

/// Deals the states out to the pairs, each pair's evenly over all: a stride that has no factor in common with the
/// number of states visits each once.
fn spread(weights: &[u16; PAIRS + 1]) -> [usize; STATES] {
    const STRIDE: usize = STATES / 2 + STATES / 8 + 3;
    let mut pairs = [0; STATES];
    let mut at = 0;
    for (pair, &weight) in weights.iter().enumerate() {
        for _ in 0..weight {
            pairs[at] = pair;
            at = (at + STRIDE) % STATES;
        }
    }
    pairs
}
