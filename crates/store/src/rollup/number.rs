//! Single numbers as decimals: `value = mantissa / 10^exponent` where that gives back the same bits, as in
//! `codec/decimal.rs`, which does it for whole columns.

/// Largest exponent at which decimals of f64 are exact.
const EXPONENT_MAX: u8 = 15;
/// Mantissas stay below this, where every integer is an f64.
const MANTISSA_END: f64 = 9_007_199_254_740_992.0;
/// Powers of ten that are exact in f64.
const POWERS: [f64; EXPONENT_MAX as usize + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The mantissa of `value` at an exponent, when it is exact to the bit.
pub(crate) fn mantissa(value: f64, exponent: u8) -> Option<i64> {
    let power = POWERS[usize::from(exponent)];
    let rounded = (value * power).round_ties_even();
    let exact = rounded.abs() < MANTISSA_END && (rounded as i64 as f64 / power).to_bits() == value.to_bits();
    exact.then_some(rounded as i64)
}

/// The number of a mantissa; `None` for an exponent that is never written.
pub(crate) fn value(mantissa: i64, exponent: u8) -> Option<f64> {
    Some(mantissa as f64 / power(exponent)?)
}

/// By what mantissas are divided; `None` for an exponent that is never written.
pub(crate) fn power(exponent: u8) -> Option<f64> {
    POWERS.get(usize::from(exponent)).copied()
}

/// The smallest exponent at which all values are exact.
pub(crate) fn exponent(values: impl Iterator<Item = f64>) -> Option<u8> {
    let mut exponent = 0;
    for value in values {
        exponent = (exponent..=EXPONENT_MAX).find(|&e| mantissa(value, e).is_some())?;
    }
    Some(exponent)
}

/// The mantissa next to what was worked out of decimals no larger than `scale`: adding and subtracting them as f64 leaves
/// errors behind that decimals do not have. `None` when `value` is too far from any.
pub(crate) fn nearest_mantissa(value: f64, scale: f64, exponent: u8) -> Option<i64> {
    /// A few dozen times the rounding error of f64, as a part of the value.
    const ERROR: f64 = 1.0 / (1u64 << 46) as f64;
    let power = POWERS[usize::from(exponent)];
    let rounded = (value * power).round_ties_even();
    let error = scale.max(value.abs()) * ERROR;
    let is_near = rounded.abs() < MANTISSA_END && (rounded / power - value).abs() <= error;
    (is_near && error * power < 0.25).then_some(rounded as i64)
}
