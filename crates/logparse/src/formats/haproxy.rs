//! HAProxy's `log-format`, and its `httplog`, `httpslog` and `tcplog`. What syslog writes before a line is skipped.

use super::{Family, Format, FormatError, Parser};
use crate::field::Field;
use crate::plan::{Escape, PlanBuilder, Shape};

const HTTP: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq \
                    %hr %hs %{+Q}r";
/// The same with what TLS said (HAProxy 2.4 and later).
const HTTPS: &str = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq \
                     %hr %hs %{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] \
                     %[ssl_fc_sni]/%sslv/%sslc";
const TCP: &str = "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq";
const CLF: &str = "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc %bc \
                   %sc %rc %sq %bq %CC %CS %hrl %hsl";

pub(super) const FAMILY: Family = Family {
    name: "haproxy",
    summary: "HAProxy's `log-format`, or `httpslog`, `tcplog`, `clf`; `httplog` when left out",
    default: HTTP,
    example: "Nov 22 08:14:03 lb haproxy[913]: 192.0.2.7:5123 [22/Nov/2026:08:14:03.655] front~ back/web1 10/0/30/69/109 200 \
              2750 - - ---- 1/1/1/1/0 0/0 {shop.example} {} \"GET /cart/17 HTTP/1.1\"",
    example_format: HTTP,
    needs_text: false,
    compile,
};

fn compile(text: &str) -> Result<Format, FormatError> {
    let text = match text {
        "httplog" => HTTP,
        "httpslog" => HTTPS,
        "tcplog" => TCP,
        "clf" => CLF,
        other => other,
    };
    let mut builder = PlanBuilder::new(Escape::None);
    let (mut at, mut is_quoted) = (0, false);
    while let Some(next) = text[at..].find('%').map(|i| at + i) {
        builder.literal(&spaced(&text[at..next]));
        if text[next + 1..].starts_with('%') {
            builder.literal("%");
            at = next + 2;
            continue;
        }
        let variable = variable(text, next)?;
        at = variable.end;
        let quoted = variable.quotes.unwrap_or(is_quoted);
        if variable.name == "o" {
            is_quoted = quoted;
            continue;
        }
        if quoted {
            builder.literal("\"");
        }
        let (field, shape) = meaning(variable.name);
        match variable.name {
            // Captured headers: what is not captured is not written, nor the blank before it.
            "hr" | "hs" | "hrl" | "hsl" => builder.absorb(&text[next..at]),
            _ => builder.variable(&text[next..at], field, shape),
        }
        if quoted {
            builder.literal("\"");
        }
    }
    builder.literal(&spaced(&text[at..]));
    let plan = builder.build()?;
    let mut format = Format::new(Parser::Syslog(plan));
    format = format.with_unit(Field::RequestTime, 1e-3).with_unit(Field::UpstreamTime, 1e-3);
    Ok(format)
}

fn meaning(name: &str) -> (Option<Field>, Shape) {
    match name {
        "r" => (Some(Field::Request), Shape::Text),
        "HM" => (Some(Field::Method), Shape::Text),
        "HU" | "HP" | "HPO" => (Some(Field::Url), Shape::Text),
        "HV" => (Some(Field::Protocol), Shape::Text),
        "ST" => (Some(Field::Status), Shape::Number),
        "B" => (Some(Field::Bytes), Shape::Text),
        // The time with the client's own sending left out comes closest to what other servers log.
        "Ta" | "Tt" => (Some(Field::RequestTime), Shape::Text),
        "Tr" => (Some(Field::UpstreamTime), Shape::Number),
        "s" => (Some(Field::UpstreamAddr), Shape::Text),
        _ => (None, Shape::Text),
    }
}

struct Variable<'a> {
    name: &'a str,
    quotes: Option<bool>,
    end: usize,
}

/// `%Ta`, `%{+Q}r`, `%[expression]`, `%(name)Ta`.
fn variable(text: &str, percent: usize) -> Result<Variable<'_>, FormatError> {
    let (mut at, mut quotes) = (percent + 1, None);
    for (open, close) in [('(', ')'), ('{', '}')] {
        if text[at..].starts_with(open) {
            let wrong = || FormatError::new(percent, format!("`%{open}` has no `{close}`"));
            let len = text[at..].find(close).ok_or_else(wrong)?;
            if open == '{' {
                let flags = &text[at + 1..at + len];
                quotes = flags.contains("+Q").then_some(true).or(flags.contains("-Q").then_some(false));
            }
            at += len + 1;
        }
    }
    if text[at..].starts_with('[') {
        let len = text[at..].find(']').ok_or_else(|| FormatError::new(percent, "`%[` has no `]`"))?;
        return Ok(Variable { name: "", quotes, end: at + len + 1 });
    }
    let len = text[at..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len() - at);
    // A name may be followed by letters that are text only when they make no known name, so the longest one counts.
    if len == 0 {
        return Err(FormatError::new(percent, "`%` without the name of a variable"));
    }
    Ok(Variable { name: &text[at..at + len], quotes, end: at + len })
}

/// Blanks of a log format are one blank in the line, and a backslash keeps the next character as it is.
fn spaced(text: &str) -> String {
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            ' ' | '\t' if out.ends_with(' ') => {}
            ' ' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// How much syslog wrote before the line: up to `haproxy[913]: `.
pub(super) fn syslog_prefix(line: &[u8]) -> usize {
    const HEADER_BYTES_MAX: usize = 200;
    let head = &line[..line.len().min(HEADER_BYTES_MAX)];
    memchr::memmem::find(head, b"]: ").map_or(0, |at| at + 3)
}
