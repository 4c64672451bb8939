//! What to do about a text that is no expression. Rules look at the sentence and at what stands around the place; the first
//! that knows something is heard. Sentences are Prometheus' own, so that people find them; this is what they leave out.

use super::super::lex::{Kind as Word, Lexer};
use crate::Error;

/// An error and what stands around it.
struct Scene<'a> {
    text: &'a str,
    message: &'a str,
    /// Without white space at its end.
    before: &'a str,
    here: &'a str,
    /// Without white space at its beginning.
    after: &'a str,
}

type Rule = fn(&Scene<'_>) -> Option<String>;

/// From the particular to the general.
const RULES: [Rule; 7] = [signs, endings, lengths, matchers, groups, names, order];

/// The same error with a hint if it has none and one is known. Its place is in bytes.
pub(super) fn advised(text: &str, error: Error) -> Error {
    if error.hint.is_some() {
        return error;
    }
    let start = error.span.start.min(text.len());
    let end = error.span.end.clamp(start, text.len());
    let (Some(before), Some(here), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return error;
    };
    let (before, after) = (before.trim_end(), after.trim_start());
    let scene = Scene { text, message: &error.message, before, here, after };
    let hint = RULES.iter().find_map(|rule| rule(&scene));
    error.maybe_hint(hint)
}

impl<'a> Scene<'a> {
    fn says(&self, part: &str) -> bool {
        self.message.contains(part)
    }

    /// The name that ends where the error begins.
    fn name_before(&self) -> &'a str {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.');
        &self.before[self.before.trim_end_matches(is_part).len()..]
    }
}

fn some(hint: &str) -> Option<String> {
    Some(hint.to_owned())
}

// Signs of other languages.
fn signs(scene: &Scene<'_>) -> Option<String> {
    match scene.here {
        "=" if scene.says("expected string") => some("labels are compared by =, !=, =~ and !~"),
        "=" if scene.after.starts_with('>') => some("write >="),
        "=" if scene.after.starts_with('<') => some("write <="),
        "=" if scene.message == "unexpected \"=\"" => some("to compare write =="),
        ">" if scene.before.ends_with('<') => some("for what is not equal write !="),
        "&" => some("write and"),
        "|" => some("write or"),
        "/" if scene.before.ends_with('/') => some("comments begin with #"),
        ";" => some("leave it out: a text is one expression"),
        "," if scene.message == "unexpected \",\"" => some("a text is one expression; or joins several"),
        _ if scene.says("unexpected character after '!'") => {
            some("write != to compare, and unless to leave series out")
        }
        _ => None,
    }
}

// Something is not closed, not open, or not there.
fn endings(scene: &Scene<'_>) -> Option<String> {
    match scene.message {
        "unclosed left parenthesis" => Some(unclosed(scene.text)),
        "unclosed left bracket" => some("add ]"),
        "unexpected end of input inside braces" => some("add }"),
        "unterminated quoted string" | "unterminated raw string" => {
            Some(format!("add the closing {}", scene.here.get(..1)?))
        }
        "unexpected right parenthesis ')'" => some("no parenthesis is open here"),
        "unexpected right bracket ']'" => some("no bracket is open here"),
        "no expression found in input" => some("such as up, or rate(http_requests_total[5m])"),
        "unexpected end of input" => {
            let last = scene.before.rsplit(char::is_whitespace).next().filter(|last| !last.is_empty())?;
            let last = last.char_indices().nth_back(11).map_or(last, |(at, _)| &last[at..]);
            Some(format!("something must follow {last}"))
        }
        _ => None,
    }
}

/// Which parenthesis is open: the innermost, with what stands before it.
fn unclosed(text: &str) -> String {
    let (mut lexer, mut open) = (Lexer::new(text), Vec::new());
    loop {
        let word = lexer.next();
        match word.kind {
            Word::LeftParen => open.push(word.start),
            Word::RightParen => _ = open.pop(),
            Word::End | Word::Bad => break,
            _ => {}
        }
    }
    let before = open.last().map_or("", |&at| text[..at].trim_end());
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = &before[before.trim_end_matches(is_part).len()..];
    if name.is_empty() { "add )".to_owned() } else { format!("add ) to end {name}(") }
}

const UNITS: &str = "a number and a unit: ms, s, m, h, d, w or y, such as 1h30m";

fn lengths(scene: &Scene<'_>) -> Option<String> {
    let wants_length = scene.says("expected number, duration");
    match scene.here {
        _ if scene.says("bad number or duration") => Some(bad_number(scene)),
        "]" if wants_length => some("such as [5m]"),
        "" if wants_length => Some(UNITS.to_owned()),
        _ if scene.says("expected timestamp") => some("a Unix time in seconds, start() or end()"),
        word if wants_length && word.starts_with(|c: char| c.is_ascii_alphabetic()) => Some(UNITS.to_owned()),
        unit if scene.says("in subquery or range") && unit.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            some("write number and unit without white space: 5m")
        }
        _ if scene.says("unexpected duration") && scene.before.ends_with("offset") => {
            some("offset follows a selector: up offset 5m")
        }
        _ => None,
    }
}

fn bad_number(scene: &Scene<'_>) -> String {
    let word = scene.here.to_ascii_lowercase();
    let is_length = scene.before.ends_with(['[', ':']) || scene.before.ends_with("offset");
    if word.starts_with("0x") {
        "hexadecimal digits must follow 0x, as in 0x1f".to_owned()
    } else if is_length
        || word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['m', 's', 'h', 'd', 'w', 'y'])
    {
        UNITS.to_owned()
    } else if word.ends_with('e') {
        "digits must follow the e, as in 1e3".to_owned()
    } else {
        "names begin with a letter, _ or :".to_owned()
    }
}

// Between braces.
fn matchers(scene: &Scene<'_>) -> Option<String> {
    let in_braces = scene.says("in label matching");
    match scene.here {
        word if in_braces
            && scene.says("expected string")
            && word.starts_with(|c: char| c.is_alphanumeric()) =>
        {
            Some(format!("put it in quotes: \"{word}\""))
        }
        ":" if in_braces => some("write = and not :"),
        _ if in_braces && scene.says("expected label matching operator") => {
            Some(format!("such as {}=\"…\"", scene.name_before()))
        }
        "," if in_braces => some("one comma is enough"),
        _ if in_braces && scene.says("expected \",\" or") => some("a comma is missing before it"),
        "{" if scene.before.ends_with('}') => some("put all matchers into one pair of braces"),
        _ if scene.says("inside braces") => {
            some("names of other characters than letters, digits and _ stand in quotes: {\"a.b\"=\"…\"}")
        }
        text if scene.says("repetition operator") && text.contains("\"*") => {
            some("a pattern for anything is .*, for all that begins with a: a.*")
        }
        _ if scene.says("unclosed group") => some("close it by ), or write \\\\( for the character itself"),
        _ => None,
    }
}

// Who is grouped and who is matched.
fn groups(scene: &Scene<'_>) -> Option<String> {
    let word = scene.here.to_ascii_lowercase();
    match word.as_str() {
        _ if scene.says("in grouping opts, expected \"(\"") => {
            let is_label = word.starts_with(|c: char| c.is_ascii_alphabetic());
            Some(if is_label {
                format!("put labels in parentheses: ({})", scene.here)
            } else {
                "name labels: (host)".into()
            })
        }
        "by" | "without" if scene.says("unexpected <") => Some(format!(
            "{word} stands right before or after the parentheses of an aggregation: sum {word} (host) (…)"
        )),
        "group" if scene.after.starts_with("by") => some("write by (…) alone"),
        "bool" if scene.says("unexpected <") => some("bool follows a comparison: up == bool 1"),
        "group_left" | "group_right" if scene.says("unexpected <") => {
            Some(format!("on (…) or ignoring (…) comes before it: a * on (host) {word} b"))
        }
        "on" | "ignoring" if scene.says("unexpected <") => {
            Some(format!("{word} (…) follows an operator: a / {word} (host) b"))
        }
        _ => None,
    }
}

fn names(scene: &Scene<'_>) -> Option<String> {
    if scene.message != "unexpected character: '.'" {
        return None;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-');
    let (before, after) = (scene.name_before(), scene.after);
    let after = &after[..after.len() - after.trim_start_matches(is_part).len()];
    match before {
        "" => some("a dot begins expressions of Timelion, which is another language here"),
        _ => Some(format!("names with dots stand in quotes: {{\"{before}.{after}\"}}")),
    }
}

// Two things beside each other.
fn order(scene: &Scene<'_>) -> Option<String> {
    let last = scene.before.rsplit(char::is_whitespace).next().unwrap_or_default();
    if scene.before == last && ["and", "or", "unless"].contains(&last) {
        return Some(format!("something must stand before {last}"));
    }
    if scene.says(" in aggregation") {
        return Some(format!("what is aggregated stands in parentheses: ({}…)", scene.here));
    }
    let kinds = ["identifier", "metric identifier", "number", "duration", "string", "<aggr"];
    let is_operand = kinds
        .iter()
        .any(|kind| scene.message.strip_prefix("unexpected ").is_some_and(|m| m.starts_with(kind)));
    let is_bare = !scene.says(" in ") && !scene.says("expected ,");
    (is_operand && is_bare && !scene.before.is_empty())
        .then(|| "an operator is missing before it; names have no white space".to_owned())
}
