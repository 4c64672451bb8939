//! A series on its own grid, and how it is brought to fewer points.

use std::collections::BTreeMap;

/// A series. Times are Unix seconds; value `k` belongs to `start_s + k·step_s`.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in a legend.
    pub name: String,
    /// What it was asked for by, or the call it comes from.
    pub path_expression: String,
    /// `name` and others; functions add what they did.
    pub tags: BTreeMap<String, String>,
    /// Time of the first value.
    pub start_s: i64,
    /// First time after the last value.
    pub end_s: i64,
    /// From one value to the next; at least 1.
    pub step_s: i64,
    /// Null is NaN.
    pub values: Vec<f64>,
    /// How several values become one.
    pub consolidation: Consolidation,
    /// Which part of the values must not be null for that, 0 to 1; at least one always.
    pub x_files_factor: f64,
    /// How many values stand for one that was there at first; 1 unless it was consolidated.
    pub values_per_point: usize,
    /// Each value is what the samples of its step come to, of the step that begins with its time.
    pub is_rolled: bool,
    /// How it wishes to be drawn.
    pub style: Style,
}

/// How a series wishes to be drawn; what is absent was not said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Style {
    /// A name or digits, as given.
    pub color: Option<String>,
    /// Opacity, 0 to 1.
    pub alpha: Option<f64>,
    /// In pixels.
    pub line_width: Option<f64>,
    /// Length of a dash.
    pub dashed: Option<f64>,
    /// Stacked upon those before it.
    pub stacked: bool,
    /// Counts in stacks but is not drawn.
    pub invisible: bool,
    /// Every value that is not 0 is a vertical line.
    pub draw_as_infinite: bool,
    /// On the right axis.
    pub second_y_axis: bool,
}

/// How several values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Consolidation {
    /// The mean of those there are.
    #[default]
    Average,
    /// The mean, with null as 0.
    AvgZero,
    /// The sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The first.
    First,
    /// The last.
    Last,
}

impl Consolidation {
    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "average" | "avg" => Self::Average,
            "avg_zero" => Self::AvgZero,
            "sum" | "total" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "first" => Self::First,
            "last" | "current" => Self::Last,
            _ => return None,
        })
    }

    /// Its usual name.
    pub fn as_str(self) -> &'static str {
        ["average", "avg_zero", "sum", "min", "max", "first", "last"][self as usize]
    }

    /// One value of several; null when less than `x_files_factor` of the `per_point` wanted are there.
    pub fn of(self, values: &[f64], per_point: usize, x_files_factor: f64) -> f64 {
        let present = || values.iter().copied().filter(|value| !value.is_nan());
        let count = present().count();
        if count == 0 || (count as f64 / per_point as f64) < x_files_factor {
            return f64::NAN;
        }
        match self {
            Self::Average => present().sum::<f64>() / count as f64,
            Self::AvgZero => present().sum::<f64>() / values.len() as f64,
            Self::Sum => present().sum(),
            Self::Min => present().fold(f64::INFINITY, f64::min),
            Self::Max => present().fold(f64::NEG_INFINITY, f64::max),
            Self::First => present().next().unwrap_or(f64::NAN),
            Self::Last => present().next_back().unwrap_or(f64::NAN),
        }
    }
}

impl Series {
    /// A series that is just its values.
    pub fn new(name: impl Into<String>, start_s: i64, end_s: i64, step_s: i64, values: Vec<f64>) -> Self {
        let name = name.into();
        Self {
            path_expression: name.clone(),
            tags: tags_of(&name),
            name,
            start_s,
            end_s,
            step_s: step_s.max(1),
            values,
            consolidation: Consolidation::default(),
            x_files_factor: 0.0,
            values_per_point: 1,
            is_rolled: false,
            style: Style::default(),
        }
    }

    /// Another name; the path it comes from is then the same.
    pub fn rename(&mut self, name: String) {
        self.path_expression.clone_from(&name);
        self.name = name;
    }

    /// The same with other values and another name. How it was to be drawn is forgotten.
    #[must_use]
    pub fn remade(self, name: String, values: Vec<f64>) -> Self {
        Self {
            path_expression: name.clone(),
            name,
            values,
            values_per_point: 1,
            style: Style::default(),
            ..self
        }
    }

    /// Sets a tag.
    pub fn tag(&mut self, name: &str, value: impl Into<String>) {
        self.tags.insert(name.to_owned(), value.into());
    }

    /// The values there are.
    pub fn present(&self) -> impl DoubleEndedIterator<Item = f64> + '_ {
        self.values.iter().copied().filter(|value| !value.is_nan())
    }

    /// Values with their times.
    pub fn points(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        self.values.iter().enumerate().map(|(at, value)| (self.start_s + at as i64 * self.step_s, *value))
    }

    /// Its values, as many as `per_point` made one.
    pub fn consolidated(&self, per_point: usize) -> Vec<f64> {
        let per_point = per_point.max(1);
        if per_point == 1 {
            return self.values.clone();
        }
        let chunks = self.values.chunks(per_point);
        chunks.map(|chunk| self.consolidation.of(chunk, per_point, self.x_files_factor)).collect()
    }
}

/// Makes at most `points_max` values of each series, as a chart of so many pixels wants them. Buckets lie on whole multiples
/// of their length, so that they stay the same from one refresh to the next; the first values that fill no whole bucket go.
pub fn consolidate(series: &mut [Series], points_max: usize) {
    let start_s = series.iter().map(|series| series.start_s).min().unwrap_or(0);
    let end_s = series.iter().map(|series| series.end_s).max().unwrap_or(0);
    for series in series {
        if points_max == 1 {
            let all = series.values.len().max(1);
            set_values(series, all);
            continue;
        }
        let points = (end_s - start_s) as f64 / series.step_s as f64;
        if points_max == 0 || points <= points_max as f64 {
            continue;
        }
        let per_point = (points / points_max as f64).ceil() as i64;
        let long_s = per_point * series.step_s;
        let nudge_s = long_s + series.start_s.rem_euclid(series.step_s) - series.start_s.rem_euclid(long_s);
        // A sample is told one step late, as in the web application. What a whole step comes to may be very late by that: it
        // stays in the bucket that it is of.
        let late = i64::from(!series.is_rolled);
        let nudge_s = if series.is_rolled { nudge_s % long_s } else { nudge_s };
        let lost = usize::try_from(nudge_s / series.step_s - late).unwrap_or(0).min(series.values.len());
        series.start_s += nudge_s;
        series.values.drain(..lost);
        set_values(series, per_point as usize);
    }
}

fn set_values(series: &mut Series, per_point: usize) {
    series.values = series.consolidated(per_point);
    series.step_s *= per_point as i64;
    series.values_per_point *= per_point;
}

/// The tags in a name: `cpu;host=a` has two. A name that is a call has none but itself.
pub(super) fn tags_of(name: &str) -> BTreeMap<String, String> {
    let is_call = name.ends_with(')')
        && name.find('(').is_some_and(|at| at > 0 && name[..at].bytes().all(|b| b.is_ascii_alphabetic()));
    let mut parts = if is_call { vec![name] } else { name.split(';').collect() }.into_iter();
    let mut tags = BTreeMap::from([("name".to_owned(), parts.next().unwrap_or_default().to_owned())]);
    for (tag, value) in parts.filter_map(|part| part.split_once('=')) {
        tags.insert(tag.to_owned(), value.to_owned());
    }
    tags
}
