//! Macros of mod_macro: lines with parameters, which stand wherever they are used.

use crate::text::EXPANDED_BYTES_MAX;
use std::collections::BTreeMap;

/// Longest text of a macro, in lines.
const LINES_MAX: usize = 10_000;

/// Those defined so far, by their name in lower case.
#[derive(Default)]
pub(super) struct Macros {
    all: BTreeMap<String, Macro>,
    /// The one whose lines are being read.
    open: Option<(String, Macro)>,
}

#[derive(Default, Clone)]
struct Macro {
    parameters: Vec<String>,
    /// With their places.
    lines: Vec<(String, String)>,
}

impl Macros {
    /// `<Macro Site $name $port>`
    pub(super) fn begin(&mut self, words: &[String]) {
        let name = words.get(1).map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        let parameters = words.iter().skip(2).cloned().collect();
        self.open = Some((name, Macro { parameters, ..Macro::default() }));
    }

    /// Takes a line that belongs to a macro; `false` for one that does not.
    pub(super) fn take(&mut self, line: &str, place: &str) -> bool {
        let Some((_, open)) = &mut self.open else { return false };
        let is_end = line.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("</macro"));
        if !is_end {
            if open.lines.len() < LINES_MAX {
                open.lines.push((line.to_owned(), place.to_owned()));
            }
        } else if let Some((name, whole)) = self.open.take() {
            self.all.insert(name, whole);
        }
        true
    }

    pub(super) fn undefine(&mut self, name: &str) {
        self.all.remove(&name.to_ascii_lowercase());
    }

    /// The lines of a macro with its parameters replaced: `Use Site shop 8080`. `None` when there is none of this name
    /// with so many.
    pub(super) fn used(&self, words: &[String]) -> Option<Vec<(String, String)>> {
        let found = self.all.get(&words.get(1)?.to_ascii_lowercase())?;
        let values = &words[2..];
        if values.len() != found.parameters.len() {
            return None;
        }
        let mut pairs: Vec<(&str, &str)> =
            found.parameters.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
        // Of two that begin alike the longer one counts.
        pairs.sort_by_key(|(parameter, _)| std::cmp::Reverse(parameter.len()));
        let lines = found.lines.iter().map(|(line, place)| (replaced(line, &pairs), place.clone()));
        Some(lines.collect())
    }
}

/// In one pass: what comes of a parameter is not looked at again.
fn replaced(line: &str, pairs: &[(&str, &str)]) -> String {
    let (mut replaced, mut rest) = (String::new(), line);
    while let Some(c) = rest.chars().next() {
        if replaced.len() > EXPANDED_BYTES_MAX {
            return replaced + rest;
        }
        let fits = pairs.iter().find(|(parameter, _)| !parameter.is_empty() && rest.starts_with(parameter));
        if let Some((parameter, value)) = fits {
            replaced.push_str(value);
            rest = &rest[parameter.len()..];
        } else {
            replaced.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words;

    #[test]
    fn parameters_are_replaced_longest_first_and_once() {
        let mut macros = Macros::default();
        macros.begin(&words("<Macro Site $a $ab"));
        assert!(
            macros.take("x $ab $a$a", "f:2") && macros.take("</MACRO>", "f:3") && !macros.take("y", "f:4")
        );
        let used = |text: &str| macros.used(&words(text));
        assert_eq!(used("Use SITE $ab 2").unwrap(), [("x 2 $ab$ab".to_owned(), "f:2".to_owned())]);
        assert!(used("Use site 1").is_none() && used("Use other 1 2").is_none() && used("Use").is_none());
        macros.undefine("Site");
        assert!(macros.used(&words("Use Site 1 2")).is_none());
    }
}
