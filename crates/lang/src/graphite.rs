//! Graphite's targets: paths with wildcards, calls, pipes and templates.

pub mod ast;
mod check;
mod complete;
mod lower;
mod parse;
mod print;

#[cfg(test)]
mod tests;

use crate::plan::Plan;
use crate::{Error, Signature};
pub use complete::complete;
pub use parse::{DEPTH_MAX, TEXT_BYTES_MAX, parse};
pub use print::print;

/// Understands the targets of a request.
pub fn plan(texts: &[&str], functions: &[&Signature]) -> Plan {
    plan_with(texts, functions, &[])
}

/// The same, with values for the variables of templates from outside (`template[name]=value`); they win over those that are
/// written in the target.
pub fn plan_with(texts: &[&str], functions: &[&Signature], variables: &[(String, String)]) -> Plan {
    lower::lower(texts, functions, variables)
}

/// The first path within a text, as functions that name series by nodes look for it; `None` when there is none. What follows
/// an expression does not matter: names of series are not always targets to their end.
pub fn first_path(text: &str) -> Result<Option<String>, Error> {
    Ok(parse::parse_start(text)?.first_path())
}

/// Whether a text is a length of time: `5min`, `-1d12h`. Empty is none at all.
pub fn is_interval(text: &str) -> bool {
    interval_s(text).is_some()
}

/// Seconds of a length of time: numbers with units that are known by how they begin (`s`, `min`, `h`, `d`, `w`, `mon` of 30
/// days, `y` of 365 days), after one sign for all. `None` for anything else, and for what does not fit.
pub fn interval_s(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.as_bytes().first() {
        None => return Some(0),
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        Some(_) => (1, text),
    };
    let mut total = 0i64;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        total = total.checked_add(count.checked_mul(unit_s(&rest[..letters])?)?)?;
        rest = &rest[letters..];
    }
    total.checked_mul(sign)
}

/// Seconds of a unit by how its name begins.
pub fn unit_s(name: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("s", 1),
        ("min", 60),
        ("h", 3600),
        ("d", 86_400),
        ("w", 604_800),
        ("mon", 2_592_000),
        ("y", 31_536_000),
    ];
    UNITS.into_iter().find(|(start, _)| name.starts_with(start)).map(|(_, seconds)| seconds)
}
