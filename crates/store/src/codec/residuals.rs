//! Small unsigned numbers, entropy-coded: Rice codes (Rice & Plaunt 1971) whose parameter is chosen anew for every run
//! of [`RUN`] numbers, with an own code for runs of zeros and one for runs that are mostly zero.
//!
//! A prediction that fits leaves zeros and small numbers; how small changes slowly. So each run starts with a bit
//! "coded as the one before", and only where that is 0 with a new parameter of seven bits.

use super::bits::{BitReader, BitWriter};

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
    fn number(self) -> u64 {
        match self {
            Self::Zeros => 0,
            Self::Rice(shift) => 1 + u64::from(shift),
            Self::MostlyZero(shift) => 64 + u64::from(shift),
        }
    }

    fn from_number(number: u64) -> Option<Self> {
        match number as u32 {
            0 => Some(Self::Zeros),
            n if n < 64 => (n - 1 <= SHIFT_MAX).then_some(Self::Rice(n - 1)),
            n => (n - 64 <= SHIFT_MAX).then_some(Self::MostlyZero(n - 64)),
        }
    }

    fn cost_bits(self, run: &[u64]) -> u64 {
        match self {
            Self::Zeros => {
                if run.iter().all(|&z| z == 0) {
                    0
                } else {
                    u64::MAX
                }
            }
            Self::Rice(shift) => run.iter().map(|&z| rice_bits(z, shift)).sum(),
            Self::MostlyZero(shift) => {
                run.iter().map(|&z| if z == 0 { 1 } else { 1 + rice_bits(z - 1, shift) }).sum()
            }
        }
    }

    fn write(self, bits: &mut BitWriter, run: &[u64]) {
        match self {
            Self::Zeros => {}
            Self::Rice(shift) => run.iter().for_each(|&z| write_rice(bits, z, shift)),
            Self::MostlyZero(shift) => {
                for &z in run {
                    bits.write(u64::from(z != 0), 1);
                    if z != 0 {
                        write_rice(bits, z - 1, shift);
                    }
                }
            }
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
fn width(z: u64) -> u32 {
    (64 - z.leading_zeros()).max(1)
}

#[inline]
fn rice_bits(z: u64, shift: u32) -> u64 {
    let quotient = z >> shift;
    if quotient < u64::from(ESCAPE) {
        quotient + 1 + u64::from(shift)
    } else {
        u64::from(ESCAPE + 1 + 6 + width(z))
    }
}

#[inline]
fn write_rice(bits: &mut BitWriter, z: u64, shift: u32) {
    let quotient = z >> shift;
    if quotient < u64::from(ESCAPE) {
        bits.write_unary(quotient as u32);
        bits.write(z, shift);
    } else {
        bits.write_unary(ESCAPE);
        bits.write(u64::from(width(z) - 1), 6);
        bits.write(z, width(z));
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

/// The cheapest coding of a run, with what it costs. The best Rice parameter is near the logarithm of the mean.
fn best_coding(run: &[u64]) -> (Coding, u64) {
    let sum: u128 = run.iter().map(|&z| u128::from(z)).sum();
    if sum == 0 {
        return (Coding::Zeros, 0);
    }
    let zeros = run.iter().filter(|&&z| z == 0).count();
    let around = |mean: u128| {
        let middle = (128 - mean.leading_zeros()).saturating_sub(1).min(SHIFT_MAX - 1);
        middle.saturating_sub(1)..=middle + 1
    };
    let plain = around(sum / run.len() as u128).map(Coding::Rice);
    // A flag a number only pays where many are zero.
    let others = (run.len() - zeros) as u128;
    let flagged = around((sum - others) / others).map(Coding::MostlyZero).take(if zeros * 4 > run.len() {
        3
    } else {
        0
    });
    plain
        .chain(flagged)
        .map(|coding| (coding, coding.cost_bits(run)))
        .min_by_key(|&(_, bits)| bits)
        .expect("there are candidates")
}

/// Codes `numbers`; how many there are must be known to the reader.
pub(crate) fn encode(numbers: &[u64]) -> Vec<u8> {
    let mut bits = BitWriter::default();
    let mut previous = Coding::Zeros;
    for run in numbers.chunks(RUN) {
        let (mut coding, cost) = best_coding(run);
        if previous.cost_bits(run) <= cost + u64::from(PARAMETER_BITS) {
            coding = previous;
        }
        bits.write(u64::from(coding == previous), 1);
        if coding != previous {
            bits.write(coding.number(), PARAMETER_BITS);
        }
        coding.write(&mut bits, run);
        previous = coding;
    }
    bits.finish()
}

/// Decodes into `numbers`, all of which are set. `None` when the bytes are not what [`encode`] makes.
pub(crate) fn decode(bytes: &[u8], numbers: &mut [u64]) -> Option<()> {
    let mut bits = BitReader::new(bytes);
    let mut coding = Coding::Zeros;
    for run in numbers.chunks_mut(RUN) {
        if bits.read(1) == 0 {
            coding = Coding::from_number(bits.read(PARAMETER_BITS))?;
        }
        coding.read(&mut bits, run);
        if bits.overrun() {
            return None;
        }
    }
    Some(())
}
