//! Chunks of floats: times as differences of differences, values as XOR with the value before.
//!
//! ```text
//! chunk  := count u16 BE  first  second  further*
//! first  := varint time  f64
//! second := uvarint difference  xor
//! further:= dod xor
//! dod    := 0 | 10 int14 | 110 int17 | 1110 int20 | 1111 int64
//! xor    := 0                        the same value
//!         | 10 bits                  in the window of the XOR before
//!         | 11 leading:5 length:6 bits          length 0 means 64
//! ```

use super::bits::Bits;

/// Encoding byte of floats.
pub(super) const XOR: u8 = 1;
/// Encoding byte of native histograms with whole counts.
pub(super) const HISTOGRAM: u8 = 2;
/// Encoding byte of native histograms with float counts.
pub(super) const FLOAT_HISTOGRAM: u8 = 3;

/// How many samples a chunk of any encoding says it has.
pub(super) fn count(data: &[u8]) -> u64 {
    data.first_chunk().map_or(0, |bytes| u64::from(u16::from_be_bytes(*bytes)))
}

/// Visits time and value of each sample. The error says what is wrong; samples before it were visited.
pub fn decode_xor(data: &[u8], visit: &mut dyn FnMut(i64, f64)) -> Result<(), &'static str> {
    let Some((_, stream)) = data.split_first_chunk::<2>() else { return Err("a chunk without a count") };
    let count = count(data);
    let mut bits = Bits::new(stream);
    let (mut time_ms, mut delta_ms) = (0i64, 0i64);
    let mut window = Window::default();
    for sample in 0..count {
        let ends_early = || "the chunk ends early";
        match sample {
            0 => {
                time_ms = bits.varint().ok_or_else(ends_early)?;
                window.bits = bits.take(64).ok_or_else(ends_early)?;
            }
            1 => {
                delta_ms = bits.uvarint().ok_or_else(ends_early)? as i64;
            }
            _ => {
                let difference = difference(&mut bits).ok_or_else(ends_early)?;
                delta_ms = delta_ms.wrapping_add(difference);
            }
        }
        if sample > 0 {
            time_ms = time_ms.wrapping_add(delta_ms);
            window.next(&mut bits).ok_or_else(ends_early)?;
        }
        visit(time_ms, f64::from_bits(window.bits));
    }
    Ok(())
}

fn difference(bits: &mut Bits<'_>) -> Option<i64> {
    for width in [0, 14, 17, 20] {
        if bits.bit()? {
            continue;
        }
        if width == 0 {
            return Some(0);
        }
        let value = bits.take(width)? as i64;
        // The largest number of a width is positive here, unlike in two's complement.
        return Some(if value > 1 << (width - 1) { value - (1 << width) } else { value });
    }
    bits.take(64).map(|value| value as i64)
}

/// The value before, and where its XOR had bits.
#[derive(Default)]
struct Window {
    bits: u64,
    leading: usize,
    length: usize,
}

impl Window {
    fn next(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        if !bits.bit()? {
            return Some(());
        }
        if bits.bit()? {
            self.leading = bits.take(5)? as usize;
            let length = bits.take(6)? as usize;
            self.length = if length == 0 { 64 } else { length };
        }
        let trailing = 64usize.checked_sub(self.leading + self.length)?;
        let xor = bits.take(self.length)?.checked_shl(trailing as u32).unwrap_or(0);
        self.bits ^= xor;
        Some(())
    }
}
