//! How series are called by a path: `<host>.<name>.<rest>` unless the configuration says otherwise.
//!
//! Parts that a series does not have are left out, with their dot. So what came in by Graphite, which has nothing but its
//! name, is called by its name, whatever the template says. Values take one node each: characters that mean something in
//! targets become `_`. The dots of a name stay.

use super::glob;
use model::{Labels, MatchOp, Matcher, NAME};
use std::fmt;

/// A template of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Label(String),
    Name,
    Rest,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamingError(String);

impl fmt::Display for NamingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NamingError {}

/// Most labels before the name: each may be absent, and every combination is looked for.
const LEADING_MAX: usize = 4;

impl Default for Naming {
    fn default() -> Self {
        Self(vec![Part::Label("host".to_owned()), Part::Name, Part::Rest])
    }
}

impl Naming {
    /// Reads a template such as `<datacenter>.<host>.<name>.<rest>`: labels, the name, and the values of all other labels in
    /// the order of their names.
    pub fn parse(text: &str) -> Result<Self, NamingError> {
        let wrong = |why: &str| NamingError(format!("`{text}` is no template of paths: {why}"));
        let mut parts = Vec::new();
        for part in text.split('.') {
            let word = part.strip_prefix('<').and_then(|part| part.strip_suffix('>'));
            let word =
                word.filter(|word| !word.is_empty()).ok_or_else(|| wrong("write <host>.<name>.<rest>"))?;
            parts.push(match word {
                "name" => Part::Name,
                "rest" => Part::Rest,
                label => Part::Label(label.to_owned()),
            });
        }
        let count = |wanted: &Part| parts.iter().filter(|part| *part == wanted).count();
        if count(&Part::Name) != 1 || count(&Part::Rest) > 1 {
            return Err(wrong("<name> stands once, <rest> at most once"));
        }
        let naming = Self(parts);
        if naming.leading().count() > LEADING_MAX {
            return Err(wrong(&format!("at most {LEADING_MAX} labels may stand before <name>")));
        }
        if naming.0.iter().take_while(|part| **part != Part::Name).any(|part| *part == Part::Rest) {
            return Err(wrong("<rest> stands after <name>"));
        }
        Ok(naming)
    }

    fn leading(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map_while(|part| match part {
            Part::Label(label) => Some(label.as_str()),
            _ => None,
        })
    }

    /// The first label of all paths, if a label stands first.
    pub(super) fn first_label(&self) -> Option<&str> {
        self.leading().next()
    }

    /// The path of a series.
    pub fn path(&self, labels: &Labels) -> String {
        let mut path = String::new();
        let is_named = |name: &str| self.0.iter().any(|part| matches!(part, Part::Label(l) if l == name));
        for part in &self.0 {
            match part {
                Part::Name => push(&mut path, labels.name(), false),
                Part::Label(label) => push(&mut path, labels.get(label).unwrap_or(""), true),
                Part::Rest => {
                    let rest = labels.iter().filter(|(name, _)| *name != NAME && !is_named(name));
                    rest.for_each(|(_, value)| push(&mut path, value, true));
                }
            }
        }
        path
    }

    /// Ways to look for series whose path starts with these nodes (patterns), or is just them: conditions that all such
    /// series satisfy, though others may, too.
    pub(super) fn searches(&self, nodes: &[&str], is_prefix: bool) -> Vec<Vec<Matcher>> {
        let labels: Vec<&str> = self.leading().collect();
        let mut found = Vec::new();
        for present in 0..1usize << labels.len() {
            let mut rest = nodes.iter();
            let mut matchers = Vec::new();
            for (at, label) in labels.iter().enumerate() {
                let node = if present >> at & 1 == 1 { rest.next() } else { None };
                matchers.extend(match (present >> at & 1 == 1, node) {
                    (false, _) => Some(Matcher::equal(*label, "")),
                    (true, None) => Matcher::new(*label, MatchOp::NotEqual, "").ok(),
                    (true, Some(node)) => value_matcher(label, node),
                });
            }
            let used = present.count_ones() as usize;
            if used < nodes.len() {
                matchers.extend(name_matcher(rest.as_slice(), is_prefix));
            } else if !is_prefix {
                continue;
            }
            found.push(matchers);
        }
        found
    }
}

fn push(path: &mut String, text: &str, is_value: bool) {
    if text.is_empty() {
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    if is_value {
        path.extend(text.chars().map(|c| if is_reserved(c) { '_' } else { c }));
    } else {
        path.push_str(text);
    }
}

/// Means something in a target.
fn is_reserved(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '.' | '(' | ')' | '{' | '}' | '[' | ']' | ',' | '\'' | '"' | '\\' | '|' | '*' | '?' | ';'
        )
}

/// Any of them, as a class of a regular expression.
const RESERVED: &str = r#"[_\s.(){}\[\],'"\\|*?;]"#;

fn value_matcher(label: &str, node: &str) -> Option<Matcher> {
    if let Some(literal) = glob::literal(node).filter(|literal| !literal.contains('_')) {
        return Some(Matcher::equal(label, literal));
    }
    // `*` is any value there is; dots of values are underscores in paths.
    let regex = glob::to_regex(node).replace("[^.]", ".").replace('_', RESERVED);
    let op = if node == "*" { MatchOp::NotEqual } else { MatchOp::Regex };
    Matcher::new(label, op, if node == "*" { String::new() } else { regex }).ok()
}

// The name takes the first node, or more of them.
fn name_matcher(nodes: &[&str], is_prefix: bool) -> Option<Matcher> {
    let literals: Option<Vec<String>> = nodes.iter().map(|node| glob::literal(node)).collect();
    if let (Some(literals), false, 1) = (literals, is_prefix, nodes.len()) {
        return Some(Matcher::equal(NAME, literals[0].clone()));
    }
    let regexes: Vec<String> = nodes.iter().map(|node| glob::to_regex(node)).collect();
    // Nested, so that what all have in common at the start is there once: `a(\.b(\.c)?)?`.
    let mut pattern = if is_prefix { r"(?:\..*)?".to_owned() } else { String::new() };
    for (at, regex) in regexes.iter().enumerate().rev() {
        pattern = match (at, pattern.is_empty()) {
            (0, _) => format!("{regex}{pattern}"),
            _ => format!(r"(?:\.{regex}{pattern})?"),
        };
    }
    Matcher::new(NAME, MatchOp::Regex, pattern).ok()
}
