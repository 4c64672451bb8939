//! Carbon's two files that say how long what is kept: `storage-schemas.conf` and `storage-aggregation.conf`.
//!
//! Sections are tried in the order of the file, and the first whose `pattern` is found anywhere in the dotted name
//! holds. What carbon passes over with a line in its log is passed over here and told as a [`Problem`]; what carbon dies
//! of is an error.

mod ini;
mod retention;

#[cfg(test)]
mod tests;

pub use self::retention::Retention;

use self::ini::Section;
use std::fmt;

/// Something wrong in a file, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for Problem {}

/// What a file says, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules<T> {
    /// The sections that hold.
    pub rules: Vec<T>,
    /// The sections that carbon passes over, and why.
    pub passed_over: Vec<Problem>,
}

/// A section of `storage-schemas.conf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Name of the section.
    pub name: String,
    /// Line of its header, from 1.
    pub line: usize,
    /// Regular expression that is searched in the dotted name.
    pub pattern: String,
    /// What is kept, the finest first.
    pub retentions: Vec<Retention>,
}

/// A section of `storage-aggregation.conf`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Name of the section.
    pub name: String,
    /// Line of its header, from 1.
    pub line: usize,
    /// Regular expression that is searched in the dotted name.
    pub pattern: String,
    /// Share of finer points that a coarser one needs; carbon takes 0.5 when none is said.
    pub x_files_factor: Option<f64>,
    /// How finer points become a coarser one; carbon takes the average when none is said.
    pub method: Option<Method>,
}

/// How finer points become a coarser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The mean of those known.
    Average,
    /// Their sum.
    Sum,
    /// The last one known.
    Last,
    /// The greatest.
    Max,
    /// The least.
    Min,
    /// The mean, unknown ones taken for 0.
    AvgZero,
    /// The one farthest from 0.
    AbsMax,
    /// The one nearest to 0.
    AbsMin,
}

impl Method {
    /// Names in carbon's files.
    const NAMES: [(&'static str, Self); 9] = [
        ("average", Self::Average),
        ("avg", Self::Average),
        ("sum", Self::Sum),
        ("last", Self::Last),
        ("max", Self::Max),
        ("min", Self::Min),
        ("avg_zero", Self::AvgZero),
        ("absmax", Self::AbsMax),
        ("absmin", Self::AbsMin),
    ];

    /// The method of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, method)| *method)
    }
}

/// Reads `storage-schemas.conf`.
pub fn schemas(text: &str) -> Result<Rules<Schema>, Problem> {
    rules(text, |section| {
        // Carbon looks at the retentions first.
        let (line, retentions) = section.need("retentions")?;
        let mut retentions = retention::list(retentions).map_err(|reason| Fault::Deadly(line, reason))?;
        let (_, pattern) = section.need("pattern")?;
        retention::check(&mut retentions).map_err(|reason| Fault::PassedOver(line, reason))?;
        let pattern = pattern.to_owned();
        Ok(Schema { name: section.name.clone(), line: section.line, pattern, retentions })
    })
}

/// Reads `storage-aggregation.conf`.
pub fn aggregations(text: &str) -> Result<Rules<Aggregation>, Problem> {
    rules(text, |section| {
        let x_files_factor = section.get("xfilesfactor").map(x_files_factor).transpose()?;
        let method = section.get("aggregationmethod").map(method).transpose()?;
        let pattern = section.need("pattern")?.1.to_owned();
        Ok(Aggregation { name: section.name.clone(), line: section.line, pattern, x_files_factor, method })
    })
}

/// What carbon does about a wrong line.
enum Fault {
    PassedOver(usize, String),
    Deadly(usize, String),
}

fn rules<T>(text: &str, rule: impl Fn(&Section) -> Result<T, Fault>) -> Result<Rules<T>, Problem> {
    let mut all = Rules { rules: Vec::new(), passed_over: Vec::new() };
    for section in ini::sections(text)? {
        match rule(&section) {
            Ok(rule) => all.rules.push(rule),
            Err(Fault::PassedOver(line, reason)) => {
                let reason = format!("[{}] {reason}", section.name);
                all.passed_over.push(Problem { line, reason });
            }
            Err(Fault::Deadly(line, reason)) => {
                return Err(Problem { line, reason: format!("[{}] {reason}", section.name) });
            }
        }
    }
    Ok(all)
}

impl Section {
    fn need(&self, key: &str) -> Result<(usize, &str), Fault> {
        let value = self.get(key).filter(|(_, value)| !value.is_empty());
        value.ok_or_else(|| Fault::PassedOver(self.line, format!("has no `{key}`")))
    }
}

fn x_files_factor((line, text): (usize, &str)) -> Result<f64, Fault> {
    let number: f64 =
        text.parse().map_err(|_| Fault::PassedOver(line, format!("xFilesFactor: `{text}` is no number")))?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err(Fault::Deadly(line, format!("xFilesFactor: {text} is not between 0 and 1")))
    }
}

fn method((line, text): (usize, &str)) -> Result<Method, Fault> {
    Method::parse(text).ok_or_else(|| {
        let known: Vec<_> = Method::NAMES.iter().map(|(name, _)| *name).collect();
        Fault::Deadly(line, format!("aggregationMethod: `{text}` is none of {}", known.join(", ")))
    })
}
