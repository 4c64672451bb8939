//! The language of HAProxy's configuration: sections, and in each a directive a line. Blanks before a line mean nothing.
//! Within double quotes a variable of the environment stands for its value.

use crate::text::{EXPANDED_BYTES_MAX, words};
use std::collections::BTreeMap;

/// One line with the section it is in.
pub(super) struct Line {
    pub section: String,
    pub words: Vec<String>,
    /// `file:line`
    pub place: String,
}

const SECTIONS: [&str; 18] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "peers",
    "resolvers",
    "userlist",
    "mailers",
    "cache",
    "program",
    "http-errors",
    "ring",
    "log-forward",
    "log-profile",
    "fcgi-app",
    "crt-store",
    "traces",
];

/// Reads file after file.
pub(super) struct Reader {
    variables: BTreeMap<String, String>,
    pub lines: Vec<Line>,
}

impl Reader {
    /// Begins with the environment of the process.
    pub(super) fn new(environment: Vec<(String, String)>) -> Self {
        Self { variables: environment.into_iter().collect(), lines: Vec::new() }
    }

    pub(super) fn read(&mut self, file: &str, text: &str) {
        // A file begins in no section, whatever the one before ended in.
        let mut section = String::new();
        for (at, line) in text.lines().enumerate() {
            let words = words(&self.expanded(without_comment(line.trim())));
            // Conditions (`.if`) need more than a file to be judged: both branches count.
            match &words[..] {
                [] => continue,
                [first, ..] if SECTIONS.contains(&first.as_str()) => {
                    section = words.join(" ");
                    continue;
                }
                [first, name, value] if first == "setenv" => {
                    self.variables.insert(name.clone(), value.clone());
                }
                [first, name, value] if first == "presetenv" => {
                    self.variables.entry(name.clone()).or_insert_with(|| value.clone());
                }
                _ => {}
            }
            self.lines.push(Line { section: section.clone(), words, place: format!("{file}:{}", at + 1) });
        }
    }

    /// `"${NAME}"`, `"$NAME"` and `"${NAME-default}"` by their values; what is not set is nothing. Within single quotes
    /// and without any, a dollar is a dollar.
    fn expanded(&self, line: &str) -> String {
        let (mut expanded, mut quote, mut rest) = (String::new(), None, line);
        while let Some(c) = rest.chars().next() {
            if expanded.len() > EXPANDED_BYTES_MAX {
                return expanded + rest;
            }
            let after = &rest[c.len_utf8()..];
            rest = after;
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(q), c) if q == c => quote = None,
                (Some('\''), _) => {}
                (_, '\\') => {
                    expanded.push(c);
                    let Some(next) = after.chars().next() else { break };
                    expanded.push(next);
                    rest = &after[next.len_utf8()..];
                    continue;
                }
                (Some('"'), '$') => {
                    let (value, left) = self.value(after);
                    // The value is within quotes: it stays one word.
                    expanded.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
                    rest = left;
                    continue;
                }
                _ => {}
            }
            expanded.push(c);
        }
        expanded
    }

    /// The value of the variable whose name begins here, and what follows.
    fn value<'t>(&self, text: &'t str) -> (String, &'t str) {
        let (name, rest) = match text.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some(both) => both,
            None => {
                text.split_at(text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len()))
            }
        };
        let (name, usual) = name.split_once('-').unwrap_or((name, ""));
        let value = self.variables.get(name.trim_end_matches("[*]"));
        (value.map_or(usual, String::as_str).to_owned(), rest)
    }
}

/// What is before a `#` that no quote and no backslash keeps.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut is_kept) = (None, false);
    for (at, c) in line.char_indices() {
        match (quote, c) {
            _ if is_kept => is_kept = false,
            (None | Some('"'), '\\') => is_kept = true,
            (None, '#') => return &line[..at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut reader = Reader::new(vec![("PORT".to_owned(), "81".to_owned())]);
        reader.read("h.cfg", text);
        reader.lines.iter().map(|line| format!("{}: {}", line.section, line.words.join("|"))).collect()
    }

    #[test]
    fn variables_stand_within_double_quotes() {
        let text = "global\n presetenv PORT 82\n setenv NAME \"a b\"\nfrontend x # y\n bind \"127.0.0.1:${PORT}\"\n\
                    bind '$PORT' $PORT \"$NAME\" \"${NONE-z}${NONE}\" \"\\$PORT\"\n";
        let wanted = [
            "global: presetenv|PORT|82",
            "global: setenv|NAME|a b",
            "frontend x: bind|127.0.0.1:81",
            "frontend x: bind|$PORT|$PORT|a b|z|\\$PORT",
        ];
        assert_eq!(read(text), wanted);
    }

    #[test]
    fn variables_that_stand_for_each_other_end() {
        let text = "global\n setenv A aaaaaaaa\n".to_owned() + &" setenv A \"$A$A\"\n".repeat(1000);
        let longest = read(&text).into_iter().map(|line| line.len()).max().unwrap();
        assert!((EXPANDED_BYTES_MAX..=3 * EXPANDED_BYTES_MAX).contains(&longest), "{longest}");
    }

    #[test]
    fn sections_may_stand_anywhere_on_a_line() {
        let text = "  global\nlog /dev/log local0\n\tlog-forward f\nlog global # no\nlisten a\nbind :1 \"#\" \\# x\n";
        let wanted =
            ["global: log|/dev/log|local0", "log-forward f: log|global", "listen a: bind|:1|#|\\#|x"];
        assert_eq!(read(text), wanted);
    }
}
