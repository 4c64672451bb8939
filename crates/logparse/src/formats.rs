//! The formats that lines can have: one file a family, one row in [`FAMILIES`].

mod apache;
mod apache_error;
mod haproxy;
mod json;
pub(crate) mod keys;
mod logfmt;
mod mysql_error;
mod mysql_slow;
mod nginx;
mod nginx_error;
mod php_fpm;
mod php_fpm_slow;
mod phrases;
mod postgresql;
mod redis;
mod regex;
mod statement;

use crate::field::Field;
use crate::messages::Dialect;
use crate::plan::{Anchored, Plan};
use crate::record::Record;
use keys::Seen;
use std::fmt;

/// A way of writing formats down.
#[derive(Debug)]
pub struct Family {
    /// What settings call it.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// The format when none is given; "" where one is needed.
    pub default: &'static str,
    /// A line of that format, or of the one in `example_format`.
    pub example: &'static str,
    /// What `example` is a line of.
    pub example_format: &'static str,
    /// Whether there is nothing usual.
    pub needs_text: bool,
    compile: fn(&str) -> Result<Format, FormatError>,
}

/// Every family.
pub static FAMILIES: &[Family] = &[
    nginx::FAMILY,
    apache::FAMILY,
    haproxy::FAMILY,
    json::FAMILY,
    logfmt::FAMILY,
    regex::FAMILY,
    nginx_error::FAMILY,
    apache_error::FAMILY,
    php_fpm::FAMILY,
    php_fpm_slow::FAMILY,
    postgresql::FAMILY,
    mysql_error::FAMILY,
    mysql_slow::FAMILY,
    redis::FAMILY,
];

/// Names of the families, in order.
pub const FAMILY_NAMES: &[&str] = &[
    "nginx",
    "apache",
    "haproxy",
    "json",
    "logfmt",
    "regex",
    "nginx-error",
    "apache-error",
    "php-fpm",
    "php-fpm-slow",
    "postgresql",
    "mysql-error",
    "mysql-slow",
    "redis",
];

/// Why a format makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// The byte in the format where it is noticed.
    pub at: usize,
    /// In words for people.
    pub why: String,
}

impl FormatError {
    pub(crate) fn new(at: usize, why: impl Into<String>) -> Self {
        Self { at, why: why.into() }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.at, self.why)
    }
}

impl std::error::Error for FormatError {}

/// How the lines of a compiled format are read.
#[derive(Debug)]
pub(crate) enum Parser {
    Plan(Plan),
    Syslog(Plan),
    Json(keys::Keys),
    Logfmt(keys::Keys),
    Regex(regex::Groups),
    /// Messages, not requests.
    Messages(Box<dyn Dialect>),
}

/// A compiled format. It may be shared by any number of files.
#[derive(Debug)]
pub struct Format {
    parser: Parser,
    /// Seconds of a unit of request times and of upstream times, as the format has them.
    units: [f64; 2],
    /// What its text leaves in doubt, in words for people: variables that cannot be told apart.
    pub warnings: Vec<String>,
}

impl Format {
    /// Compiles the text of a format; an empty one is the family's usual format.
    ///
    /// # Errors
    /// Says where the text makes no sense, and why.
    pub fn compile(family: &str, text: &str) -> Result<Self, FormatError> {
        let found = FAMILIES.iter().find(|row| row.name == family);
        let row = found.ok_or_else(|| {
            FormatError::new(0, format!("there is no family `{family}` but {}", FAMILY_NAMES.join(", ")))
        })?;
        let text = if text.is_empty() { row.default } else { text };
        if text.is_empty() && row.needs_text {
            return Err(FormatError::new(0, "a format is needed"));
        }
        (row.compile)(text)
    }

    pub(crate) fn new(parser: Parser) -> Self {
        Self { parser, units: [1.0; 2], warnings: Vec::new() }
    }

    pub(crate) fn plan(plan: Plan) -> Self {
        let warnings = plan.warnings();
        Self { parser: Parser::Plan(plan), units: [1.0; 2], warnings }
    }

    pub(crate) fn messages(dialect: impl Dialect + 'static) -> Self {
        Self::new(Parser::Messages(Box::new(dialect)))
    }

    /// How messages are read, where lines are no requests.
    pub(crate) fn dialect(&self) -> Option<&dyn Dialect> {
        match &self.parser {
            Parser::Messages(dialect) => Some(dialect.as_ref()),
            _ => None,
        }
    }

    pub(crate) fn with_unit(mut self, field: Field, seconds: f64) -> Self {
        self.units[usize::from(field == Field::UpstreamTime)] = seconds;
        self
    }

    /// Whether lines of this format can tell a field.
    pub fn has(&self, field: Field) -> bool {
        match &self.parser {
            Parser::Plan(plan) | Parser::Syslog(plan) => plan.has(field),
            Parser::Regex(groups) => groups.has(field),
            Parser::Json(_) | Parser::Logfmt(_) => true,
            Parser::Messages(_) => false,
        }
    }

    /// Prepares a record for lines of this format.
    pub fn prepare(&self, record: &mut Record) {
        record.clear();
        record.captures = None;
        record.seen = Seen::default();
        record.set_unit(Field::RequestTime, self.units[0]);
        record.set_unit(Field::UpstreamTime, self.units[1]);
    }

    /// The short way through usual lines, where the format has one.
    pub(crate) fn anchored(&self) -> Option<&Anchored> {
        match &self.parser {
            Parser::Plan(plan) => plan.anchored(),
            _ => None,
        }
    }

    /// Finds the fields of a line (without its line feed) and says whether it has this format. The record must have
    /// been prepared by this format. Messages have no fields; [`crate::read_messages`] takes those.
    #[inline]
    pub fn parse(&self, line: &[u8], record: &mut Record) -> bool {
        match &self.parser {
            Parser::Plan(plan) => plan.parse(line, record),
            Parser::Syslog(plan) => plan.parse_after(line, haproxy::syslog_prefix(line), record),
            Parser::Json(keys) => json::parse(keys, line, record),
            Parser::Logfmt(keys) => logfmt::parse(keys, line, record),
            Parser::Regex(groups) => groups.parse(line, record),
            Parser::Messages(_) => false,
        }
    }
}

/// For families that have but one format.
fn no_text(text: &str) -> Result<(), FormatError> {
    match text {
        "" => Ok(()),
        _ => Err(FormatError::new(0, "lines of this family have one format; leave it out")),
    }
}

#[cfg(test)]
mod tests;
