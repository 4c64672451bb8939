//! Primary data points: rates times seconds, collected until a step is over.

use super::{Interval, Reading};
use crate::formats::rrd::{PendingPoint, Source, SourceKind};

/// What a 32-bit wrap adds: rrdtool has always been one short of 2³².
const WRAP_32: f64 = 4_294_967_295.0;
/// What is added besides when that was not enough, so that both make 2⁶⁴−1.
const WRAP_64: f64 = 18_446_744_069_414_584_320.0;

/// A part of an interval that ends with a point, treated like an update of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// All of its seconds.
    pub seconds: f64,
    /// Seconds up to the end of its last point.
    pub before: f64,
    /// Seconds after it that begin the next point.
    pub after: f64,
    /// Points that it closes.
    pub steps: u64,
    /// Number of the first of them since 1970.
    pub point: u64,
}

/// The rate times the seconds of an update; NaN when unknown.
pub(super) fn amount(source: &Source, last: Reading, reading: Reading, seconds: f64) -> f64 {
    let Reading::Number(value) = reading else { return f64::NAN };
    if seconds > source.heartbeat_s as f64 {
        return f64::NAN;
    }
    let amount = match (source.kind, last) {
        (SourceKind::Gauge | SourceKind::Compute, _) => value * seconds,
        (SourceKind::Absolute, _) => value,
        (_, Reading::Unknown) => return f64::NAN,
        (SourceKind::Counter, Reading::Number(last)) => unwrapped(whole_difference(value, last)),
        (SourceKind::Derive, Reading::Number(last)) => whole_difference(value, last),
        (SourceKind::DCounter, Reading::Number(last)) => grown(value - last),
        (SourceKind::DDerive, Reading::Number(last)) => value - last,
    };
    let rate = amount / seconds;
    // A bound that is NaN bounds nothing: both comparisons are false.
    if rate > source.max || rate < source.min { f64::NAN } else { amount }
}

/// The difference of two whole numbers; rrdtool knows none between numbers of different signs. It makes a double of the
/// decimal digits one by one, which rounds more than once above 2⁵³.
fn whole_difference(value: f64, last: f64) -> f64 {
    if (value < 0.0) != (last < 0.0) {
        return f64::NAN;
    }
    let exact = value as i128 - last as i128;
    if exact.unsigned_abs() < 1 << 53 {
        return exact as f64;
    }
    let digits = exact.unsigned_abs().to_string();
    let magnitude = digits.bytes().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'));
    if exact < 0 { -magnitude } else { magnitude }
}

/// A floating counter that falls was reset. The manual promises counters that go down; 1.7.2 knows none.
fn grown(amount: f64) -> f64 {
    if amount < 0.0 { f64::NAN } else { amount }
}

fn unwrapped(mut amount: f64) -> f64 {
    if amount < 0.0 {
        amount += WRAP_32;
    }
    if amount < 0.0 {
        amount += WRAP_64;
    }
    amount
}

/// Adds an interval that closes no point.
pub(super) fn extend(point: &mut PendingPoint, amount: f64, seconds: f64) {
    if amount.is_nan() {
        point.unknown_s += seconds.floor() as u64;
    } else if point.value.is_nan() {
        point.value = amount;
    } else {
        point.value += amount;
    }
}

/// Cuts an interval into what closes the point in the making and the rest.
///
/// rrdtool cuts whole seconds only: what is left of a second goes with the rest. Where no whole second belongs to the
/// point in the making, or it has not begun, nothing is cut.
pub(super) fn parts(interval: Interval, step_s: u64) -> (Option<Part>, Part) {
    let Interval { whole: seconds, before, after, steps, point } = interval;
    let head = (before - ((steps - 1) * step_s) as f64).floor();
    if steps == 1 || head < 1.0 || head >= step_s as f64 {
        return (None, Part { seconds, before, after, steps, point });
    }
    let first = Part { seconds: head, before: head, after: 0.0, steps: 1, point };
    let (seconds, before) = (seconds - head, before - head);
    (Some(first), Part { seconds, before, after, steps: steps - 1, point: point + 1 })
}

/// Closes the points of a part, over which the source had `amount`: their common value.
pub(super) fn close(source: &mut Source, amount: f64, part: Part, step_s: u64) -> f64 {
    let pending = &mut source.pending;
    let mut unknown = 0.0;
    if amount.is_nan() {
        unknown = part.before;
    } else {
        let so_far = if pending.value.is_nan() { 0.0 } else { pending.value };
        pending.value = so_far + amount / part.seconds * part.before;
    }
    let is_late = part.seconds > source.heartbeat_s as f64;
    let is_dropped = is_late || step_s as f64 / 2.0 < pending.unknown_s as f64;
    let known = (part.steps * step_s) as i64 - pending.unknown_s as i64;
    let value = if is_dropped { f64::NAN } else { pending.value / (known as f64 - unknown) };
    if amount.is_nan() {
        pending.unknown_s = part.after.floor() as u64;
        pending.value = f64::NAN;
    } else {
        pending.unknown_s = 0;
        pending.value = amount / part.seconds * part.after;
    }
    value
}
