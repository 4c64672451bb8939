//! Numbers, times and series as Prometheus writes them.

use crate::json::{Object, Put, list, object};
use model::{Histogram, Labels};
use query::vector::value::is_float;
use query::vector::{Column, Outcome, Samples, Steps, Value};
use std::io::Write;

/// Appends an instant: seconds with milliseconds where there are any.
pub fn put_time(out: &mut Vec<u8>, time_ms: i64) {
    if time_ms < 0 {
        out.push(b'-');
    }
    let ms = time_ms.unsigned_abs();
    (ms / 1000).put(out);
    let rest = (ms % 1000) as usize;
    if rest > 0 {
        out.extend([b'.', digit(rest / 100), digit(rest / 10), digit(rest)]);
    }
}

fn digit(number: usize) -> u8 {
    b'0' + (number % 10) as u8
}

/// Appends a number as a text: the shortest that is read as the same, with an exponent where that is usual in JSON.
pub fn put_number(out: &mut Vec<u8>, value: f64) {
    out.push(b'"');
    put_bare(out, value);
    out.push(b'"');
}

/// Whole numbers below this, and only they, are written as integers: each is an f64.
const WHOLE_END: f64 = 9_007_199_254_740_992.0;
/// From here on to [`WHOLE_END`] what writes JSON uses no exponent, either.
const PLAIN_MIN: f64 = 1e-4;

fn put_bare(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    let whole = value as i64;
    if size < WHOLE_END && whole as f64 == value && (whole != 0 || value.is_sign_positive()) {
        return whole.put(out);
    }
    if (PLAIN_MIN..WHOLE_END).contains(&size) {
        // The standard library writes the same text, and takes several times as long.
        return value.put(out);
    }
    let _ = match value {
        f64::INFINITY => write!(out, "+Inf"),
        f64::NEG_INFINITY => write!(out, "-Inf"),
        value if value.is_nan() => write!(out, "NaN"),
        value if size >= 1e21 => write!(out, "{}", format!("{value:e}").replacen('e', "e+", 1)),
        value if size != 0.0 && size < 1e-6 => write!(out, "{value:e}"),
        value => write!(out, "{value}"),
    };
}

/// Appends labels as an object.
pub fn put_labels(out: &mut Vec<u8>, labels: &Labels) {
    object(out, |o| {
        labels.iter().for_each(|(name, value)| _ = o.put(name, value));
    });
}

fn put_histogram(out: &mut Vec<u8>, histogram: &Histogram) {
    object(out, |o| {
        put_number(o.member("count"), histogram.count);
        put_number(o.member("sum"), histogram.sum);
        let mut buckets = histogram.ascending().filter(|bucket| bucket.count != 0.0).peekable();
        if buckets.peek().is_none() {
            return;
        }
        list(o.member("buckets"), buckets, |out, bucket| {
            // Which bounds belong to the bucket: 0 the upper, 1 the lower, 2 neither, 3 both.
            let rule = match (bucket.has_lower, bucket.has_upper) {
                (false, true) => 0,
                (true, false) => 1,
                (false, false) => 2,
                (true, true) => 3,
            };
            let _ = write!(out, "[{rule}");
            for number in [bucket.lower, bucket.upper, bucket.count] {
                out.push(b',');
                put_number(out, number);
            }
            out.push(b']');
        });
    });
}

fn put_pair(out: &mut Vec<u8>, time_ms: i64, value: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'[');
    put_time(out, time_ms);
    out.push(b',');
    value(out);
    out.push(b']');
}

/// Appends `resultType` and `result` of one instant.
pub fn put_instant(o: &mut Object<'_>, outcome: &Outcome, steps: Steps) {
    let time_ms = steps.start_ms;
    match outcome {
        Outcome::Scalar(values) => {
            o.put("resultType", "scalar");
            put_pair(o.member("result"), time_ms, |out| put_number(out, values[0]));
        }
        Outcome::Text(text) => {
            o.put("resultType", "string");
            put_pair(o.member("result"), time_ms, |out| text.put(out));
        }
        Outcome::Vector(matrix) => {
            o.put("resultType", "vector");
            list(o.member("result"), matrix, |out, series| {
                object(out, |o| {
                    put_labels(o.member("metric"), &series.labels);
                    put_value(o, &series.column, time_ms);
                });
            });
        }
        Outcome::Windows(windows) => {
            o.put("resultType", "matrix");
            list(o.member("result"), windows, put_samples);
        }
    }
}

fn put_value(o: &mut Object<'_>, column: &Column, time_ms: i64) {
    match column.get(0) {
        Some(Value::Float(value)) => put_pair(o.member("value"), time_ms, |out| put_number(out, value)),
        Some(Value::Histogram(histogram)) => {
            put_pair(o.member("histogram"), time_ms, |out| put_histogram(out, &histogram));
        }
        None => {}
    }
}

fn put_samples(out: &mut Vec<u8>, samples: &Samples) {
    object(out, |o| {
        put_labels(o.member("metric"), &samples.labels);
        if !samples.times_ms.is_empty() {
            let pairs = samples.times_ms.iter().zip(&samples.values);
            list(o.member("values"), pairs, |out, (time_ms, value)| {
                put_pair(out, *time_ms, |out| put_number(out, *value));
            });
        }
        if !samples.histograms.is_empty() {
            let pairs = samples.histogram_times_ms.iter().zip(&samples.histograms);
            list(o.member("histograms"), pairs, |out, (time_ms, histogram)| {
                put_pair(out, *time_ms, |out| put_histogram(out, histogram));
            });
        }
    });
}

/// What stands before the value at each instant: its time, as all series have it.
struct Heads {
    text: Vec<u8>,
    /// Where each begins, and where the last ends.
    starts: Vec<usize>,
}

impl Heads {
    fn of(steps: Steps) -> Self {
        let mut heads = Self { text: Vec::new(), starts: Vec::with_capacity(steps.count + 1) };
        for time_ms in steps.iter() {
            heads.starts.push(heads.text.len());
            heads.text.push(b'[');
            put_time(&mut heads.text, time_ms);
            heads.text.push(b',');
        }
        heads.starts.push(heads.text.len());
        heads
    }

    fn get(&self, step: usize) -> &[u8] {
        &self.text[self.starts[step]..self.starts[step + 1]]
    }
}

/// Appends `resultType` and `result` of a range.
pub fn put_range(o: &mut Object<'_>, outcome: &Outcome, steps: Steps) {
    o.put("resultType", "matrix");
    let out = o.member("result");
    let heads = Heads::of(steps);
    match outcome {
        Outcome::Scalar(values) => list(out, [values], |out, values| {
            put_column(out, &Labels::empty(), &Column::of(values.clone()), &heads);
        }),
        Outcome::Vector(matrix) => list(out, matrix, |out, series| {
            put_column(out, &series.labels, &series.column, &heads);
        }),
        Outcome::Text(_) | Outcome::Windows(_) => out.extend_from_slice(b"[]"),
    }
}

fn put_column(out: &mut Vec<u8>, labels: &Labels, column: &Column, heads: &Heads) {
    object(out, |o| {
        put_labels(o.member("metric"), labels);
        let mut floats = column.values.iter().enumerate().filter(|(_, value)| is_float(**value)).peekable();
        if floats.peek().is_some() {
            list(o.member("values"), floats, |out, (step, value)| {
                out.extend_from_slice(heads.get(step));
                put_number(out, *value);
                out.push(b']');
            });
        }
        if column.has_histograms() {
            let histograms = (0..column.len()).filter_map(|step| Some((step, column.histogram(step)?)));
            list(o.member("histograms"), histograms, |out, (step, histogram)| {
                out.extend_from_slice(heads.get(step));
                put_histogram(out, histogram);
                out.push(b']');
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_and_times_are_written_as_prometheus_writes_them() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (-1e300, "-1e+300"),
        ] {
            assert_eq!(written(|out| put_number(out, value)), format!("\"{expected}\""));
        }
        for (ms, expected) in
            [(0, "0"), (1000, "1"), (1_435_781_451_781, "1435781451.781"), (-1500, "-1.500"), (5, "0.005")]
        {
            assert_eq!(written(|out| put_time(out, ms)), expected);
        }
    }

    #[test]
    fn every_number_is_written_without_exponent_and_as_short_as_can_be() {
        let mut random = stdx::random::Random::from_seed(4);
        for round in 0..60_000 {
            let value = match round % 4 {
                0 => f64::from_bits(random.below(u64::MAX)),
                1 => (random.below(1 << 20) as f64 - 5e5) / 10f64.powi(random.below(12) as i32),
                2 => random.unit() * 10f64.powi(random.below(40) as i32 - 20),
                _ => (random.below(1 << 60) as i64 - (1 << 59)) as f64,
            };
            let size = value.abs();
            if size != 0.0 && (1e-6..1e21).contains(&size) {
                // Where two texts are as short and as near, the standard library may take the other one.
                let text = written(|out| put_number(out, value));
                let bare = text.trim_matches('"');
                assert_eq!(bare.parse().map(f64::to_bits), Ok(value.to_bits()), "{text}");
                assert_eq!(bare.len(), value.to_string().len(), "{text} {value}");
                assert!(!bare.contains('e'), "{text}");
            }
        }
    }
}
