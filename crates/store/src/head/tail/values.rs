//! The values of a tail in few bytes, and cheap to add to. A value like the one before is counted and nothing else;
//! decimal numbers are differences of mantissas, everything else is kept by its bits.
//!
//! ```text
//! token  := varint(zigzag(mantissa - mantissa before))   a decimal number; the difference is not 0
//!         | 0x00 varint(n)                               n >= 1: the value before, n times more
//!         | 0x00 0x00 bits                               any value: 8 bytes; the mantissa before is 0 then
//! ```
//!
//! All mantissas of a tail have the same power of ten, which is raised, and the tail written anew, when a value has
//! more decimals. A tail of which a quarter is no decimal number is written anew in [`RAW`] tokens:
//!
//! ```text
//! token  := (16 * leading + n) bytes                     n = 1..8 bytes of the bits that changed, after so many
//!         | 0x00 varint(n)                               zero bytes; as above
//! ```
//!
//! Before the first token the value is +0. As long as all values are the same there is no token at all.

use crate::head::pages::{Chain, Pages};
use stdx::varint;

/// The power of ten that stands for [raw tokens](self).
const RAW: u8 = u8::MAX;
/// Most decimals: beyond, differences take as many bytes as the bits.
const EXPONENT_MAX: u8 = 9;
/// Mantissas stay below, where the sum with [`ROUNDING`] has no fraction.
const MANTISSA_END: f64 = 2_251_799_813_685_248.0;
/// Adding and subtracting 1.5 * 2^52 rounds to whole numbers.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
const POWERS: [f64; EXPONENT_MAX as usize + 1] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/// Values kept by their bits before it is asked whether there are too many of them.
const ESCAPES_FEW: u8 = 8;

/// Values in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Values {
    last: f64,
    chain: Chain,
    len_bytes: u16,
    len: u16,
    /// Repeats of the last value that have no token yet.
    run: u16,
    exponent: u8,
    /// Values kept by their bits.
    escapes: u8,
}

/// The mantissa of `value`, when that gives back the same bits.
#[inline]
fn mantissa(value: f64, exponent: u8) -> Option<i64> {
    if exponent == 0 {
        let whole = value as i64;
        // NaN, infinities and large numbers fail the comparison of size, −0 that of bits.
        return (value.abs() < MANTISSA_END && (whole as f64).to_bits() == value.to_bits()).then_some(whole);
    }
    let power = POWERS[usize::from(exponent)];
    let rounded = value * power + ROUNDING - ROUNDING;
    let exact = rounded.abs() < MANTISSA_END && (rounded / power).to_bits() == value.to_bits();
    exact.then_some(rounded as i64)
}

/// The fewest decimals from `from` on with which `value` is exact.
fn exponent(value: f64, from: u8) -> Option<u8> {
    (from..=EXPONENT_MAX).find(|&e| mantissa(value, e).is_some())
}

/// Tokens on their way into pages: a run and a number.
#[derive(Default)]
struct Token {
    bytes: [u8; 16],
    len: usize,
}

impl Token {
    #[inline]
    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    #[inline]
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.push(value as u8);
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Values {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The value added last.
    #[inline]
    pub(crate) fn last(&self) -> f64 {
        self.last
    }

    /// Bytes written.
    #[inline]
    pub(crate) fn len_bytes(&self) -> usize {
        usize::from(self.len_bytes)
    }

    /// Adds a value; there may be 65,535 and the tokens may take as many bytes, which the owner sees to.
    #[inline]
    pub(crate) fn push(&mut self, value: f64, pages: &mut Pages) {
        if self.len == 0 {
            self.last = value;
        } else if value.to_bits() == self.last.to_bits() {
            self.run += 1;
        } else {
            self.change(value, pages);
        }
        self.len += 1;
    }

    /// Forgets all values, but still says which was added last.
    pub(crate) fn clear(&mut self, pages: &mut Pages) {
        pages.free(self.chain, self.len_bytes);
        *self = Self { last: self.last, ..Self::default() };
    }

    /// Appends all values.
    pub(crate) fn decode(&self, pages: &Pages, values: &mut Vec<f64>) {
        if self.len_bytes == 0 {
            values.resize(values.len() + self.len(), self.last);
            return;
        }
        let mut bytes = Vec::with_capacity(self.len_bytes());
        pages.read(self.chain, self.len_bytes, &mut bytes);
        let decoded = match self.exponent {
            RAW => decode_raw(&bytes, values),
            exponent => decode_decimal(&bytes, exponent, values),
        };
        decoded.expect("written by us and kept in memory");
        values.resize(values.len() + usize::from(self.run), self.last);
    }

    /// Adds a value unlike the one before.
    fn change(&mut self, value: f64, pages: &mut Pages) {
        if self.len_bytes == 0 {
            self.begin(value, pages);
        }
        if self.exponent == RAW {
            self.write_run(pages);
            self.write_raw(value, pages);
        } else if let Some(m) = mantissa(value, self.exponent) {
            self.write_mantissa(m, value, pages);
        } else {
            self.change_coding(value, pages);
        }
    }

    /// Writes the value that all were so far.
    fn begin(&mut self, next: f64, pages: &mut Pages) {
        let (first, repeats) = (self.last, self.run);
        let decimals = exponent(first, 0).unwrap_or(0);
        self.exponent = exponent(next, decimals).unwrap_or(decimals);
        (self.last, self.run) = (0.0, 0);
        self.write(first, pages);
        self.run += repeats;
    }

    /// Writes a value that may be like the one before, with the coding that there is.
    fn write(&mut self, value: f64, pages: &mut Pages) {
        if value.to_bits() == self.last.to_bits() {
            self.run += 1;
            return;
        }
        if let Some(m) = Some(self.exponent).filter(|e| *e != RAW).and_then(|e| mantissa(value, e)) {
            return self.write_mantissa(m, value, pages);
        }
        self.write_run(pages);
        match self.exponent {
            RAW => self.write_raw(value, pages),
            _ => self.write_escape(value, pages),
        }
    }

    #[inline]
    fn write_mantissa(&mut self, mantissa_now: i64, value: f64, pages: &mut Pages) {
        let difference = mantissa_now - mantissa(self.last, self.exponent).unwrap_or(0);
        if difference == 0 {
            self.write_run(pages);
            self.write_escape(value, pages); // +0 after a value that has no mantissa
            return;
        }
        self.last = value;
        let mut token = self.take_run();
        token.varint(varint::zigzag(difference));
        pages.append(&mut self.chain, &mut self.len_bytes, token.bytes());
    }

    #[cold]
    fn write_escape(&mut self, value: f64, pages: &mut Pages) {
        pages.append(&mut self.chain, &mut self.len_bytes, &[0, 0]);
        pages.append(&mut self.chain, &mut self.len_bytes, &value.to_bits().to_le_bytes());
        self.last = value;
        self.escapes = self.escapes.saturating_add(1);
    }

    fn write_raw(&mut self, value: f64, pages: &mut Pages) {
        let changed = value.to_bits() ^ self.last.to_bits();
        let (above, below) = (changed.leading_zeros() / 8, changed.trailing_zeros() / 8);
        let count = 8 - above - below;
        let bytes = changed.to_be_bytes();
        pages.append(&mut self.chain, &mut self.len_bytes, &[(16 * above + count) as u8]);
        pages.append(&mut self.chain, &mut self.len_bytes, &bytes[above as usize..(above + count) as usize]);
        self.last = value;
    }

    fn write_run(&mut self, pages: &mut Pages) {
        let token = self.take_run();
        pages.append(&mut self.chain, &mut self.len_bytes, token.bytes());
    }

    /// The repeats of the last value, if there are any, which are no longer open then.
    #[inline]
    fn take_run(&mut self) -> Token {
        let mut token = Token::default();
        if self.run > 0 {
            token.push(0);
            token.varint(u64::from(std::mem::take(&mut self.run)));
        }
        token
    }

    /// Adds a value that has no mantissa so far: with more decimals, or by its bits.
    #[cold]
    fn change_coding(&mut self, value: f64, pages: &mut Pages) {
        let coding = match exponent(value, self.exponent) {
            Some(more) => more,
            None if self.escapes >= ESCAPES_FEW && u16::from(self.escapes) >= self.len / 4 => RAW,
            None => self.exponent,
        };
        if coding != self.exponent {
            self.recode(coding, pages);
        }
        self.write(value, pages);
    }

    fn recode(&mut self, coding: u8, pages: &mut Pages) {
        let mut values = Vec::with_capacity(self.len());
        self.decode(pages, &mut values);
        pages.free(self.chain, self.len_bytes);
        *self = Self { exponent: coding, len: self.len, ..Self::default() };
        values.iter().for_each(|&value| self.write(value, pages));
    }
}

fn decode_decimal(mut bytes: &[u8], exponent: u8, values: &mut Vec<f64>) -> Option<()> {
    let power = *POWERS.get(usize::from(exponent))?;
    let (mut mantissa, mut last) = (0i64, 0f64);
    while !bytes.is_empty() {
        match varint::read_u64(&mut bytes)? {
            0 => match varint::read_u64(&mut bytes)? {
                0 => {
                    let (bits, rest) = bytes.split_first_chunk()?;
                    (bytes, mantissa) = (rest, 0);
                    last = f64::from_bits(u64::from_le_bytes(*bits));
                    values.push(last);
                }
                run => values.resize(values.len() + usize::try_from(run).ok()?, last),
            },
            difference => {
                mantissa = mantissa.wrapping_add(varint::unzigzag(difference));
                last = if exponent == 0 { mantissa as f64 } else { mantissa as f64 / power };
                values.push(last);
            }
        }
    }
    Some(())
}

fn decode_raw(mut bytes: &[u8], values: &mut Vec<f64>) -> Option<()> {
    let mut last = 0u64;
    while let Some((&head, rest)) = bytes.split_first() {
        bytes = rest;
        let (above, count) = (usize::from(head / 16), usize::from(head % 16));
        if count == 0 {
            let run = varint::read_u64(&mut bytes)?;
            values.resize(values.len() + usize::try_from(run).ok()?, f64::from_bits(last));
            continue;
        }
        let (changed, rest) = bytes.split_at_checked(count)?;
        bytes = rest;
        let mut word = [0; 8];
        word.get_mut(above..above + count)?.copy_from_slice(changed);
        last ^= u64::from_be_bytes(word);
        values.push(f64::from_bits(last));
    }
    Some(())
}
