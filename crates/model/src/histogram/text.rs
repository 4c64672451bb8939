//! Histograms as text: the notation of Prometheus' test files, and the one its answers have.
//!
//! ```text
//! {{schema:1 sum:5 count:4 z_bucket:1 z_bucket_w:0.001 offset:2 buckets:[1 2] n_offset:1 n_buckets:[1]
//!   custom_values:[5 10] counter_reset_hint:gauge}}
//! {count:4, sum:5, [-2,-1):1, [-0.001,0.001]:1, (1,2]:2}
//! ```

use super::{Bucket, Buckets, CounterReset, Histogram};
use std::fmt;

impl Histogram {
    /// Reads the notation of test files, with its braces. What is not said is 0, and a schema of 0.
    ///
    /// # Errors
    /// Says what was not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inner = text.trim().strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
        let mut rest = inner.ok_or_else(|| format!("`{text}` is not in double braces"))?.trim_start();
        let mut out = Self::default();
        let (mut offset, mut n_offset, mut buckets, mut n_buckets) = (0, 0, Vec::new(), Vec::new());
        while !rest.is_empty() {
            let (key, after) = rest.split_once(':').ok_or_else(|| format!("`{rest}` has no colon"))?;
            let end = if after.starts_with('[') {
                after.find(']').ok_or("a list without an end")? + 1
            } else {
                after.find(char::is_whitespace).unwrap_or(after.len())
            };
            let (value, tail) = after.split_at(end);
            match key {
                "schema" => out.schema = integer(value)?,
                "sum" => out.sum = number(value)?,
                "count" => out.count = number(value)?,
                "z_bucket" => out.zero_count = number(value)?,
                "z_bucket_w" => out.zero_threshold = number(value)?,
                "offset" => offset = integer(value)?,
                "n_offset" => n_offset = integer(value)?,
                "buckets" => buckets = list(value)?,
                "n_buckets" => n_buckets = list(value)?,
                "custom_values" => out.bounds = list(value)?.into(),
                "counter_reset_hint" => {
                    out.hint = CounterReset::parse(value).ok_or_else(|| format!("no hint `{value}`"))?;
                }
                _ => return Err(format!("a histogram has no `{key}`")),
            }
            rest = tail.trim_start();
        }
        out.positive = from(offset, buckets)?;
        out.negative = from(n_offset, n_buckets)?;
        out.fault().map_or(Ok(out), |fault| Err(fault.to_owned()))
    }

    /// In the notation of test files, with what differs from nothing.
    pub fn to_notation(&self) -> String {
        let mut parts = Vec::new();
        let mut put = |key: &str, value: String| parts.push(format!("{key}:{value}"));
        if self.schema != 0 {
            put("schema", self.schema.to_string());
        }
        let numbers = [
            ("sum", self.sum),
            ("count", self.count),
            ("z_bucket", self.zero_count),
            ("z_bucket_w", self.zero_threshold),
        ];
        for (key, value) in numbers.into_iter().filter(|(_, value)| *value != 0.0) {
            put(key, text_of(value));
        }
        for (offset, key, side) in
            [("offset", "buckets", &self.positive), ("n_offset", "n_buckets", &self.negative)]
        {
            if let Some((first, _)) = side.iter().next() {
                if first != 0 {
                    put(offset, first.to_string());
                }
                put(key, format!("[{}]", dense(side).join(" ")));
            }
        }
        if !self.bounds.is_empty() {
            put("custom_values", format!("[{}]", texts(self.bounds.iter().copied()).join(" ")));
        }
        if self.hint != CounterReset::Unknown {
            put("counter_reset_hint", self.hint.as_str().to_owned());
        }
        format!("{{{{{}}}}}", parts.join(" "))
    }
}

/// Counts with those between them, which are 0; a side that is very sparse ends where the list would be too long.
fn dense(side: &Buckets) -> Vec<String> {
    let (mut out, mut next) = (Vec::new(), None);
    for (number, count) in side.iter() {
        let gap = i64::from(number) - next.unwrap_or(i64::from(number));
        out.extend((0..gap.min(super::BUCKETS_MAX as i64)).map(|_| "0".to_owned()));
        out.push(text_of(count));
        next = Some(i64::from(number) + 1);
    }
    out
}

fn from(offset: i32, counts: Vec<f64>) -> Result<Buckets, String> {
    Buckets::from_spans([(offset, counts.len() as u32)], counts).map_err(str::to_owned)
}

fn integer<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a whole number that fits"))
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is not a number"))
}

fn list(text: &str) -> Result<Vec<f64>, String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.ok_or_else(|| format!("`{text}` is not a list"))?.split_whitespace().map(number).collect()
}

fn texts(values: impl Iterator<Item = f64>) -> Vec<String> {
    values.map(text_of).collect()
}

fn text_of(value: f64) -> String {
    if value.is_infinite() {
        String::from(if value > 0.0 { "Inf" } else { "-Inf" })
    } else {
        value.to_string()
    }
}

impl fmt::Display for Histogram {
    /// As it stands in answers: sums, then every bucket with observations, in ascending order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{count:{}, sum:{}", Short(self.count), Short(self.sum))?;
        for bucket in self.negative.descending().map(|(number, count)| self.below_text(number, count)) {
            write_bucket(f, bucket)?;
        }
        write_bucket(f, self.around_zero())?;
        for bucket in self.positive_buckets() {
            write_bucket(f, bucket)?;
        }
        write!(f, "}}")
    }
}

impl Histogram {
    fn below_text(&self, number: i32, count: f64) -> Bucket {
        let (lower, upper) = self.span_of(number);
        Bucket { lower: -upper, upper: -lower, has_lower: true, has_upper: false, count }
    }
}

fn write_bucket(f: &mut fmt::Formatter<'_>, bucket: Bucket) -> fmt::Result {
    if bucket.count == 0.0 {
        return Ok(());
    }
    let (open, close) = (if bucket.has_lower { '[' } else { '(' }, if bucket.has_upper { ']' } else { ')' });
    write!(f, ", {open}{},{}{close}:{}", Short(bucket.lower), Short(bucket.upper), Short(bucket.count))
}

/// A number with as few digits as tell it apart, and an exponent from a million on and below a ten thousandth.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        if value == 0.0 || (1e-4..1e6).contains(&value.abs()) {
            return write!(f, "{value}");
        }
        if !value.is_finite() {
            return f.write_str(if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            });
        }
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| fmt::Error)?;
        write!(f, "{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }
}
