//! Cutting performance data into items.

use std::borrow::Cow;

/// An item as it stands, its label without quotes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub(super) label: Cow<'a, str>,
    /// Value and unit.
    pub(super) value: &'a str,
    /// Warn, crit, min, max; "" when not there.
    pub(super) bounds: [&'a str; 4],
}

/// The items of a line, each with why it is none.
pub(super) fn split(mut text: &str) -> impl Iterator<Item = Result<Item<'_>, String>> {
    std::iter::from_fn(move || {
        text = text.trim_ascii_start();
        if text.is_empty() {
            return None;
        }
        if let Some((label, rest)) = text.strip_prefix('\'').and_then(quoted) {
            return Some(item(label, take_word(&mut text, rest)));
        }
        let whole = text;
        let word = take_word(&mut text, whole);
        Some(match word.rsplit_once('=') {
            Some((label, values)) => item(label.into(), values),
            None => Err(format!("`{word}` is not label=value")),
        })
    })
}

/// Takes the word at the start of `rest` and lets `text` be what follows it.
fn take_word<'a>(text: &mut &'a str, rest: &'a str) -> &'a str {
    let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
    *text = &rest[end..];
    &rest[..end]
}

/// A label up to its closing quote, and what follows the `=` behind it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    loop {
        let end = from + text[from..].find('\'')?;
        match text.as_bytes()[end + 1..].first()? {
            b'=' if text[..end].contains("''") => {
                return Some((text[..end].replace("''", "'").into(), &text[end + 2..]));
            }
            b'=' => return Some((text[..end].into(), &text[end + 2..])),
            b'\'' => from = end + 2,
            _ => return None,
        }
    }
}

fn item<'a>(label: Cow<'a, str>, values: &'a str) -> Result<Item<'a>, String> {
    if label.is_empty() {
        return Err(format!("`={values}` has no label"));
    }
    let mut parts = values.trim_end_matches(',').split(';');
    let mut part = || parts.next().unwrap_or("");
    let (value, bounds) = (part(), [part(), part(), part(), part()]);
    Ok(Item { label, value, bounds })
}
