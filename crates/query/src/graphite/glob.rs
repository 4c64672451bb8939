//! Patterns of one node: `*`, `?`, `[a-z]`, `[!x]`, `{a,b}`.

use regex::Regex;
use std::fmt::Write as _;

/// The nodes of a path; dots within brackets and braces separate nothing.
pub(super) fn nodes(pattern: &str) -> Vec<&str> {
    let (mut nodes, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, byte) in pattern.bytes().enumerate() {
        match byte {
            b'{' | b'[' if is_closed(&pattern.as_bytes()[at..]) => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'.' if depth == 0 => {
                nodes.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    nodes.push(&pattern[start..]);
    nodes
}

fn is_closed(rest: &[u8]) -> bool {
    rest.contains(if rest[0] == b'{' { &b'}' } else { &b']' })
}

/// The node itself when nothing in it is a pattern.
pub(super) fn literal(node: &str) -> Option<String> {
    (!node.contains(['*', '?', '[', '{'])).then(|| node.to_owned())
}

/// What stands before the first thing that is a pattern.
pub(super) fn start(node: &str) -> &str {
    &node[..node.find(['*', '?', '[', '{']).unwrap_or(node.len())]
}

/// A regular expression that means the same.
pub(super) fn to_regex(node: &str) -> String {
    let mut out = String::with_capacity(node.len() + 16);
    let chars: Vec<char> = node.chars().collect();
    let (mut at, mut braces) = (0, 0usize);
    while at < chars.len() {
        let c = chars[at];
        match c {
            '*' => out.push_str("[^.]*"),
            '?' => out.push_str("[^.]"),
            '[' => match class(&chars[at..], &mut out) {
                Some(length) => at += length - 1,
                None => out.push_str(r"\["),
            },
            '{' if is_matched(&chars[at..]) => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            c => push_escaped(&mut out, c),
        }
        at += 1;
    }
    out.push_str(&")".repeat(braces));
    out
}

// Whether the brace that stands first has one that closes it.
fn is_matched(rest: &[char]) -> bool {
    let mut depth = 0usize;
    rest.iter().any(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

// `[a-z]` or `[!a-z]`; how many characters it took, `None` when it is not closed.
fn class(chars: &[char], out: &mut String) -> Option<usize> {
    let is_negated = chars.get(1) == Some(&'!');
    let first = 1 + usize::from(is_negated);
    // A bracket that stands first is one of them.
    let close = first + 1 + chars.get(first + 1..)?.iter().position(|c| *c == ']')?;
    out.push_str(if is_negated { "[^." } else { "[" });
    for &c in &chars[first..close] {
        match c {
            '-' => out.push('-'),
            c if c.is_alphanumeric() => out.push(c),
            // Writing to a String cannot fail.
            c => drop(write!(out, "\\x{{{:x}}}", u32::from(c))),
        }
    }
    out.push(']');
    Some(close + 1)
}

fn push_escaped(out: &mut String, c: char) {
    if !c.is_alphanumeric() && c != '_' && c.is_ascii() {
        out.push('\\');
    }
    out.push(c);
}

/// A pattern without backslashes: they escape nothing, as in the web application.
pub(super) fn clean(pattern: &str) -> std::borrow::Cow<'_, str> {
    if pattern.contains('\\') { pattern.replace('\\', "").into() } else { pattern.into() }
}

/// What whole paths must match, `None` when the pattern is no pattern.
pub(super) fn whole(nodes: &[&str], is_prefix: bool) -> Option<Regex> {
    let regexes: Vec<String> = nodes.iter().map(|node| to_regex(node)).collect();
    let tail = if is_prefix { r"(?:\..*)?" } else { "" };
    Regex::new(&format!(r"^(?s:{}{tail})$", regexes.join(r"\."))).ok()
}

#[cfg(test)]
mod tests {
    use super::{nodes, to_regex, whole};

    #[test]
    fn patterns_match_within_their_node() {
        let cases = [
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.b.b.c", false),
            ("a.b?", "a.bc", true),
            ("a.b?", "a.b", false),
            ("a.[b-d]x", "a.cx", true),
            ("a.[!b]x", "a.bx", false),
            ("a.[!b].x", "a...x", false),
            ("a.{x,y}z*", "a.yz12", true),
            ("a.{x,y}z*", "a.wz12", false),
            ("a.{x*,y?}", "a.xyz", true),
            ("a.[b", "a.[b", true),
            ("a.b-c:d/e", "a.b-c:d/e", true),
            ("a.(b)", "a.(b)", true),
            ("a.[^b]", "a.^", true),
            ("a.[!]b]", "a.]", false),
            ("a.{b", "a.b", false),
            ("a.{b", "a.{b", true),
            ("a.{b,{c}", "a.{b,c", true),
            ("a.[b.c", "a.[b.c", true),
            ("größe.*", "größe.é", true),
        ];
        for (pattern, path, wanted) in cases {
            assert_eq!(whole(&nodes(pattern), false).unwrap().is_match(path), wanted, "{pattern} {path}");
        }
        assert_eq!(nodes("a.{b.c,d}.[.]e"), ["a", "{b.c,d}", "[.]e"]);
        assert_eq!(to_regex("a b"), r"a\ b");
    }
}
