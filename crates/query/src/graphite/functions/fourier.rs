//! Which frequencies a series is made of, and back.

use crate::graphite::call::{Call, Outcome};
use crate::graphite::series::Series;
use std::f64::consts::TAU;

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn polar(length: f64, angle: f64) -> Self {
        Self { re: length * angle.cos(), im: length * angle.sin() }
    }

    fn plus(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    fn minus(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }

    fn times(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn conjugate(self) -> Self {
        Self { im: -self.im, ..self }
    }
}

pub(crate) fn fft(mut call: Call<'_, '_>) -> Outcome {
    let mode = call.text(1).unwrap_or("both").to_owned();
    let (lengths, angles) = match mode.as_str() {
        "" | "both" | "all" => (true, true),
        "abs" => (true, false),
        "phase" => (false, true),
        other => {
            return Err(
                call.fail(format!("There is no part `{other}` of a frequency; there are abs, phase, both"))
            );
        }
    };
    let mut out = Vec::new();
    for series in call.list(0) {
        // What is missing has no share in any frequency.
        let values = series
            .values
            .iter()
            .map(|value| Complex { re: if value.is_nan() { 0.0 } else { *value }, im: 0.0 });
        let found = transformed(values.collect());
        let mut part = |name: &str, of: fn(&Complex) -> f64| {
            let name = format!("fft({},{name})", series.name);
            out.push(series.clone().remade(name, found.iter().map(of).collect()));
        };
        if lengths {
            part("abs", |c| c.re.hypot(c.im));
        }
        if angles {
            part("phase", |c| c.im.atan2(c.re));
        }
    }
    Ok(out)
}

pub(crate) fn ifft(mut call: Call<'_, '_>) -> Outcome {
    let (lengths, angles) = (call.list(0), call.list(1));
    let made = lengths.into_iter().enumerate().map(|(at, series)| back(series, angles.get(at)));
    Ok(made.collect())
}

fn back(lengths: Series, angles: Option<&Series>) -> Series {
    let some = |value: Option<&f64>| value.copied().filter(|value| !value.is_nan()).unwrap_or(0.0);
    let angle = |at: usize| some(angles.and_then(|series| series.values.get(at)));
    let values = (0..lengths.values.len())
        .map(|at| Complex::polar(some(lengths.values.get(at)), angle(at)).conjugate());
    let count = lengths.values.len() as f64;
    let values = transformed(values.collect()).iter().map(|c| c.re.hypot(c.im) / count).collect();
    let name = match angles {
        Some(angles) => format!("ifft({}, {})", lengths.name, angles.name),
        None => format!("ifft({})", lengths.name),
    };
    lengths.remade(name, values)
}

/// The discrete Fourier transform: by halves where the length is a power of two (Cooley and Tukey 1965), else as a convolution
/// that has such a length (Bluestein 1970), so that any length takes `n log n` steps.
fn transformed(values: Vec<Complex>) -> Vec<Complex> {
    let count = values.len();
    if count.is_power_of_two() || count == 0 {
        return by_halves(values);
    }
    // k² modulo 2n keeps angles small, and so exact.
    let chirp: Vec<Complex> = (0..count as u128)
        .map(|k| Complex::polar(1.0, -TAU / 2.0 * (k * k % (2 * count as u128)) as f64 / count as f64))
        .collect();
    let long = (2 * count - 1).next_power_of_two();
    let mut left = vec![Complex::default(); long];
    let mut right = vec![Complex::default(); long];
    for at in 0..count {
        left[at] = values[at].times(chirp[at]);
        right[at] = chirp[at].conjugate();
        right[(long - at) % long] = right[at];
    }
    let (left, right) = (by_halves(left), by_halves(right));
    let product: Vec<Complex> = left.iter().zip(&right).map(|(a, b)| a.times(*b).conjugate()).collect();
    let folded = by_halves(product);
    let scaled = |at: usize| {
        let c = folded[at].conjugate();
        Complex { re: c.re / long as f64, im: c.im / long as f64 }.times(chirp[at])
    };
    (0..count).map(scaled).collect()
}

fn by_halves(mut values: Vec<Complex>) -> Vec<Complex> {
    let count = values.len();
    if count < 2 {
        return values;
    }
    for at in 0..count {
        let mirror = at.reverse_bits() >> (usize::BITS - count.trailing_zeros());
        if at < mirror {
            values.swap(at, mirror);
        }
    }
    let mut half = 1;
    while half < count {
        let turns: Vec<Complex> =
            (0..half).map(|at| Complex::polar(1.0, -TAU / 2.0 * at as f64 / half as f64)).collect();
        for part in values.chunks_exact_mut(2 * half) {
            let (low, high) = part.split_at_mut(half);
            for ((low, high), turn) in low.iter_mut().zip(high).zip(&turns) {
                let turned = high.times(*turn);
                (*low, *high) = (low.plus(turned), low.minus(turned));
            }
        }
        half *= 2;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    #[test]
    fn it_is_the_sum_that_defines_it() {
        let mut random = Random::from_seed(3);
        for count in [0usize, 1, 2, 3, 5, 8, 12, 31, 64, 100, 127] {
            let values: Vec<Complex> =
                (0..count).map(|_| Complex { re: random.unit() - 0.5, im: random.unit() }).collect();
            let found = transformed(values.clone());
            for (k, found) in found.iter().enumerate() {
                let part = |(at, value): (usize, &Complex)| {
                    value.times(Complex::polar(1.0, -TAU * (k * at % count) as f64 / count as f64))
                };
                let wanted = values.iter().enumerate().map(part).fold(Complex::default(), Complex::plus);
                let off = wanted.minus(*found);
                assert!(off.re.hypot(off.im) < 1e-9, "{count} {k}: {wanted:?} {found:?}");
            }
        }
    }
}
