//! One line with a sample.

use crate::number;
use model::{LabelsBuilder, NAME};
use std::borrow::Cow;

/// What a line says besides its labels.
pub(super) struct Sample {
    pub(super) value: f64,
    pub(super) time_ms: Option<i64>,
    pub(super) has_exemplar: bool,
}

/// Reads the series at the start of a line into `labels` and returns what follows it.
pub(super) fn read_series<'l>(line: &'l str, labels: &mut LabelsBuilder) -> Result<&'l str, String> {
    let (name, mut rest) = split_before(line, |b| matches!(b, b'{' | b' ' | b'\t'));
    labels.add(NAME, name);
    rest = rest.trim_ascii_start();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = read_labels(inside, labels)?;
    }
    if labels.get(NAME).is_none() {
        return Err("a sample without a name".to_owned());
    }
    Ok(rest)
}

/// The text before the first ASCII character that `stops`, and what begins with it.
fn split_before(text: &str, stops: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(stops).unwrap_or(text.len()))
}

/// Reads up to the closing brace and returns what follows it. A quoted word without `=` is the name.
fn read_labels<'a>(text: &'a str, labels: &mut LabelsBuilder) -> Result<&'a str, String> {
    let mut rest = text.trim_ascii_start();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok(after);
        }
        let (name, is_quoted);
        (name, rest, is_quoted) = read_label_name(rest)?;
        rest = rest.trim_ascii_start();
        if let Some(value) = rest.strip_prefix('=') {
            let value = value.trim_ascii_start().strip_prefix('"');
            let value = value.ok_or_else(|| format!("the value of label `{name}` is not quoted"))?;
            let (value, after) = quoted(value)?;
            labels.add(&name, &value);
            rest = after.trim_ascii_start();
        } else if is_quoted {
            labels.add(NAME, &name);
        } else {
            return Err(format!("label `{name}` has no value"));
        }
        rest = match rest.strip_prefix(',') {
            Some(after) => after.trim_ascii_start(),
            None if rest.starts_with('}') => rest,
            None => return Err("expected `,` or `}` after a label".to_owned()),
        };
    }
}

fn read_label_name(text: &str) -> Result<(Cow<'_, str>, &str, bool), String> {
    if let Some(inside) = text.strip_prefix('"') {
        let (name, rest) = quoted(inside)?;
        return Ok((name, rest, true));
    }
    let (name, rest) = split_before(text, |b| matches!(b, b'=' | b',' | b'}' | b'"' | b' ' | b'\t'));
    if name.is_empty() {
        return Err("a label without a name, or a brace that is not closed".to_owned());
    }
    Ok((Cow::Borrowed(name), rest, false))
}

/// Reads to the closing quote, which is not part of the text; returns the text unescaped and what follows.
pub(super) fn quoted(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    let unclosed = || "a quote is not closed".to_owned();
    let first = memchr::memchr2(b'"', b'\\', text.as_bytes()).ok_or_else(unclosed)?;
    if text.as_bytes()[first] == b'"' {
        return Ok((Cow::Borrowed(&text[..first]), &text[first + 1..]));
    }
    let mut out = text[..first].to_owned();
    let mut chars = text[first..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((Cow::Owned(out), &text[first + at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, escaped @ ('"' | '\\'))) => out.push(escaped),
                // As Prometheus does: anything else stands for itself, `\` included.
                Some((_, other)) => out.extend(['\\', other]),
                None => break,
            },
            c => out.push(c),
        }
    }
    Err(unclosed())
}

/// Reads value, time and whether an exemplar follows.
pub(super) fn read_numbers(text: &str, open_metrics: bool) -> Result<Sample, String> {
    let (numbers, exemplar) = split_before(text, |b| b == b'#');
    let mut words = numbers.split_ascii_whitespace();
    let value = words.next().ok_or("the value is missing")?;
    let value = number::prometheus(value).ok_or_else(|| format!("value `{value}` is not a number"))?;
    let time_ms = words.next().map(|time| read_time(time, open_metrics)).transpose()?;
    if let Some(more) = words.next() {
        return Err(format!("`{more}` after the time"));
    }
    Ok(Sample { value, time_ms, has_exemplar: !exemplar.is_empty() })
}

fn read_time(text: &str, open_metrics: bool) -> Result<i64, String> {
    if !open_metrics {
        return text.parse().map_err(|_| format!("time `{text}` is not a whole number of milliseconds"));
    }
    let ms = number::finite(text).map(|seconds| (seconds * 1000.0).round());
    // Beyond 2⁵³ a millisecond cannot be told from the next.
    ms.filter(|ms| ms.abs() < 9_007_199_254_740_992.0)
        .map(|ms| ms as i64)
        .ok_or_else(|| format!("time `{text}` is not a number of seconds"))
}
