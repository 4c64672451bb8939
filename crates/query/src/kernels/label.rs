//! `.label(label, regex)`

use crate::call::{Call, Failure, Outcome};
use regex::RegexBuilder;

/// Largest compiled regular expression, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// Names series; with `regex`, replaces its first match in the old name. An empty name changes nothing.
pub(crate) fn label(call: Call<'_>) -> Outcome {
    let label = call.text("label").unwrap_or_default().to_owned();
    let Some(pattern) = call.text("regex").filter(|pattern| !pattern.is_empty()) else {
        if label.is_empty() {
            return Ok(call.frame);
        }
        return call.each(|series| series.label.clone_from(&label));
    };
    let regex = RegexBuilder::new(pattern)
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .map_err(|_| Failure::of("regex", format!("`{pattern}` is not a regular expression")))?;
    let replacement = braced(&label);
    call.each(|series| series.label = regex.replace(&series.label, &replacement).into_owned())
}

// `$1x` and `$&` as JavaScript has them: the number ends at the first letter, `$&` is the whole match.
fn braced(label: &str) -> String {
    let mut text = String::new();
    let mut chars = label.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '$' {
            text.push(c);
            continue;
        }
        let mut digits = String::new();
        while digits.len() < 2 && chars.peek().is_some_and(char::is_ascii_digit) {
            digits.extend(chars.next());
        }
        match (digits.as_str(), chars.peek()) {
            ("", Some('&')) => {
                chars.next();
                text.push_str("${0}");
            }
            ("", Some('$')) => {
                chars.next();
                text.push_str("$$");
            }
            ("", _) => text.push_str("$$"),
            (digits, _) => text.push_str(&format!("${{{digits}}}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn references_end_where_javascript_ends_them() {
        let cases =
            [("$1x", "${1}x"), ("a$&b", "a${0}b"), ("$$", "$$"), ("5 $", "5 $$"), ("$12 $x", "${12} $$x")];
        for (label, wanted) in cases {
            assert_eq!(super::braced(label), wanted);
        }
    }
}
