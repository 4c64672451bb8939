//! The pieces of the format, for who reads the same page again and again: it knows most lines by the bytes of their
//! series and wants only the numbers after them.

use super::families::Families;
use super::sample;
use crate::lines;
use model::{Dictionary, Kind, LabelsBuilder, Report};

/// What stands behind the series on a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// The value.
    pub value: f64,
    /// The time the line gives, Unix milliseconds.
    pub time_ms: Option<i64>,
    /// Whether an exemplar follows, which nobody keeps.
    pub has_exemplar: bool,
}

/// Calls `line` with each line that is not blank; an error from it refuses that line alone.
pub fn for_each_line(
    input: &[u8],
    report: &mut Report,
    mut line: impl FnMut(&str, &mut Report) -> Result<(), String>,
) {
    lines::for_each(input, report, |_, text, report| line(text, report));
}

/// How many bytes the series at the start of a line takes, white space between name and braces included; `None` when
/// a brace or a quote is not closed.
pub fn series_len(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let name = bytes.iter().position(|b| matches!(b, b'{' | b' ' | b'\t')).unwrap_or(bytes.len());
    let blanks = bytes[name..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    if bytes.get(name + blanks) != Some(&b'{') {
        return Some(name);
    }
    let mut at = name + blanks + 1;
    loop {
        at += memchr::memchr2(b'"', b'}', &bytes[at..])?;
        if bytes[at] == b'}' {
            return Some(at + 1);
        }
        at = after_quote(bytes, at + 1)?;
    }
}

/// The byte after the quote that closes a text beginning at `at`.
fn after_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Reads what follows the series; `open_metrics` says that times are seconds.
pub fn numbers(text: &str, open_metrics: bool) -> Result<Numbers, String> {
    let sample::Sample { value, time_ms, has_exemplar } = sample::read_numbers(text, open_metrics)?;
    Ok(Numbers { value, time_ms, has_exemplar })
}

/// Reads a series into `labels`, the name as `__name__`.
pub fn labels(series: &str, labels: &mut LabelsBuilder) -> Result<(), String> {
    match sample::read_series(series, labels)?.trim_ascii() {
        "" => Ok(()),
        more => Err(format!("`{more}` after the labels")),
    }
}

/// What the comments of a page say about its metrics.
#[derive(Default)]
pub struct Comments(Families);

impl Comments {
    /// Reads all comments of a page; those that cannot be read say nothing.
    pub fn of(input: &[u8]) -> Self {
        let mut families = Families::default();
        lines::for_each(input, &mut Report::default(), |_, line, _| match line.strip_prefix('#') {
            Some(comment) => families.comment(comment),
            None => Ok(()),
        });
        Self(families)
    }

    /// The kind of the series that have this name on the page.
    pub fn kind_of(&mut self, name: &str) -> Kind {
        self.0.kind_of(name)
    }

    /// Hands on what was said.
    pub fn describe(self, open_metrics: bool, dictionary: &mut Dictionary) {
        self.0.describe(open_metrics, dictionary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_series_ends_where_its_braces_do() {
        for (line, series) in [
            ("up 1", "up"),
            ("up\t1", "up"),
            ("up{} 1", "up{}"),
            (r#"a{b="}\"{",c="\\"} 1"#, r#"a{b="}\"{",c="\\"}"#),
            (r#"a {b="c"} 1"#, r#"a {b="c"}"#),
            (r#"{"a b","c d"="e"} 1"#, r#"{"a b","c d"="e"}"#),
            ("up", "up"),
        ] {
            assert_eq!(series_len(line).map(|len| &line[..len]), Some(series), "{line}");
        }
        for open in ["a{", r#"a{b=""#, r#"a{b="\"#, r#"a{b="\""#] {
            assert_eq!(series_len(open), None, "{open}");
        }
    }

    proptest! {
        /// The short way to the end of a series finds the same end as reading it, whenever it can be read.
        #[test]
        fn the_short_way_ends_where_reading_does(
            line in r#"[a-c]{0,2} ?(\{(("[a-z\\}]{0,3}"|[a-c]{1,2}) ?(= ?"([a-z}{ ]|\\\\|\\"){0,4}")?,?){0,2}\}?)? ?[0-9]{0,2}"#
        ) {
            let mut labels = LabelsBuilder::default();
            if let Ok(rest) = sample::read_series(&line, &mut labels) {
                let read = line[..line.len() - rest.len()].trim_ascii_end();
                prop_assert_eq!(series_len(&line).map(|len| &line[..len]), Some(read));
            }
        }
    }
}
