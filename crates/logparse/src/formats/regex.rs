//! A regular expression with named groups: what is left for formats that are nothing else, several times slower.

use super::keys::{unit_seconds, unknown_field};
use super::{Family, Format, FormatError, Parser};
use crate::field::Field;
use crate::record::Record;
use regex::bytes::Regex;

pub(super) const FAMILY: Family = Family {
    name: "regex",
    summary: "A regular expression whose groups have the names of fields; a time may have its unit behind: `request_time_ms`",
    default: "",
    example: "GET /cart/17 -> 200 in 23 ms",
    example_format: r"^(?P<method>\S+) (?P<url>\S+) -> (?P<status>\d+) in (?P<request_time_ms>[0-9.]+) ms$",
    needs_text: true,
    compile,
};

/// Most memory that the compiled expression may take, in bytes.
const SIZE_BYTES_MAX: usize = 1 << 20;

/// An expression and which of its groups are fields.
#[derive(Debug)]
pub(crate) struct Groups {
    regex: Regex,
    fields: Vec<(usize, Field)>,
}

fn compile(text: &str) -> Result<Format, FormatError> {
    let built = regex::bytes::RegexBuilder::new(text).size_limit(SIZE_BYTES_MAX).build();
    let regex = built.map_err(|e| FormatError::new(0, e.to_string()))?;
    let (mut fields, mut units) = (Vec::new(), Vec::new());
    for (number, name) in regex.capture_names().enumerate().filter_map(|(i, name)| Some((i, name?))) {
        let at = text.find(name).unwrap_or(0);
        let (field, unit) = named(name).ok_or_else(|| FormatError::new(at, unknown_field(name)))?;
        fields.push((number, field));
        units.extend(unit.map(|unit| (field, unit)));
    }
    if fields.is_empty() {
        return Err(FormatError::new(0, "no group has a name: `(?P<status>\\d+)`"));
    }
    let format = Format::new(Parser::Regex(Groups { regex, fields }));
    Ok(units.into_iter().fold(format, |format, (field, unit)| format.with_unit(field, unit)))
}

/// A field, and its unit where the name says one.
fn named(name: &str) -> Option<(Field, Option<f64>)> {
    if let Some(field) = Field::parse(name) {
        return Some((field, None));
    }
    let (name, unit) = name.rsplit_once('_')?;
    let field = Field::parse(name).filter(|field| field.is_time())?;
    Some((field, Some(unit_seconds(unit)?)))
}

impl Groups {
    pub(super) fn has(&self, field: Field) -> bool {
        self.fields.iter().any(|(_, other)| *other == field)
    }

    /// See [`Format::parse`].
    pub(super) fn parse(&self, line: &[u8], record: &mut Record) -> bool {
        record.clear();
        let mut captures = record.captures.take().unwrap_or_else(|| self.regex.capture_locations());
        let is_match = self.regex.captures_read(&mut captures, line).is_some();
        if is_match {
            for (group, field) in &self.fields {
                if let Some((start, end)) = captures.get(*group) {
                    record.set(*field as u8, start, end);
                }
            }
        }
        record.captures = Some(captures);
        is_match
    }
}
