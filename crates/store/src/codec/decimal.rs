//! Values as decimal numbers: `value = mantissa / 10^exponent`, accepted only where that gives back the same bits.
//!
//! What is measured was once printed or counted, so nearly all values have few decimals, and differences of their
//! mantissas are small integers. The few that are not (NaN, infinities, −0, a full-precision outlier) are exceptions.

use super::integers;
use stdx::varint;

/// Largest exponent: 10^15 times the smallest mantissas is where f64 ends to be exact.
const EXPONENT_MAX: usize = 15;
/// Mantissas stay below this, where every integer is an f64.
const MANTISSA_END: f64 = 9_007_199_254_740_992.0;
/// Powers of ten that are exact in f64.
const POWERS: [f64; EXPONENT_MAX + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The mantissa of `value` at an exponent, when it is exact to the bit.
#[inline]
fn mantissa(value: f64, power: f64) -> Option<i64> {
    let rounded = (value * power).round_ties_even();
    // NaN and the infinities fail the first comparison, −0 the second.
    let exact = rounded.abs() < MANTISSA_END && (rounded as i64 as f64 / power).to_bits() == value.to_bits();
    exact.then_some(rounded as i64)
}

/// The smallest exponent at which all but `exceptions_max` values are exact. Exactness at an exponent nearly always
/// holds at larger ones too, so one pass raises it as needed; the coding itself checks each value again.
fn exponent(values: &[f64], exceptions_max: usize) -> Option<usize> {
    let (mut exponent, mut exceptions) = (0, 0);
    for &value in values {
        match (exponent..=EXPONENT_MAX).find(|&e| mantissa(value, POWERS[e]).is_some()) {
            Some(found) => exponent = found,
            None => exceptions += 1,
        }
        if exceptions > exceptions_max {
            return None;
        }
    }
    Some(exponent)
}

/// Appends the code of `values`; `None` (and nothing appended) when too many are not decimal numbers.
pub(crate) fn encode(values: &[f64], out: &mut Vec<u8>) -> Option<()> {
    let exceptions_max = values.len() / 8;
    let exponent = exponent(values, exceptions_max)?;
    let mut mantissas = Vec::with_capacity(values.len());
    let mut exceptions = Vec::new();
    let mut last = 0;
    for (at, &value) in values.iter().enumerate() {
        match mantissa(value, POWERS[exponent]) {
            Some(m) => last = m,
            None => exceptions.push((at, value.to_bits())),
        }
        mantissas.push(last);
    }
    if exceptions.len() > exceptions_max {
        return None;
    }
    // An exception at the start repeats what follows, so that it costs no difference.
    let leading = exceptions.iter().enumerate().take_while(|(i, (at, _))| i == at).count();
    if let Some(&following) = mantissas.get(leading) {
        mantissas[..leading].fill(following);
    }
    out.push(exponent as u8);
    varint::write_u64(out, exceptions.len() as u64);
    let mut expected = 0;
    for (at, bits) in exceptions {
        varint::write_u64(out, (at - expected) as u64);
        out.extend_from_slice(&bits.to_le_bytes());
        expected = at + 1;
    }
    integers::encode(&mantissas, out);
    Some(())
}

/// Appends `count` values. `None` when the bytes are not what [`encode`] makes.
pub(crate) fn decode(mut bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    let (&exponent, rest) = bytes.split_first()?;
    bytes = rest;
    let power = *POWERS.get(usize::from(exponent))?;
    let exceptions = varint::read_u64(&mut bytes)?;
    if exceptions > count as u64 {
        return None;
    }
    let mut patches = Vec::with_capacity(exceptions as usize);
    let mut at = 0usize;
    for _ in 0..exceptions {
        at = at.checked_add(usize::try_from(varint::read_u64(&mut bytes)?).ok()?)?;
        let (bits, rest) = bytes.split_first_chunk()?;
        bytes = rest;
        if at >= count {
            return None;
        }
        patches.push((at, u64::from_le_bytes(*bits)));
        at += 1;
    }
    let mut mantissas = Vec::with_capacity(count);
    integers::decode(bytes, count, &mut mantissas)?;
    let start = values.len();
    if exponent == 0 {
        values.extend(mantissas.iter().map(|&m| m as f64));
    } else {
        values.extend(mantissas.iter().map(|&m| m as f64 / power));
    }
    for (at, bits) in patches {
        values[start + at] = f64::from_bits(bits);
    }
    Some(())
}
