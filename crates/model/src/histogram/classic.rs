//! A native histogram as series of numbers, and back.
//!
//! What every language can ask is kept as ever: `NAME_bucket{le="…"}` with how many observations were at most that,
//! `NAME_count` and `NAME_sum`. Beside them stands `NAME{__native__="…"}`, whose label says which schema and threshold the
//! bounds are of and whose values are the observations around zero: from all of them the histogram is put together again.
//! Where differences of sums are not the counts any more (counts that are no whole numbers, or very large), the counts
//! themselves stand in `NAME{__native__="count", le="…"}`. The end of a series is `NAME{__native__="stale"}`.

use super::{Buckets, CUSTOM, CounterReset, Histogram, SCHEMA_MAX, SCHEMA_MIN, bound};

/// The label of the series beside the classic ones.
pub const NATIVE: &str = "__native__";
/// The value of [`NATIVE`] for counts that do not follow from sums.
pub const COUNTS: &str = "count";
/// The value of [`NATIVE`] for the end of a series.
pub const ENDED: &str = "stale";
/// Bounds that follow from a schema are rounded to so many digits, so that every machine names a series the same.
const DIGITS: usize = 11;

/// What the label beside the classic series says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marker {
    /// Which bounds.
    pub schema: i8,
    /// Absolute values up to this are in the bucket around zero.
    pub zero_threshold: f64,
    /// What the sender said about the sample before: nothing, that counts started anew, or that it is a gauge.
    pub hint: CounterReset,
}

impl Marker {
    /// Reads a value of [`NATIVE`].
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let schema = parts.next()?.parse().ok()?;
        let zero_threshold = parts.next()?.parse().ok()?;
        let hint = parts.next().map_or(Some(CounterReset::Unknown), CounterReset::parse)?;
        let is_known = schema == CUSTOM || (SCHEMA_MIN..=SCHEMA_MAX).contains(&schema);
        let is_distance = (0.0..f64::INFINITY).contains(&zero_threshold);
        (is_known && is_distance && parts.next().is_none()).then_some(Self { schema, zero_threshold, hint })
    }
}

/// One bound of a histogram as series of numbers have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cumulative {
    /// The bound.
    pub le: f64,
    /// How many observations were at most that.
    pub total: f64,
    /// How many there were since the bound before, where that is not the difference.
    pub count: Option<f64>,
}

impl Histogram {
    /// The value of [`NATIVE`] for it.
    pub fn marker(&self) -> String {
        let mut out = format!("{}/{:e}", self.schema, self.zero_threshold);
        if matches!(self.hint, CounterReset::Gauge | CounterReset::Reset) {
            out.push('/');
            out.push_str(self.hint.as_str());
        }
        out
    }

    /// Counts observations that are within the bucket around zero there, as senders should have done: then every bound
    /// stands for one bucket.
    pub fn settle_zero(&mut self) {
        let threshold = self.zero_threshold;
        let within =
            |buckets: &Buckets| buckets.iter().any(|(number, _)| bound(number, self.schema) <= threshold);
        if self.is_custom() || !(within(&self.positive) || within(&self.negative)) {
            return;
        }
        for side in [&mut self.positive, &mut self.negative] {
            let is_inside = |number: i32| bound(number, self.schema) <= threshold;
            self.zero_count +=
                side.iter().filter(|(n, _)| is_inside(*n)).map(|(_, count)| count).sum::<f64>();
            *side = side.iter().filter(|(number, _)| !is_inside(*number)).collect();
        }
    }

    /// Its bounds in ascending order, each once. The infinite one is there only where its count has to be said.
    pub fn cumulative(&self) -> Vec<Cumulative> {
        let (mut out, mut total): (Vec<Cumulative>, f64) = (Vec::new(), 0.0);
        let mut push = |le: f64, count: f64| {
            let before = total;
            total += count;
            let differs = (total - before).to_bits() != count.to_bits() && !(count == 0.0 && total == before);
            if le.is_finite() || count != 0.0 {
                out.push(Cumulative { le, total, count: (differs || !le.is_finite()).then_some(count) });
            }
        };
        if self.is_custom() {
            let mut counts = self.positive.iter().peekable();
            for (number, le) in self.bounds.iter().enumerate() {
                let count = counts.next_if(|(at, _)| usize::try_from(*at) == Ok(number));
                push(*le, count.map_or(0.0, |(_, count)| count));
            }
            // What is above the last bound follows from the count of all, if that is right.
            let above = counts.next().map_or(0.0, |(_, count)| count);
            if (self.count - total).to_bits() != above.to_bits() {
                out.push(Cumulative { le: f64::INFINITY, total: total + above, count: Some(above) });
            }
            return out;
        }
        for (number, count) in self.negative.descending() {
            push(-rounded(bound(number.saturating_sub(1), self.schema)), count);
        }
        if self.zero_count != 0.0 {
            push(rounded(self.zero_threshold), self.zero_count);
        }
        for (number, count) in self.positive.iter() {
            push(rounded(bound(number, self.schema)), count);
        }
        out
    }

    /// Puts a histogram together from what its series say. Bounds that do not belong to the schema are left out.
    pub fn from_cumulative(
        marker: Marker,
        (count, sum, zero_count): (f64, f64, f64),
        bounds: impl IntoIterator<Item = Cumulative>,
    ) -> Self {
        let Marker { schema, zero_threshold, hint } = marker;
        let mut out = Self { schema, hint, zero_threshold, zero_count, count, sum, ..Self::default() };
        let (mut before, mut listed, mut negative) = (0.0, Vec::new(), Vec::new());
        let mut above_is_said = false;
        for Cumulative { le, total, count: said } in bounds {
            let own = said.unwrap_or(total - before);
            above_is_said |= le.is_infinite();
            if schema == CUSTOM {
                if own != 0.0 {
                    out.positive.push(listed.len() as i32, own);
                }
                if le.is_finite() {
                    listed.push(le);
                }
            } else if !(zero_count != 0.0 && le == rounded(zero_threshold)) {
                match place(le, schema) {
                    Some((number, true)) => negative.push((number, own)),
                    Some((number, false)) => out.positive.push(number, own),
                    None => continue,
                }
            }
            before = total;
        }
        out.negative = negative.into_iter().rev().collect();
        let above = count - before;
        if schema == CUSTOM && above != 0.0 && !above_is_said {
            out.positive.push(listed.len() as i32, above);
        }
        out.bounds = listed.into();
        out
    }
}

/// Which bucket has this bound, and whether it is below zero.
fn place(le: f64, schema: i8) -> Option<(i32, bool)> {
    let (is_negative, distance) = (le < 0.0, le.abs());
    let finest = f64::from(schema).exp2();
    let number = if distance.is_infinite() {
        (1024.0 * finest).floor() + 1.0
    } else {
        let number = (distance.log2() * finest).round();
        let is_near = |number: f64| (rounded(bound(number as i32, schema)) / distance - 1.0).abs() < 1e-9;
        Some(number).filter(|number| number.is_finite() && is_near(*number))?
    };
    Some((number as i32 + i32::from(is_negative), is_negative))
}

fn rounded(bound: f64) -> f64 {
    let near: f64 = format!("{bound:.DIGITS$e}").parse().unwrap_or(bound);
    if near.is_finite() { near } else { bound }
}
