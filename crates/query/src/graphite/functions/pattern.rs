//! Regular expressions as Python writes them.

use crate::QueryError;
use crate::graphite::call::Call;
use regex::Regex;

/// Largest compiled expression, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// Understands a regular expression; it matches anywhere.
pub(super) fn regex(call: &Call<'_, '_>, text: &str) -> Result<Regex, QueryError> {
    let built = regex::RegexBuilder::new(text).size_limit(REGEX_BYTES_MAX).build();
    built.map_err(|error| {
        let text_of_error = error.to_string();
        let why = text_of_error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        call.fail(format!("bad regular expression `{text}`: {why}"))
    })
}

/// `\1` and `\g<name>` of a replacement as the crate wants them.
pub(super) fn replacement(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('$', _) => out.push_str("$$"),
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                out.push_str("${");
                while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                    out.push(digit);
                }
                out.push('}');
            }
            ('\\', Some('g')) => {
                chars.next();
                let name: String =
                    chars.by_ref().skip_while(|c| *c == '<').take_while(|c| *c != '>').collect();
                out.push_str(&format!("${{{name}}}"));
            }
            ('\\', Some('n')) => {
                chars.next();
                out.push('\n');
            }
            ('\\', Some(other)) => {
                chars.next();
                out.push_str(if other == '$' { "$$" } else { "" });
                if other != '$' {
                    out.push(other);
                }
            }
            _ => out.push(c),
        }
    }
    out
}

/// `\1` replaced, everywhere.
pub(super) fn substitute(
    call: &Call<'_, '_>,
    search: &str,
    replace: &str,
) -> Result<impl Fn(&str) -> String + use<>, QueryError> {
    let (regex, replacement) = (regex(call, search)?, replacement(replace));
    Ok(move |text: &str| regex.replace_all(text, replacement.as_str()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::replacement;

    #[test]
    fn references_are_told_from_text() {
        assert_eq!(replacement(r"\1-$x-\g<ab>\2"), "${1}-$$x-${ab}${2}");
        assert_eq!(replacement(r"a\.b"), "a.b");
    }
}
