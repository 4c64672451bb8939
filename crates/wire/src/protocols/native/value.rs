//! One value, told by the value the slot had before. Lossless for every bit pattern, NaNs and −0 included.
//!
//! ```text
//! value := varint (zigzag(m − base) << 2 | form)      form 0: the value is m, 1: m/100, 2: m/1000 (f64 division)
//!        | u8 ((len − 1) << 5 | skip << 2 | 3)  bytes [len]
//!                                                     form 3: the value's bits XOR those before are these bytes,
//!                                                     lowest first, after `skip` zero bytes; skip + len ≤ 8
//! ```
//!
//! `base` is the value before, in the same form, if it has that form exactly, and 0 otherwise. A value v has the form
//! with scale s exactly when m = trunc(v·s + copysign(0.5, v)) is at most 2⁵³ in size and m/s is v to the last bit.
//! Machines count in integers, in hundredths (CPU ticks, load) and in thousandths (times of disks), so most changed
//! values take one to three bytes.

use super::{Cursor, Malformed};
use stdx::varint::{self, unzigzag, zigzag};

/// Scales of the forms 0, 1 and 2.
const SCALES: [f64; 3] = [1.0, 100.0, 1000.0];
/// Number of the form that XORs bits.
const RAW: u8 = 3;
/// Largest m; up to here every integer is an f64.
const INTEGER_MAX: f64 = (1u64 << 53) as f64;

/// The m of `value` at this scale, if it has that form exactly.
#[inline]
fn integer(value: f64, scale: f64) -> Option<i64> {
    let scaled = value * scale + 0.5f64.copysign(value);
    let m = scaled as i64;
    (scaled.abs() <= INTEGER_MAX && (m as f64 / scale).to_bits() == value.to_bits()).then_some(m)
}

/// Appends `value`, told by the `before` of its slot.
#[inline]
pub fn encode(out: &mut Vec<u8>, before: f64, value: f64) {
    for (form, scale) in SCALES.into_iter().enumerate() {
        if let Some(m) = integer(value, scale) {
            let delta = m - integer(before, scale).unwrap_or(0);
            varint::write_u64(out, zigzag(delta) << 2 | form as u64);
            return;
        }
    }
    encode_raw(out, before.to_bits() ^ value.to_bits());
}

fn encode_raw(out: &mut Vec<u8>, xor: u64) {
    let skip = (xor.trailing_zeros() / 8).min(7);
    let significant = xor >> (skip * 8);
    let len = 8 - (significant.leading_zeros() / 8).min(7);
    out.push(RAW | (skip << 2) as u8 | ((len - 1) << 5) as u8);
    out.extend_from_slice(&significant.to_le_bytes()[..len as usize]);
}

/// Reads a value, told by the `before` of its slot.
#[inline]
pub(super) fn decode(cursor: &mut Cursor<'_>, before: f64) -> Result<f64, Malformed> {
    match cursor.rest.first() {
        Some(first) if first & 3 == RAW => decode_raw(cursor, before),
        _ => {
            let number = cursor.varint()?;
            let scale = SCALES[(number & 3) as usize];
            let m = integer(before, scale).unwrap_or(0).wrapping_add(unzigzag(number >> 2));
            Ok(m as f64 / scale)
        }
    }
}

fn decode_raw(cursor: &mut Cursor<'_>, before: f64) -> Result<f64, Malformed> {
    let control = cursor.byte()?;
    let (skip, len) = (usize::from(control >> 2 & 7), usize::from(control >> 5) + 1);
    if skip + len > 8 {
        return Err(cursor.malformed("a value of more than 64 bits"));
    }
    let mut xor = [0; 8];
    xor[skip..skip + len].copy_from_slice(cursor.take(len)?);
    Ok(f64::from_bits(before.to_bits() ^ u64::from_le_bytes(xor)))
}
