//! From what was asked for to what is drawn: fewer values, stacked values, colours.

use super::Chart;
use crate::{AreaMode, Color, Line, Options};

/// A line with everything settled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub(crate) line: Line,
    pub(crate) color: Color,
    /// The area below is filled down to these values (NaN: down to nothing).
    pub(crate) area: Option<Vec<f64>>,
    pub(crate) width: f64,
    pub(crate) dash: Option<f64>,
}

impl Drawn {
    pub(crate) fn has_values(&self) -> bool {
        self.line.values.iter().any(|value| value.is_finite())
    }

    /// Values within a range of time.
    fn within(&self, (from_ms, until_ms): (i64, i64)) -> std::ops::Range<usize> {
        let step_ms = self.line.step_ms.max(1);
        let place = |time_ms: i64| time_ms.saturating_sub(self.line.start_ms).div_euclid(step_ms);
        let count = self.line.values.len();
        let start = place(from_ms).clamp(0, count as i64) as usize;
        let end = place(until_ms).saturating_add(1).clamp(0, count as i64) as usize;
        start..end.max(start)
    }
}

/// The lines of a chart, joined so that values are not closer than was asked for, and stacked.
pub(super) fn lines(chart: &Chart, range: (i64, i64), pixels: f64) -> Vec<Drawn> {
    let options = &chart.options;
    let two_axes = chart.lines.iter().any(|line| line.right) && chart.lines.iter().any(|line| !line.right);
    let mut drawn: Vec<Drawn> = Vec::with_capacity(chart.lines.len());
    let mut uncoloured = 0;
    for line in &chart.lines {
        let mut line = thinned(line, range, pixels, options.x_step_min);
        if options.null_as_zero && !line.infinite {
            line.values.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 0.0);
        }
        let side = if line.right { &options.right } else { &options.left };
        let side = two_axes.then_some(side);
        let color = line.color.or(side.and_then(|side| side.color)).unwrap_or_else(|| {
            uncoloured += 1;
            options.theme.color(uncoloured - 1)
        });
        let width = line.width.or(side.and_then(|side| side.width)).unwrap_or(options.line_width);
        let dash = line.dash.or(side.filter(|side| side.dashed).map(|_| 3.0)).filter(|length| *length > 0.0);
        drawn.push(Drawn { color, area: None, width: width.clamp(0.0, 100.0), dash, line });
    }
    fill(&mut drawn, options);
    drawn
}

/// Joins neighbours until values are at least `x_step_min` pixels apart. The values that are joined start at whole
/// multiples of their number, so that a chart that is drawn again a step later does not tremble.
fn thinned(line: &Line, range: (i64, i64), pixels: f64, x_step_min: f64) -> Line {
    let step_ms = line.step_ms.max(1);
    let values = (range.1 - range.0) as f64 / step_ms as f64;
    let count = (values * x_step_min.clamp(0.1, 1e6) / pixels).ceil();
    if count.is_nan() || count <= 1.0 || line.infinite {
        return Line { step_ms, ..line.clone() };
    }
    let count = (count as usize).min(line.values.len().max(1));
    let lead = line.start_ms.div_euclid(step_ms).rem_euclid(count as i64) as usize;
    let mut values = vec![f64::NAN; lead];
    values.extend(&line.values);
    Line { start_ms: line.start_ms - lead as i64 * step_ms, values, step_ms, ..line.clone() }.joined(count)
}

fn fill(drawn: &mut [Drawn], options: &Options) {
    let stacked = options.area_mode == AreaMode::Stacked;
    let mut last_filled: [Option<usize>; 2] = [None, None];
    for at in 0..drawn.len() {
        let line = &drawn[at].line;
        let side = usize::from(line.right);
        let wanted = line.filled
            || match options.area_mode {
                AreaMode::None => false,
                AreaMode::First => at == 0,
                AreaMode::All => true,
                AreaMode::Stacked => true,
            };
        if !wanted || line.infinite {
            continue;
        }
        let upon_others = stacked || line.filled;
        let below =
            last_filled[side].filter(|_| upon_others).map(|below| base(&drawn[below], &drawn[at].line));
        let count = drawn[at].line.values.len();
        let below = below.unwrap_or_else(|| vec![f64::NAN; count]);
        if stacked && !drawn[at].line.filled {
            let values = &mut drawn[at].line.values;
            values
                .iter_mut()
                .zip(&below)
                .for_each(|(value, below)| *value += if below.is_nan() { 0.0 } else { *below });
        }
        drawn[at].area = Some(below);
        last_filled[side] = Some(at);
    }
}

/// What a line stands on: the values of the one below at its own times. Where that one has none, what that one stood on.
fn base(below: &Drawn, line: &Line) -> Vec<f64> {
    let own = below.area.as_deref().unwrap_or_default();
    let at = |i: usize| {
        let time_ms = line.start_ms.saturating_add(line.step_ms.saturating_mul(i as i64));
        let place = time_ms.saturating_sub(below.line.start_ms).div_euclid(below.line.step_ms.max(1));
        let place = usize::try_from(place).ok()?;
        let value = *below.line.values.get(place)?;
        Some(if value.is_nan() { own.get(place).copied().unwrap_or(f64::NAN) } else { value })
    };
    (0..line.values.len()).map(|i| at(i).unwrap_or(f64::NAN)).collect()
}

/// Smallest and largest value of an axis; areas reach down to zero.
pub(super) fn extremes(drawn: &[Drawn], right: bool, range: (i64, i64)) -> Option<(f64, f64)> {
    let mut found: Option<(f64, f64)> = None;
    for one in drawn.iter().filter(|one| one.line.right == right && !one.line.infinite) {
        let within = one.within(range);
        for (value, below) in one.line.values[within.clone()].iter().zip(
            one.area
                .as_deref()
                .map_or(&[][..], |area| &area[within])
                .iter()
                .map(Some)
                .chain(std::iter::repeat(None)),
        ) {
            if !value.is_finite() {
                continue;
            }
            let below = below.map_or(*value, |below| if below.is_nan() { 0.0 } else { *below });
            let (low, high) = found.unwrap_or((*value, *value));
            found = Some((low.min(*value).min(below), high.max(*value).max(below)));
        }
    }
    found
}
