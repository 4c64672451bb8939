//! Small unsigned numbers, entropy-coded with fixed models: each run of [`RUN`] numbers with the model and the number of
//! low bits that make it shortest.
//!
//! A number is `symbol << shift | low bits`. The symbols of all runs are one stream of [`super::ans`] in which
//! [`LANES`] states take turns, so that a processor can look up several at once. Beside it stand the low bits and what
//! is too rare to have a symbol.

mod plan;
mod read;
mod write;

pub(crate) use read::{Run, decode};
pub(crate) use write::encode;

use super::models::MODELS;

/// Numbers that share a coding.
pub(crate) const RUN: usize = 256;
/// States that take turns.
const LANES: usize = 4;
/// The number that stands for "nothing but zeros" instead of a model.
const ZEROS: u8 = 127;
const MODEL_BITS: u32 = 7;
const SHIFT_BITS: u32 = 6;
const CODING_BITS: u32 = MODEL_BITS + SHIFT_BITS + 1;
/// Most low bits.
const SHIFT_MAX: u32 = 56;
/// Bits of the length of what stands beside the symbols.
const SIDE_LENGTH_BITS: u32 = 20;

/// How a run is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Coding {
    model: u8,
    shift: u8,
    /// Zeros have no low bits; all other numbers are taken less one, and their symbols are one more.
    sparse: bool,
}

const NOTHING_BUT_ZEROS: Coding = Coding { model: ZEROS, shift: 0, sparse: false };

impl Coding {
    /// What is left of a number without its low bits.
    #[inline]
    fn symbol(self, number: u64) -> u64 {
        if !self.sparse {
            number >> self.shift
        } else if number == 0 {
            0
        } else {
            ((number - 1) >> self.shift) + 1
        }
    }

    /// Bits that all low bits of a run take.
    fn low_bits(self, run: &[u64]) -> u64 {
        let numbers = if self.sparse { run.iter().filter(|&&n| n != 0).count() } else { run.len() };
        numbers as u64 * u64::from(self.shift)
    }

    fn number(self) -> u64 {
        let shift = u64::from(self.shift) << MODEL_BITS;
        u64::from(self.model) | shift | u64::from(self.sparse) << (MODEL_BITS + SHIFT_BITS)
    }

    fn from_number(number: u64) -> Option<Self> {
        let coding = Self {
            model: number as u8 & 127,
            shift: (number >> MODEL_BITS) as u8 & 63,
            sparse: number >> (MODEL_BITS + SHIFT_BITS) & 1 == 1,
        };
        let known = coding == NOTHING_BUT_ZEROS || usize::from(coding.model) < MODELS;
        (known && u32::from(coding.shift) <= SHIFT_MAX).then_some(coding)
    }
}

/// Bits of the code of any number: one less than the bits of it + 1 as zeros, then these (Elias' gamma).
fn gamma_bits(number: u64) -> u64 {
    2 * u64::from((number + 1).ilog2()) + 1
}
