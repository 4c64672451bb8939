//! What `VDEF` makes of a whole series.

use crate::nearest::nearest;
use crate::{Error, Span};

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summary {
    /// The greatest, and when.
    Maximum,
    /// The least, and when.
    Minimum,
    /// The mean.
    Average,
    /// The standard deviation of all.
    Deviation,
    /// The last that is known, and when.
    Last,
    /// The first that is known, and when.
    First,
    /// The sum times the step.
    Total,
    /// The value at a percentage, where unknown ones are the least.
    Percent,
    /// The value at a percentage of those known.
    PercentNan,
    /// The slope of the line of least squares, per row.
    Slope,
    /// Where that line begins.
    Intercept,
    /// The coefficient of correlation of time and value.
    Correlation,
}

/// Their names.
pub(super) const NAMES: [(&str, Summary); 12] = [
    ("MAXIMUM", Summary::Maximum),
    ("MINIMUM", Summary::Minimum),
    ("AVERAGE", Summary::Average),
    ("STDEV", Summary::Deviation),
    ("LAST", Summary::Last),
    ("FIRST", Summary::First),
    ("TOTAL", Summary::Total),
    ("PERCENT", Summary::Percent),
    ("PERCENTNAN", Summary::PercentNan),
    ("LSLSLOPE", Summary::Slope),
    ("LSLINT", Summary::Intercept),
    ("LSLCORREL", Summary::Correlation),
];

impl Summary {
    /// The summary of this name.
    pub fn find(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, summary)| *summary)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES[self as usize].0
    }

    /// Whether a percentage stands before its name.
    pub fn takes_number(self) -> bool {
        matches!(self, Self::Percent | Self::PercentNan)
    }

    pub(super) fn parse(name: &str, span: Span) -> Result<Self, Error> {
        Self::find(name).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("one of {}", names.join(", ")),
            };
            Error::new(span, format!("`{name}` is not what VDEF can make of a series")).hint(hint)
        })
    }
}
