//! Functions that order series, and take the first of them.

use crate::graphite::aggregate::Aggregate;
use crate::graphite::call::{Call, Outcome};
use crate::graphite::series::Series;
use std::cmp::Ordering;

// Nothing is less than all; equal ones stay as they were.
fn by(list: &mut [Series], how: Aggregate, is_descending: bool) {
    let key = |series: &Series| {
        let value = how.of_series(series);
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    };
    list.sort_by_cached_key(|series| Key(if is_descending { -key(series) } else { key(series) }));
}

struct Key(f64);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal)
    }
}

fn first(mut call: Call<'_, '_>, how: Aggregate, is_descending: bool) -> Outcome {
    let n = call.integer(1).unwrap_or(1);
    let mut list = call.list(0);
    by(&mut list, how, is_descending);
    cut(&mut list, n);
    Ok(list)
}

/// Leaves the first so many; of a negative number all but so many at the end.
fn cut(list: &mut Vec<Series>, n: i64) {
    let all_but = || list.len().saturating_sub(usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX));
    list.truncate(usize::try_from(n).unwrap_or_else(|_| all_but()));
}

pub(crate) fn highest(call: Call<'_, '_>) -> Outcome {
    let how = call.aggregate(2)?;
    first(call, how, true)
}

pub(crate) fn lowest(call: Call<'_, '_>) -> Outcome {
    let how = call.aggregate(2)?;
    first(call, how, false)
}

pub(crate) fn highest_average(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Average, true)
}

pub(crate) fn highest_current(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Last, true)
}

pub(crate) fn highest_max(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Max, true)
}

pub(crate) fn highest_min(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Min, true)
}

pub(crate) fn lowest_average(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Average, false)
}

pub(crate) fn lowest_current(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Last, false)
}

pub(crate) fn lowest_max(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Max, false)
}

pub(crate) fn lowest_min(call: Call<'_, '_>) -> Outcome {
    first(call, Aggregate::Min, false)
}

pub(crate) fn limit(mut call: Call<'_, '_>) -> Outcome {
    let n = call.integer(1).unwrap_or(1);
    let mut list = call.list(0);
    cut(&mut list, n);
    Ok(list)
}

pub(crate) fn sort_by(mut call: Call<'_, '_>) -> Outcome {
    let (how, is_descending) = (call.aggregate(1)?, call.boolean(2));
    let mut list = call.list(0);
    by(&mut list, how, is_descending);
    Ok(list)
}

pub(crate) fn by_total(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    by(&mut list, Aggregate::Sum, true);
    Ok(list)
}

pub(crate) fn by_maxima(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    by(&mut list, Aggregate::Max, true);
    Ok(list)
}

/// Series that are never above 0 are left out.
pub(crate) fn by_minima(mut call: Call<'_, '_>) -> Outcome {
    let mut list = call.list(0);
    list.retain(|series| Aggregate::Max.of_series(series) > 0.0);
    by(&mut list, Aggregate::Min, false);
    Ok(list)
}

pub(crate) fn by_name(mut call: Call<'_, '_>) -> Outcome {
    let (is_natural, is_descending) = (call.boolean(1), call.boolean(2));
    let mut list = call.list(0);
    let key = |series: &Series| if is_natural { padded(&series.name) } else { series.name.clone() };
    if is_descending {
        list.sort_by_cached_key(|series| std::cmp::Reverse(key(series)));
    } else {
        list.sort_by_cached_key(key);
    }
    Ok(list)
}

// Numbers with zeros before them, so that 2 comes before 10.
fn padded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 16);
    let mut rest = name;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..at]);
        let length = rest[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - at);
        let digits = rest[at..at + length].trim_start_matches('0');
        out.push_str(&format!("{digits:0>10}"));
        rest = &rest[at + length..];
    }
    out + rest
}

/// Those that vary most.
pub(crate) fn most_deviant(mut call: Call<'_, '_>) -> Outcome {
    let n = call.integer(1).unwrap_or(1);
    let mut list = call.list(0);
    list.retain(|series| series.present().next().is_some());
    by(&mut list, Aggregate::Stddev, true);
    cut(&mut list, n);
    Ok(list)
}
