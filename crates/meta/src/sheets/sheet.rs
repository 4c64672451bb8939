//! One sheet.

use crate::Error;
use serde::{Deserialize, Serialize};

/// Longest title, in bytes.
pub const TITLE_BYTES_MAX: usize = 200;
/// Most expressions of a sheet: what one request may hold.
pub const EXPRS_MAX: usize = 64;
/// Longest expression, in bytes.
pub const EXPR_BYTES_MAX: usize = 20_000;
/// Most charts side by side: Kibana divides a line by 12.
pub const COLUMNS_MAX: u32 = 12;
/// Most charts one below the other on a screen.
pub const ROWS_MAX: u32 = 12;
/// Longest description, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 4096;
/// Longest interval, in bytes.
const INTERVAL_BYTES_MAX: usize = 32;

/// Expressions that are looked at together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name for people.
    pub title: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// One a chart, in their order; `@1` in one is the first.
    pub exprs: Vec<String>,
    /// How many charts stand side by side.
    #[serde(default = "two")]
    pub columns: u32,
    /// How many lines of charts a screen is to hold.
    #[serde(default = "two")]
    pub rows: u32,
    /// Time between points as written: `auto`, `1m`.
    #[serde(default = "auto")]
    pub interval: String,
    /// Take null for 0 where Kibana's Timelion does.
    #[serde(default)]
    pub compatible: bool,
    /// When it was kept last.
    #[serde(default)]
    pub changed_ms: i64,
}

impl Sheet {
    /// A sheet of these expressions, otherwise as a new one is.
    pub fn new(title: &str, exprs: Vec<String>) -> Self {
        Self {
            title: title.to_owned(),
            description: String::new(),
            exprs,
            columns: two(),
            rows: two(),
            interval: auto(),
            compatible: false,
            changed_ms: 0,
        }
    }

    /// Whether it may be kept. The error names what may not.
    pub fn check(&self) -> Result<(), Error> {
        let within = |name: &str, value: usize, most: usize, of: &str| match value <= most {
            true => Ok(()),
            false => Err(Error::Bad(format!("`{name}` has {value} {of}; at most {most}"))),
        };
        if self.title.trim().is_empty() {
            return Err(Error::Bad("a sheet needs a `title`".to_owned()));
        }
        within("title", self.title.len(), TITLE_BYTES_MAX, "bytes")?;
        within("description", self.description.len(), DESCRIPTION_BYTES_MAX, "bytes")?;
        within("interval", self.interval.len(), INTERVAL_BYTES_MAX, "bytes")?;
        within("exprs", self.exprs.len(), EXPRS_MAX, "expressions")?;
        for (at, expr) in self.exprs.iter().enumerate() {
            within(&format!("exprs[{at}]"), expr.len(), EXPR_BYTES_MAX, "bytes")?;
        }
        for (name, value, most) in [("columns", self.columns, COLUMNS_MAX), ("rows", self.rows, ROWS_MAX)] {
            if !(1..=most).contains(&value) {
                return Err(Error::Bad(format!("`{name}` must be from 1 to {most}, not {value}")));
            }
        }
        Ok(())
    }
}

fn two() -> u32 {
    2
}

fn auto() -> String {
    "auto".to_owned()
}
