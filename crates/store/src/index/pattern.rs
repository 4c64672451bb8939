//! What a regular expression asks for, as far as that can be answered without running it.

use regex_syntax::hir::literal::Extractor;

/// Most words that a pattern is spelt out into.
const WORDS_MAX: usize = 256;

/// A pattern that must cover a whole value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Everything.
    Anything,
    /// Everything but "".
    Something,
    /// Exactly these words, sorted.
    Words(Vec<String>),
    /// What starts with this must be looked at.
    Prefix(String),
}

impl Pattern {
    /// Looks at a pattern; one that is not understood must be run on everything.
    pub(crate) fn of(text: &str) -> Self {
        match text {
            ".*" => Self::Anything,
            ".+" => Self::Something,
            _ => Self::parsed(text).unwrap_or(Self::Prefix(String::new())),
        }
    }

    /// What everything that it matches starts with.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            Self::Anything | Self::Something => "",
            Self::Prefix(prefix) => prefix,
            Self::Words(words) => {
                // They are sorted: what the first and the last share, all share.
                let (Some(first), Some(last)) = (words.first(), words.last()) else { return "" };
                let same = first.char_indices().zip(last.chars()).find(|((_, a), b)| a != b);
                &first[..same.map_or(first.len().min(last.len()), |((at, _), _)| at)]
            }
        }
    }

    fn parsed(text: &str) -> Option<Self> {
        let hir = regex_syntax::Parser::new().parse(&format!("(?s:{text})")).ok()?;
        // An anchor inside makes a prefix of what cannot match at all.
        if !hir.properties().look_set().is_empty() {
            return None;
        }
        let found = Extractor::new().limit_class(16).limit_total(WORDS_MAX).extract(&hir);
        let literals = found.literals()?;
        let words: Option<Vec<String>> = literals
            .iter()
            .map(|literal| std::str::from_utf8(literal.as_bytes()).ok().map(str::to_owned))
            .collect();
        match words {
            Some(mut words) if found.is_exact() => {
                words.sort_unstable();
                words.dedup();
                Some(Self::Words(words))
            }
            _ => {
                let shared = found.longest_common_prefix()?;
                let whole = match std::str::from_utf8(shared) {
                    Ok(whole) => whole,
                    Err(error) => std::str::from_utf8(&shared[..error.valid_up_to()]).ok()?,
                };
                Some(Self::Prefix(whole.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_prefixes_are_seen() {
        let words = |list: &[&str]| Pattern::Words(list.iter().map(|w| (*w).to_owned()).collect());
        let prefix = |text: &str| Pattern::Prefix(text.to_owned());
        let cases = [
            (".*", Pattern::Anything),
            (".+", Pattern::Something),
            ("b|a|a", words(&["a", "b"])),
            ("", words(&[""])),
            ("a?", words(&["", "a"])),
            ("web-(1|2)\\.x", words(&["web-1.x", "web-2.x"])),
            (
                "web-[0-9]",
                words(&[
                    "web-0", "web-1", "web-2", "web-3", "web-4", "web-5", "web-6", "web-7", "web-8", "web-9",
                ]),
            ),
            ("web-[0-9]+", prefix("web-")),
            ("web.*|weld.+", prefix("we")),
            ("(?i)a", words(&["A", "a"])),
            ("a$", prefix("")),
            (".*x", prefix("")),
            ("é+", prefix("é")),
            ("(é|è)x*", prefix("")),
        ];
        for (text, wanted) in cases {
            let found = Pattern::of(text);
            // How far a class is spelt out is the extractor's choice; what it must not do is leave words out.
            let coarser = matches!((&found, &wanted), (Pattern::Prefix(p), Pattern::Words(w)) if w.iter().all(|w| w.starts_with(p)));
            assert!(found == wanted || coarser, "{text}: {found:?}");
            let matcher = model::Matcher::new("a", model::MatchOp::Regex, text).unwrap();
            let words = ["", "a", "b", "web-1.x", "web-7", "web-77", "wet", "éé", "è"];
            let matched = words.iter().filter(|word| matcher.accepts(word));
            matched.for_each(|word| assert!(word.starts_with(found.prefix()), "{text}: {word}"));
        }
    }
}
