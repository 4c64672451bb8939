//! Numbers as names of series show them: Python's ways of writing them.

use std::fmt::Write as _;

/// `%g`: six digits that count, without zeros at the end.
pub(crate) fn g(number: f64) -> String {
    if !number.is_finite() {
        return float(number);
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let scientific = format!("{number:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return without_zeros(&format!("{number:.decimals$}")).to_owned();
    }
    let mut out = without_zeros(mantissa).to_owned();
    push_exponent(&mut out, exponent);
    out
}

/// `str` of a float: as short as it goes, with a point.
pub(crate) fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let shortest = format!("{number:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..16).contains(&exponent) {
        return format!("{number:?}");
    }
    let mut out = mantissa.to_owned();
    push_exponent(&mut out, exponent);
    out
}

/// `%d`: the whole part.
pub(crate) fn whole(number: f64) -> String {
    format!("{:.0}", number.trunc() + 0.0)
}

/// Half to even, as Python rounds to decimal places.
pub(crate) fn round(number: f64, digits: i64) -> f64 {
    if !number.is_finite() || digits > 300 {
        return number;
    }
    if digits >= 0 {
        // Writing decimals is exact, so nothing is rounded twice.
        return format!("{number:.*}", digits as usize).parse().unwrap_or(number);
    }
    let scale = 10f64.powi(i32::try_from(-digits).unwrap_or(i32::MAX));
    if scale.is_infinite() { 0.0 } else { (number / scale).round_ties_even() * scale }
}

fn without_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn push_exponent(out: &mut String, exponent: i32) {
    let sign = if exponent < 0 { '-' } else { '+' };
    // Writing to a String cannot fail.
    let _ = write!(out, "e{sign}{:02}", exponent.abs());
}

#[cfg(test)]
mod tests {
    use super::{float, g, round, whole};

    #[test]
    fn numbers_are_written_as_in_python() {
        let cases = [
            (0.1, "0.1", "0.1"),
            (10.0, "10", "10.0"),
            (1_234_567.0, "1.23457e+06", "1234567.0"),
            (-2.5, "-2.5", "-2.5"),
            (1e-5, "1e-05", "1e-05"),
            (123_456.0, "123456", "123456.0"),
            (1e22, "1e+22", "1e+22"),
            (1e15, "1e+15", "1000000000000000.0"),
            (0.000_123_456_7, "0.000123457", "0.0001234567"),
            (f64::INFINITY, "inf", "inf"),
            (999_999.5, "1e+06", "999999.5"),
            (0.0, "0", "0.0"),
        ];
        for (number, as_g, as_float) in cases {
            assert_eq!((g(number).as_str(), float(number).as_str()), (as_g, as_float));
        }
        assert_eq!((whole(1.9), whole(-1.9), whole(-0.5)), ("1".to_owned(), "-1".to_owned(), "0".to_owned()));
    }

    #[test]
    fn halves_go_to_the_even_digit() {
        assert_eq!([round(0.5, 0), round(1.5, 0), round(2.675, 2), round(25.0, -1)], [0.0, 2.0, 2.67, 20.0]);
    }
}
