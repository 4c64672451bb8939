//! Small pieces of configuration languages that several services share.

/// Length of a line from which on no more variables and parameters in it are replaced, in bytes: they may stand for each
/// other, and double with every line.
pub(crate) const EXPANDED_BYTES_MAX: usize = 64 << 10;

/// Whether a word means yes.
pub(crate) fn is_yes(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "1" | "on" | "yes" | "true" | "enabled")
}

/// The lines that say something: those that begin with `#` or `;` and empty ones are left out. From 1.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let trimmed = text.lines().map(str::trim).enumerate().map(|(at, line)| (at + 1, line));
    trimmed.filter(|(_, line)| !line.is_empty() && !line.starts_with(['#', ';']))
}

/// `name = value`, the value without quotes around it.
pub(crate) fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), unquoted(value.trim())))
}

/// Without the quotes around it.
pub(crate) fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Words with blanks between, some of them in quotes, where a backslash keeps the next character.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_word, mut quote) = (Vec::new(), String::new(), false, None);
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '"' | '\'') => (quote, is_word) = (Some(c), true),
            (Some(q), c) if q == c => quote = None,
            (None, c) if c.is_whitespace() => {
                if std::mem::take(&mut is_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, '\\') => {
                is_word = true;
                match characters.clone().next() {
                    // Only what would be taken otherwise needs a backslash; before all else it is one.
                    Some(next @ ('"' | '\'' | '\\' | ' ')) => {
                        characters.next();
                        word.push(next);
                    }
                    _ => word.push('\\'),
                }
            }
            (_, c) => {
                is_word = true;
                word.push(c);
            }
        }
    }
    if is_word {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_at_blanks_that_no_quote_keeps() {
        assert_eq!(
            words(r#"a "b c" 'd "e' f\ g "%r \"%s\"" \d"#),
            ["a", "b c", "d \"e", "f g", "%r \"%s\"", "\\d"]
        );
        assert_eq!(words(r#"a "" b"#), ["a", "", "b"]);
        assert!(words("   ").is_empty());
    }

    #[test]
    fn pairs_lose_their_quotes() {
        assert_eq!(pair("a = 'b c'"), Some(("a", "b c")));
        assert_eq!(pair("a=\"b"), Some(("a", "\"b")));
        assert_eq!(pair("a"), None);
        assert_eq!(lines("# x\n\n a\n;b\nc").collect::<Vec<_>>(), [(3, "a"), (5, "c")]);
    }
}
