//! Numbers, texts and JSON as Python writes them.

use serde_json::Value;
use std::fmt::Write;

/// A number as `repr` writes it: the shortest digits that read back the same, `1.0`, `1e+16`, `1e-05`.
pub(super) fn float(out: &mut String, value: f64) {
    let size = value.abs();
    if value.is_nan() {
        out.push_str("nan");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "inf" } else { "-inf" });
    } else if value == 0.0 || (1e-4..1e16).contains(&size) {
        let before = out.len();
        let _ = write!(out, "{value}");
        if !out[before..].contains('.') {
            out.push_str(".0");
        }
    } else {
        let digits = format!("{value:e}");
        let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        let _ = write!(out, "{mantissa}e{sign}{exponent:0>2}");
    }
}

/// A number in JSON: what is none is null, and infinity is a number that reads as infinity.
pub(super) fn json_float(out: &mut String, value: f64) {
    if value.is_finite() {
        float(out, value);
    } else {
        out.push_str(if value.is_nan() {
            "null"
        } else if value > 0.0 {
            "1e9999"
        } else {
            "-1e9999"
        });
    }
}

/// A text in JSON; with `ascii` all other letters are escaped.
pub(super) fn json_text(out: &mut String, text: &str, ascii: bool) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            letter if letter < ' ' || (ascii && letter > '~') => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// `json.dumps`: a space after each comma and colon.
pub(super) fn dumps(value: &Value, ascii: bool) -> String {
    let mut out = String::new();
    dump(&mut out, value, ascii);
    out
}

fn dump(out: &mut String, value: &Value, ascii: bool) {
    match value {
        Value::String(text) => json_text(out, text, ascii),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                dump(out, item, ascii);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, item)) in members.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                json_text(out, name, ascii);
                out.push_str(": ");
                dump(out, item, ascii);
            }
            out.push('}');
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(number) => json_float(out, number),
            None => {
                let _ = write!(out, "{number}");
            }
        },
        Value::Null => out.push_str("null"),
        Value::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
    }
}

/// The same as `json.dumps(…, indent=2)` of JSON that [`dumps`] wrote.
pub(super) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0, false, false);
    let mut letters = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(letter) = letters.next() {
        if in_text {
            out.push(letter);
            in_text = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            '[' | '{' => {
                out.push(letter);
                depth += 1;
                match letters.next_if(|next| matches!(next, ']' | '}')) {
                    Some(end) => {
                        out.push(end);
                        depth -= 1;
                    }
                    None => line(&mut out, depth),
                }
            }
            ']' | '}' => {
                depth -= 1;
                line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                letters.next_if_eq(&' ');
                line(&mut out, depth);
            }
            letter => {
                in_text = letter == '"';
                out.push(letter);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_as_python_writes_them() {
        let cases = [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.2345e-7, "1.2345e-07"),
            (5e-324, "5e-324"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, wanted) in cases {
            let mut out = String::new();
            float(&mut out, value);
            assert_eq!(out, wanted);
        }
    }

    #[test]
    fn json_has_spaces_and_escapes_and_can_be_indented() {
        let value = json!({ "a": [1, 2.5, null], "ä\"": "x\n😀,[", "e": [], "o": {} });
        let ascii =
            "{\"a\": [1, 2.5, null], \"\\u00e4\\\"\": \"x\\n\\ud83d\\ude00,[\", \"e\": [], \"o\": {}}";
        assert_eq!(dumps(&value, true), ascii);
        let wide = "{\"a\": [1, 2.5, null], \"ä\\\"\": \"x\\n😀,[\", \"e\": [], \"o\": {}}";
        assert_eq!(dumps(&value, false), wide);
        let wanted = "{\n  \"a\": [\n    1,\n    2.5,\n    null\n  ],\n  \"ä\\\"\": \"x\\n😀,[\",\n  \"e\": [],\n  \"o\": {}\n}";
        assert_eq!(indented(wide), wanted);
        assert_eq!(dumps(&json!([1e300]), true), "[1e+300]");
    }
}
