//! nginx's `log_format`: any text with `$variables`, `escape=default|json|none` before it.

use super::{Family, Format, FormatError};
use crate::field::Field;
use crate::plan::{Escape, PlanBuilder, Shape};

/// `combined`, which nginx knows without being told.
const COMBINED: &str = "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \
                        \"$http_referer\" \"$http_user_agent\"";

pub(super) const FAMILY: Family = Family {
    name: "nginx",
    summary: "What stands behind the name in nginx's `log_format`, its strings joined; `combined` when left out",
    default: COMBINED,
    example: "192.0.2.7 - - [22/Nov/2026:08:14:03 +0000] \"GET /cart/17 HTTP/1.1\" 200 512 \"-\" \"curl/8\" 0.023",
    example_format: "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \
                     \"$http_user_agent\" $request_time",
    needs_text: false,
    compile,
};

/// Variables that are fields, and those whose values have a shape that helps.
const VARIABLES: &[(&str, Option<Field>, Shape)] = &[
    ("request", Some(Field::Request), Shape::Text),
    ("request_method", Some(Field::Method), Shape::Short),
    ("request_uri", Some(Field::Url), Shape::Text),
    ("uri", Some(Field::Url), Shape::Text),
    ("document_uri", Some(Field::Url), Shape::Text),
    ("server_protocol", Some(Field::Protocol), Shape::Short),
    ("status", Some(Field::Status), Shape::Status),
    ("body_bytes_sent", Some(Field::Bytes), Shape::Number),
    ("bytes_sent", Some(Field::Bytes), Shape::Number),
    ("request_time", Some(Field::RequestTime), Shape::Seconds),
    ("upstream_response_time", Some(Field::UpstreamTime), Shape::List),
    ("upstream_status", Some(Field::UpstreamStatus), Shape::List),
    ("upstream_addr", Some(Field::UpstreamAddr), Shape::List),
    ("upstream_cache_status", Some(Field::Cache), Shape::Short),
    ("proxy_cache_status", Some(Field::Cache), Shape::Short),
    ("upstream_connect_time", None, Shape::List),
    ("upstream_header_time", None, Shape::List),
    ("upstream_response_length", None, Shape::List),
    ("upstream_bytes_received", None, Shape::List),
    ("upstream_bytes_sent", None, Shape::List),
    ("remote_addr", None, Shape::Short),
    ("remote_user", None, Shape::Short),
    ("scheme", None, Shape::Short),
    ("time_local", None, Shape::Fixed(26)),
    ("time_iso8601", None, Shape::Fixed(25)),
    ("request_id", None, Shape::Fixed(32)),
    ("pipe", None, Shape::Fixed(1)),
    ("msec", None, Shape::Seconds),
    ("request_length", None, Shape::Number),
    ("connection", None, Shape::Number),
    ("connection_requests", None, Shape::Number),
    ("pid", None, Shape::Number),
];

fn compile(text: &str) -> Result<Format, FormatError> {
    let (escape, start) = escape(text)?;
    let text = if text == "combined" { COMBINED } else { text };
    let mut builder = PlanBuilder::new(escape);
    let mut at = start;
    while let Some(next) = text[at..].find('$').map(|i| at + i) {
        builder.literal(&text[at..next]);
        let (name, end) = variable(text, next)?;
        let known = VARIABLES.iter().find(|(known, ..)| *known == name);
        let (_, field, shape) = known.copied().unwrap_or(("", None, Shape::Text));
        builder.variable(&format!("${name}"), field, shape);
        at = end;
    }
    builder.literal(&text[at..]);
    Ok(Format::plan(builder.build()?))
}

/// `escape=json ` and where the format begins.
fn escape(text: &str) -> Result<(Escape, usize), FormatError> {
    let Some(rest) = text.strip_prefix("escape=") else { return Ok((Escape::None, 0)) };
    let (word, _) = rest.split_once(' ').unwrap_or((rest, ""));
    let escape = match word {
        // A quote in a value becomes `\x22` or stays as it is: it never stands behind a backslash of ours.
        "default" | "none" => Escape::None,
        "json" => Escape::Backslash,
        _ => return Err(FormatError::new(7, format!("`escape={word}` is not default, json or none"))),
    };
    let start = "escape=".len() + word.len();
    let spaces = text[start..].len() - text[start..].trim_start().len();
    Ok((escape, start + spaces))
}

/// The name behind a `$`, in braces or not, and where it ends.
fn variable(text: &str, dollar: usize) -> Result<(&str, usize), FormatError> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let rest = &text[dollar + 1..];
    if let Some(inner) = rest.strip_prefix('{') {
        let len = inner.find('}').ok_or_else(|| FormatError::new(dollar, "`${` has no `}`"))?;
        let name = &inner[..len];
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(FormatError::new(dollar, format!("`${{{name}}}` is no variable")));
        }
        return Ok((name, dollar + 2 + len + 1));
    }
    let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    if len == 0 {
        return Err(FormatError::new(dollar, "`$` without the name of a variable"));
    }
    Ok((&rest[..len], dollar + 1 + len))
}
