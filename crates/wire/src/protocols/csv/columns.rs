//! What the columns are.

use super::cells::Cells;
use crate::number;

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 1024;

/// Names of the column with times.
const TIME_NAMES: [&str; 4] = ["time", "timestamp", "date", "datetime"];
/// Names of the column with the metric's name.
const METRIC_NAMES: [&str; 3] = ["metric", "name", "__name__"];

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    Time(TimeFormat),
    /// The metric's name.
    Name,
    /// The whole series.
    Series,
    /// A label of this name.
    Label(String),
    /// A value, of the metric of this name where no other column says it.
    Value(String),
}

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// A date, or a number whose size tells what it counts.
    Any,
    /// Unix seconds.
    Seconds,
    /// Unix milliseconds.
    Milliseconds,
    /// Unix microseconds.
    Microseconds,
    /// Unix nanoseconds.
    Nanoseconds,
    /// A date.
    Rfc3339,
}

impl TimeFormat {
    /// The format of this name in VictoriaMetrics' words.
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "unix_s" => Self::Seconds,
            "unix_ms" => Self::Milliseconds,
            "unix_us" => Self::Microseconds,
            "unix_ns" => Self::Nanoseconds,
            "rfc3339" => Self::Rfc3339,
            _ => return None,
        })
    }

    /// How many milliseconds one of such a number is.
    pub(super) fn ms_in_one(self, number: f64) -> f64 {
        match self {
            Self::Seconds => 1e3,
            Self::Microseconds => 1e-3,
            Self::Nanoseconds => 1e-6,
            Self::Milliseconds | Self::Rfc3339 => 1.0,
            Self::Any => match number.abs() {
                n if n < 1e11 => 1e3,
                n if n < 1e14 => 1.0,
                n if n < 1e17 => 1e-3,
                _ => 1e-6,
            },
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Any => "a number or a date",
            Self::Rfc3339 => "a date",
            _ => "a number",
        }
    }
}

/// What the columns of a table are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Columns from 0 with what they are.
    roles: Vec<(usize, Role)>,
    width: usize,
}

impl Columns {
    /// Reads `2:metric:ask,3:metric:bid,1:label:ticker,4:time:unix_s`; the error is for people.
    pub fn parse(format: &str) -> Result<Self, String> {
        let mut roles = Vec::new();
        for column in format.split(',') {
            let wrong = || format!("format: `{column}` is not column:kind:name");
            let mut parts = column.splitn(3, ':');
            let mut part = || parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong);
            let (number, kind, name) = (part()?, part()?, part()?);
            let at = number.parse().ok().filter(|n| (1..=COLUMNS_MAX).contains(n)).ok_or_else(wrong)? - 1;
            let role = match kind {
                "metric" => Role::Value(name.to_owned()),
                "label" => Role::Label(name.to_owned()),
                "time" => Role::Time(TimeFormat::named(name).ok_or_else(|| {
                    format!("format: `{name}` is none of unix_s, unix_ms, unix_us, unix_ns and rfc3339")
                })?),
                _ => return Err(format!("format: `{kind}` is none of metric, label and time")),
            };
            roles.push((at, role));
        }
        Self::new(roles)
    }

    /// By the line of names; the first row shows which columns are numbers.
    pub(super) fn of_header(names: &Cells, first: &Cells) -> Result<Self, String> {
        let is = |at: usize, wanted: &[&str]| {
            wanted.iter().any(|name| names.get(at).trim_ascii().eq_ignore_ascii_case(name))
        };
        if names.len() > COLUMNS_MAX {
            return Err(format!("{} columns, at most {COLUMNS_MAX} are allowed", names.len()));
        }
        let has_value = (0..names.len()).any(|at| is(at, &["value"]));
        let role = |at: usize| {
            let name = names.get(at).trim_ascii().to_owned();
            let is_number = || number::prometheus(first.get(at).trim_ascii()).is_some();
            match at {
                _ if name.is_empty() => Err(format!("column {} has no name", at + 1)),
                at if is(at, &TIME_NAMES) => Ok(Role::Time(TimeFormat::Any)),
                at if is(at, &METRIC_NAMES) => Ok(Role::Name),
                at if is(at, &["series"]) => Ok(Role::Series),
                at if is(at, &["value"]) => Ok(Role::Value(String::new())),
                _ if !has_value && is_number() => Ok(Role::Value(name)),
                _ => Ok(Role::Label(name)),
            }
        };
        let roles: Result<_, String> = (0..names.len()).map(|at| Ok((at, role(at)?))).collect();
        Self::new(roles?)
    }

    fn new(mut roles: Vec<(usize, Role)>) -> Result<Self, String> {
        let count = |is: fn(&Role) -> bool| roles.iter().filter(|(_, role)| is(role)).count();
        if count(|role| matches!(role, Role::Value(_))) == 0 {
            return Err("no column has values".to_owned());
        }
        if count(|role| matches!(role, Role::Time(_))) > 1 {
            return Err("several columns have times".to_owned());
        }
        // The series first: a label column then says more of it.
        roles.sort_by_key(|(_, role)| !matches!(role, Role::Series));
        let width = roles.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        Ok(Self { roles, width })
    }

    pub(super) fn roles(&self) -> &[(usize, Role)] {
        &self.roles
    }

    /// How many cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.width
    }
}
