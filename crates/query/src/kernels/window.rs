//! A window's size: a number of buckets, or a time that is rounded to buckets.

use crate::call::{Call, Failure, Value};
use model::Interval;

/// Largest window, in buckets.
const WINDOW_MAX: i64 = 1_000_000;

/// The size of an argument in buckets (at least 1), and the words for it.
pub(super) fn size(call: &Call<'_>, name: &'static str) -> Result<(usize, String), Failure> {
    match call.value(name) {
        Some(Value::Text(text)) => {
            let interval = Interval::parse(text).ok_or_else(|| {
                Failure::of(name, format!("`{text}` is neither a number of buckets nor a time"))
                    .hint("such as 5 or 10m")
            })?;
            let buckets = interval.nominal_ms() as f64 / call.grid.interval.nominal_ms() as f64;
            Ok(((buckets.round() as usize).max(1), text.clone()))
        }
        _ => {
            let buckets = call.whole(name, 1, WINDOW_MAX)?.unwrap_or(1) as usize;
            Ok((buckets, buckets.to_string()))
        }
    }
}
