//! Values that are no decimal numbers, by their bits: taken as integers these are in the order of the values, so that
//! near values have near integers, and [`integers`] find what they share (the low bits of what was an f32 are all 0).

use super::integers;

/// Appends the code of `values`, which is not empty.
pub(crate) fn encode(values: &[f64], out: &mut Vec<u8>) {
    let column: Vec<i64> = values.iter().map(|v| flip(v.to_bits() as i64)).collect();
    integers::encode(&column, out);
}

/// Appends `count` values. `None` when the bytes are not what [`encode`] makes.
pub(crate) fn decode(bytes: &[u8], count: usize, values: &mut Vec<f64>) -> Option<()> {
    integers::decode_each(bytes, count, |part| {
        values.extend(part.iter().map(|&bits| f64::from_bits(flip(bits) as u64)));
    })
}

/// Turns the order of negative numbers around, which have the sign apart, and back again.
#[inline]
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}
