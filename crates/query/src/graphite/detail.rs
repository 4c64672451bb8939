//! Which reads of a target may be answered from rows of tiers. A chart of a long range has fewer points than there are samples;
//! several become one at the end, and a row is what they become if nothing in between looks at single values. Whatever is not
//! known to leave that alone gets the samples as they came.

use super::aggregate::Aggregate;
use super::series::Consolidation;
use lang::plan::path::{PathCall, Value};

/// What is wanted of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// Nothing less than samples.
    Samples,
    /// Samples or rows.
    Rows(Rows),
}

/// How rows become values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Rows {
    /// How the samples of a row become one value.
    pub(super) way: Consolidation,
    /// A whole number of rows lasts so long, in seconds.
    pub(super) long_s: Option<i64>,
    /// A function computes with the values: they must be what they are, however the chart puts them together.
    is_fixed: bool,
    /// A function above said how the chart puts values together: what those below say does not count.
    is_said: bool,
}

impl Wanted {
    /// What the answer itself wants: several values become their mean.
    pub(super) const ANSWER: Self =
        Self::Rows(Rows { way: Consolidation::Average, long_s: None, is_fixed: false, is_said: false });

    /// What a call wants of its arguments if this is wanted of itself.
    pub(super) fn of_arguments(self, call: &PathCall) -> Self {
        let Self::Rows(rows) = self else { return Self::Samples };
        match call.function {
            "consolidateBy" => rows.put_together(text(call, 1).and_then(Consolidation::parse)),
            "cumulative" => rows.put_together(Some(Consolidation::Sum)),
            "summarize" => rows.summarized(call),
            "scale" if number(call, 1).is_some_and(|factor| factor > 0.0) => self,
            // A constant is not as often in a sum of rows as in one of samples.
            "offset" if rows.is_said && rows.way != Consolidation::Sum => self,
            "offset" if rows.way == Consolidation::Average => Self::Rows(Rows { is_fixed: true, ..rows }),
            name if LEAVES_VALUES_ALONE.contains(&name) => self,
            name if MEANS_OF_MEANS.contains(&name) && rows.way == Consolidation::Average => {
                Self::Rows(Rows { is_fixed: true, ..rows })
            }
            _ => Self::Samples,
        }
    }
}

impl Rows {
    fn put_together(self, way: Option<Consolidation>) -> Wanted {
        match way {
            Some(_) if self.is_said => Wanted::Rows(self),
            // How many values are missing is not in a row.
            Some(way) if way == self.way || (!self.is_fixed && way != Consolidation::AvgZero) => {
                Wanted::Rows(Self { way, is_said: true, ..self })
            }
            _ => Wanted::Samples,
        }
    }

    fn summarized(self, call: &PathCall) -> Wanted {
        let way = match Aggregate::parse(text(call, 2).unwrap_or("sum")) {
            Some(Aggregate::Average) => Consolidation::Average,
            Some(Aggregate::Sum) => Consolidation::Sum,
            Some(Aggregate::Min) => Consolidation::Min,
            Some(Aggregate::Max) => Consolidation::Max,
            Some(Aggregate::Last) => Consolidation::Last,
            _ => return Wanted::Samples,
        };
        // Buckets from the start of the range on cut rows.
        let is_aligned =
            matches!(call.args.get(3).and_then(|a| a.values.first()), None | Some(Value::Boolean(false)));
        let long_s =
            text(call, 1).and_then(lang::graphite::interval_s).map(i64::abs).filter(|long_s| *long_s > 0);
        match long_s {
            Some(long_s) if is_aligned => {
                Wanted::Rows(Self { way, long_s: Some(long_s), is_fixed: true, ..self })
            }
            _ => Wanted::Samples,
        }
    }
}

fn text(call: &PathCall, at: usize) -> Option<&str> {
    match call.args.get(at)?.values.first()? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn number(call: &PathCall, at: usize) -> Option<f64> {
    match call.args.get(at)?.values.first()? {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// They say how series are called, drawn and in which order, and which of them there are, but by no value.
const LEAVES_VALUES_ALONE: &[&str] = &[
    "alias",
    "aliasByBase64",
    "aliasByMetric",
    "aliasByNode",
    "aliasByTags",
    "aliasSub",
    "alpha",
    "color",
    "dashed",
    "drawAsInfinite",
    "exclude",
    "fallbackSeries",
    "grep",
    "group",
    "limit",
    "lineWidth",
    "lower",
    "secondYAxis",
    "sortByName",
    "substr",
    "timeShift",
    "unique",
    "upper",
];

/// What they make of means is the mean of what they make of samples.
const MEANS_OF_MEANS: &[&str] = &[
    "averageAbove",
    "averageBelow",
    "averageSeries",
    "averageSeriesWithWildcards",
    "diffSeries",
    "diffSeriesLists",
    "highestAverage",
    "lowestAverage",
    "scale",
    "stacked",
    "sumSeries",
    "sumSeriesLists",
    "sumSeriesWithWildcards",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::graphite as names;

    #[test]
    fn only_functions_there_are_stand_here() {
        for name in LEAVES_VALUES_ALONE.iter().chain(MEANS_OF_MEANS) {
            assert!(names::find(name).is_some_and(|row| row.signature.name == *name), "{name}");
        }
    }
}
