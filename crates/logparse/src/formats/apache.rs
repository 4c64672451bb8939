//! Apache's `LogFormat`: `%h %l %u %t "%r" %>s %b`.

use super::{Family, Format, FormatError};
use crate::field::Field;
use crate::plan::{Escape, PlanBuilder, Shape};

const COMMON: &str = "%h %l %u %t \"%r\" %>s %b";
const COMBINED: &str = "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"";

pub(super) const FAMILY: Family = Family {
    name: "apache",
    summary: "Apache's `LogFormat`, or `common`; `combined` when left out",
    default: COMBINED,
    example: "192.0.2.7 - - [22/Nov/2026:08:14:03 +0000] \"GET /cart/17 HTTP/1.1\" 200 512 \"-\" \"curl/8\" 23000",
    example_format: "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %D",
    needs_text: false,
    compile,
};

/// A directive: what stands in braces, and the letter or `^xx` at its end.
struct Directive<'a> {
    argument: &'a str,
    letter: &'a str,
    end: usize,
}

fn compile(text: &str) -> Result<Format, FormatError> {
    let text = match text {
        "common" => COMMON,
        "combined" => COMBINED,
        other => other,
    };
    let mut builder = PlanBuilder::new(Escape::Backslash);
    let (mut at, mut unit) = (0, 1.0);
    while let Some(next) = text[at..].find('%').map(|i| at + i) {
        builder.literal(&unescaped(&text[at..next]));
        if text[next + 1..].starts_with('%') {
            builder.literal("%");
            at = next + 2;
            continue;
        }
        let directive = directive(text, next)?;
        let (field, shape, seconds) = meaning(&directive);
        if let Some(seconds) = seconds {
            unit = seconds;
        }
        builder.variable(&text[next..directive.end], field, shape);
        at = directive.end;
    }
    builder.literal(&unescaped(&text[at..]));
    Ok(Format::plan(builder.build()?).with_unit(Field::RequestTime, unit))
}

/// What a directive tells, and the seconds of its unit where it is a time.
fn meaning(directive: &Directive<'_>) -> (Option<Field>, Shape, Option<f64>) {
    let time = |seconds| (Some(Field::RequestTime), Shape::Number, Some(seconds));
    match (directive.letter, directive.argument) {
        ("r", _) => (Some(Field::Request), Shape::Text, None),
        ("m", _) => (Some(Field::Method), Shape::Short, None),
        ("h" | "a" | "l" | "u", _) => (None, Shape::Short, None),
        ("U" | "q", _) => (Some(Field::Url), Shape::Text, None),
        ("H", _) => (Some(Field::Protocol), Shape::Text, None),
        ("s", _) => (Some(Field::Status), Shape::Number, None),
        ("b" | "B" | "O", _) => (Some(Field::Bytes), Shape::Number, None),
        ("D", _) | ("T", "us") => time(1e-6),
        ("T", "ms") => time(1e-3),
        ("T", _) => time(1.0),
        ("t", "") => (None, Shape::Fixed(28), None),
        ("I" | "S" | "k" | "P", _) => (None, Shape::Number, None),
        _ => (None, Shape::Text, None),
    }
}

/// Skips conditions and `<`, `>` up to the letter.
fn directive(text: &str, percent: usize) -> Result<Directive<'_>, FormatError> {
    let (bytes, mut at, mut argument) = (text.as_bytes(), percent + 1, "");
    let wrong = |why: &str| FormatError::new(percent, why);
    loop {
        match bytes.get(at) {
            Some(b'0'..=b'9' | b',' | b'!' | b'<' | b'>') => at += 1,
            Some(b'{') => {
                let len = text[at..].find('}').ok_or_else(|| wrong("`%{` has no `}`"))?;
                argument = &text[at + 1..at + len];
                at += len + 1;
            }
            Some(b'^') if text.len() >= at + 3 && text.is_char_boundary(at + 3) => {
                return Ok(Directive { argument, letter: &text[at..at + 3], end: at + 3 });
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                return Ok(Directive { argument, letter: &text[at..=at], end: at + 1 });
            }
            _ => return Err(wrong("`%` without a letter that says what is meant")),
        }
    }
}

/// `\"`, `\t` and `\\` as they stand in a configuration file.
fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}
