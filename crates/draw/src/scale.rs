//! A y axis: from where to where, and its labels.

use crate::format::{Units, fixed, with_unit};
use crate::options::AxisOptions;

/// Most labels, whatever step somebody asks for.
const LABELS_MAX: f64 = 60.0;
/// Numbers beyond this are drawn as if they were this.
const FAR: f64 = 1e300;
/// Steps that people can count in.
const MANTISSAS: [f64; 4] = [1.0, 2.0, 2.5, 5.0];

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    pub(crate) min: f64,
    pub(crate) max: f64,
    log_base: Option<f64>,
    /// Values with their labels, ascending.
    pub(crate) labels: Vec<(f64, String)>,
    /// Values between them at which a fine line stands.
    pub(crate) minor: Vec<f64>,
}

/// What an axis is made from.
pub(crate) struct Wanted<'a> {
    /// Smallest and largest value.
    pub(crate) data: Option<(f64, f64)>,
    pub(crate) axis: &'a AxisOptions,
    pub(crate) log_base: Option<f64>,
    pub(crate) units: Units,
    /// About so many labels have room.
    pub(crate) room: f64,
    pub(crate) divisors: &'a [u32],
    pub(crate) minor: u32,
}

impl Scale {
    pub(crate) fn new(wanted: &Wanted<'_>) -> Self {
        match wanted.log_base {
            Some(base) => log(wanted, base),
            None => linear(wanted),
        }
    }

    /// Where a value stands: 0 at the bottom, 1 at the top. NaN for what has no place.
    pub(crate) fn place(&self, value: f64) -> f64 {
        match self.log_base {
            Some(_) if value <= 0.0 => f64::NAN,
            Some(_) => (value.ln() - self.min.ln()) / (self.max.ln() - self.min.ln()),
            None => (value - self.min) / (self.max - self.min),
        }
    }

    /// Where areas that reach down to nothing end.
    pub(crate) fn floor(&self) -> f64 {
        if self.log_base.is_some() { self.min } else { 0.0_f64.clamp(self.min, self.max) }
    }
}

/// Smallest and largest value of an axis before it is rounded, and whether each was asked for.
fn limits(wanted: &Wanted<'_>, smallest: f64) -> (f64, f64, bool, bool) {
    let finite = |value: Option<f64>| value.filter(|value| value.abs() <= FAR && *value >= smallest);
    let axis = wanted.axis;
    // Sums and differences of what is that far apart have no number.
    let bounded = |value: f64| value.clamp(-FAR, FAR);
    let data =
        wanted.data.map(|(low, high)| (bounded(low), bounded(high))).filter(|(_, high)| *high >= smallest);
    let (low, high) = data.map_or((0.0, 1.0), |(low, high)| (low.max(smallest), high));
    let (min, mut max) = (finite(axis.min), finite(axis.max));
    if let Some(limit) = finite(axis.limit).filter(|limit| *limit < max.unwrap_or(high)) {
        max = Some(limit);
    }
    let exact = max.is_some() || (axis.max_is_data && data.is_some());
    (min.unwrap_or(low), max.unwrap_or(high), min.is_some(), exact)
}

fn linear(wanted: &Wanted<'_>) -> Scale {
    let (mut low, mut high, low_fixed, mut high_fixed) = limits(wanted, f64::NEG_INFINITY);
    if low >= high {
        // As in Graphite: a tenth of the value, on the sides that nobody fixed.
        let room = if high.abs() < 1e-9 { 1.0 } else { high.abs() * 0.1 };
        match (low_fixed, high_fixed) {
            (true, _) => (high, high_fixed) = (low + room, false),
            (false, true) => low = high - room,
            (false, false) => (low, high) = (low.min(high) - room, high + room),
        }
    }
    let step = step(wanted, low, high);
    let min = if low_fixed { low } else { (low / step + 1e-9).floor() * step };
    let max = if high_fixed { high } else { (high / step - 1e-9).ceil() * step };
    // The distance of numbers that large may be more than the step.
    let max = if max > min { max } else { min + min.abs().max(1.0) };
    let mut scale = Scale { min, max, log_base: None, labels: Vec::new(), minor: Vec::new() };
    let first = (min / step - 1e-9).ceil();
    let count = ((max / step + 1e-9).floor() - first).clamp(0.0, LABELS_MAX);
    let (unit, size) = wanted.units.of(min.abs().max(max.abs()));
    let decimals = decimals(step / size);
    let parts = wanted.minor.min(10) + 1;
    for at in 0..=count as i64 {
        let value = (first + at as f64) * step;
        scale.labels.push((value, label(value, size, decimals, unit)));
        let between = |part| value + step * f64::from(part) / f64::from(parts);
        scale.minor.extend((1..parts).map(between).filter(|value| *value <= max));
    }
    scale
}

fn label(value: f64, size: f64, decimals: usize, unit: &str) -> String {
    let number = fixed(value / size, decimals);
    if value == 0.0 { fixed(0.0, 0) } else { with_unit(&number, unit) }
}

/// The distance of labels: what was asked for, or what people count in and comes nearest to the room there is.
fn step(wanted: &Wanted<'_>, low: f64, high: f64) -> f64 {
    let span = high - low;
    if let Some(step) = wanted.axis.step.filter(|step| step.is_finite() && *step > 0.0) {
        return step.max(span / LABELS_MAX);
    }
    let (_, size) = wanted.units.of(low.abs().max(high.abs()));
    let rough = span / wanted.room.max(1.0);
    // Counted in the unit of the labels: 2.5 Ki, not 2.5 × 1000; half hours, not thousands of seconds.
    let power = 10_f64.powf((rough / size).log10().floor());
    let steps =
        (0..=2).flat_map(|more| MANTISSAS.map(|mantissa| mantissa * power * 10_f64.powi(more - 1) * size));
    let cost = |step: f64| {
        let parts = (high / step - 1e-9).ceil() - (low / step + 1e-9).floor();
        let off = |wanted: f64| (parts - wanted).abs();
        if parts > wanted.room * 1.5 {
            return f64::INFINITY;
        }
        let nearest =
            wanted.divisors.iter().map(|parts| off(f64::from(*parts))).fold(f64::INFINITY, f64::min);
        if nearest.is_finite() { nearest } else { off(wanted.room) }
    };
    let best = steps.min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
    best.filter(|step| step.is_normal()).unwrap_or(span.max(f64::MIN_POSITIVE))
}

/// Digits after the point that tell multiples of a step apart.
fn decimals(step: f64) -> usize {
    (0..12)
        .find(|digits| {
            let scaled = step * 10_f64.powi(*digits as i32);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0)
        })
        .unwrap_or(12)
}

fn log(wanted: &Wanted<'_>, base: f64) -> Scale {
    let (low, high, low_fixed, high_fixed) = limits(wanted, f64::MIN_POSITIVE);
    let low = if wanted.data.is_none() && !low_fixed { 1.0 } else { low };
    let high = high.max(low);
    let power = |value: f64| value.ln() / base.ln();
    let first = (power(low) + 1e-9).floor();
    let last = (power(high) - 1e-9).ceil().max(first + 1.0);
    let min = if low_fixed { low } else { base.powf(first) };
    let max = if high_fixed && high > min { high } else { base.powf(last) };
    let mut scale = Scale { min, max, log_base: Some(base), labels: Vec::new(), minor: Vec::new() };
    let stride = ((last - first) / wanted.room.max(1.0)).ceil().max(1.0) as usize;
    for at in (0..=(last - first).min(2000.0) as usize).step_by(stride) {
        let value = base.powf(first + at as f64);
        if value >= min * (1.0 - 1e-9) && value <= max * (1.0 + 1e-9) {
            scale.labels.push((value, wanted.units.short(value)));
        }
        if stride == 1 && base == 10.0 && wanted.minor > 0 {
            let between = (2..10).map(|times| value * f64::from(times));
            scale.minor.extend(between.filter(|value| *value > min && *value < max));
        }
    }
    scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, units: Units, room: f64) -> Vec<String> {
        let axis = AxisOptions::default();
        let wanted = Wanted {
            data: Some((low, high)),
            axis: &axis,
            log_base: None,
            units,
            room,
            divisors: &[],
            minor: 0,
        };
        Scale::new(&wanted).labels.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn labels_are_numbers_people_count_in() {
        assert_eq!(labels(0.0, 1.0, Units::Si, 5.0), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.0, 4900.0, Units::Si, 5.0), ["0", "1 k", "2 k", "3 k", "4 k", "5 k"]);
        assert_eq!(labels(-3.0, 3.0, Units::Plain, 6.0), ["−3", "−2", "−1", "0", "1", "2", "3"]);
        assert_eq!(labels(0.0, 4.0 * 1048576.0, Units::Binary, 4.0), ["0", "1 Mi", "2 Mi", "3 Mi", "4 Mi"]);
        assert_eq!(labels(0.0, 7200.0, Units::Seconds, 4.0), ["0", "0.5 h", "1.0 h", "1.5 h", "2.0 h"]);
    }

    #[test]
    fn one_value_has_an_axis_around_it() {
        let all = labels(5.0, 5.0, Units::Si, 4.0);
        assert!(all.len() >= 2, "{all:?}");
    }

    #[test]
    fn what_was_asked_for_is_kept_and_nonsense_is_bounded() {
        let axis =
            AxisOptions { min: Some(3.0), max: Some(17.0), step: Some(1e-9), ..AxisOptions::default() };
        let wanted = Wanted {
            data: Some((0.0, 100.0)),
            axis: &axis,
            log_base: None,
            units: Units::Si,
            room: 5.0,
            divisors: &[],
            minor: 1,
        };
        let scale = Scale::new(&wanted);
        assert_eq!((scale.min, scale.max), (3.0, 17.0));
        assert!(scale.labels.len() <= 61);
        for data in
            [(f64::MAX, f64::MAX), (-f64::MAX, f64::MAX), (0.0, f64::MIN_POSITIVE), (1e300, 1.0000001e300)]
        {
            for log_base in [None, Some(10.0)] {
                let axis = AxisOptions::default();
                let scale = Scale::new(&Wanted { data: Some(data), axis: &axis, log_base, ..wanted });
                assert!(scale.labels.len() <= 2001 && scale.max > scale.min, "{data:?} {scale:?}");
            }
        }
    }

    #[test]
    fn a_logarithmic_axis_has_its_powers() {
        let axis = AxisOptions::default();
        let wanted = Wanted {
            data: Some((0.5, 2000.0)),
            axis: &axis,
            log_base: Some(10.0),
            units: Units::Si,
            room: 10.0,
            divisors: &[],
            minor: 0,
        };
        let scale = Scale::new(&wanted);
        let labels: Vec<&str> = scale.labels.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0.1", "1", "10", "100", "1 k", "10 k"]);
        assert!(scale.place(0.0).is_nan() && (scale.place(0.1)).abs() < 1e-9);
    }
}
