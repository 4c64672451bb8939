//! Small unsigned numbers as version 1 codes them: Rice codes (Rice & Plaunt 1971) whose parameter is given anew for
//! every run of [`RUN`] numbers, with an own code for runs of zeros and one for runs that are mostly zero.
//!
//! Only read: what is written today is in [`super::entropy`].

use super::bits::BitReader;

/// Numbers that share a parameter.
const RUN: usize = 64;
/// Bits of a parameter.
const PARAMETER_BITS: u32 = 7;
/// Quotients from here on are written as a bit width and the number itself.
const ESCAPE: u32 = 20;
/// Largest Rice parameter.
const SHIFT_MAX: u32 = 56;

/// How a run is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    /// Nothing but zeros: no bits at all.
    Zeros,
    /// Quotient in unary, then `shift` low bits.
    Rice(u32),
    /// A bit "is zero", else the number less one as by [`Coding::Rice`].
    MostlyZero(u32),
}

impl Coding {
    fn from_number(number: u64) -> Option<Self> {
        match number as u32 {
            0 => Some(Self::Zeros),
            n if n < 64 => (n - 1 <= SHIFT_MAX).then_some(Self::Rice(n - 1)),
            n => (n - 64 <= SHIFT_MAX).then_some(Self::MostlyZero(n - 64)),
        }
    }

    fn read(self, bits: &mut BitReader<'_>, run: &mut [u64]) {
        match self {
            Self::Zeros => run.fill(0),
            Self::Rice(shift) => run.iter_mut().for_each(|z| *z = read_rice(bits, shift)),
            Self::MostlyZero(shift) => {
                for z in run {
                    *z = if bits.read(1) == 0 { 0 } else { read_rice(bits, shift).wrapping_add(1) };
                }
            }
        }
    }
}

#[inline]
fn read_rice(bits: &mut BitReader<'_>, shift: u32) -> u64 {
    let word = bits.peek();
    let quotient = word.trailing_zeros();
    if quotient < ESCAPE {
        if shift <= 32 {
            bits.skip(quotient + 1 + shift);
            return u64::from(quotient) << shift | (word >> (quotient + 1)) & ((1 << shift) - 1);
        }
        bits.skip(quotient + 1);
        return u64::from(quotient) << shift | bits.read(shift);
    }
    bits.skip(ESCAPE + 1);
    let width = bits.read(6) as u32 + 1;
    bits.read(width)
}

/// Decodes `count` numbers and hands them out, a run at a time. `None` when the bytes are damaged.
pub(crate) fn decode(bytes: &[u8], count: usize, mut take: impl FnMut(&[u64])) -> Option<()> {
    let mut bits = BitReader::new(bytes);
    let mut coding = Coding::Zeros;
    let mut run = [0; RUN];
    for start in (0..count).step_by(RUN) {
        let run = &mut run[..RUN.min(count - start)];
        if bits.read(1) == 0 {
            coding = Coding::from_number(bits.read(PARAMETER_BITS))?;
        }
        coding.read(&mut bits, run);
        if bits.overrun() {
            return None;
        }
        take(run);
    }
    Some(())
}
