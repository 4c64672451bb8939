//! Patterns that people write for names and paths.
//!
//! ```text
//! nginx            exactly this
//! postgres*        `*` stands for any bytes, `?` for one
//! ~worker [0-9]+$  after a tilde: a regular expression that is found anywhere
//! ```

use regex::bytes::{Regex, RegexBuilder};

/// Largest regular expression, compiled, in bytes.
const REGEX_BYTES_MAX: usize = 256 << 10;

/// A pattern over bytes. Two are equal when they were written alike.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Exact,
    Glob,
    Regex(Box<Regex>),
}

impl Pattern {
    /// Reads it. Fails when it is empty or a bad regular expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        let kind = match text.strip_prefix('~') {
            _ if text.is_empty() || text == "~" => return Err("an empty pattern matches nothing".to_owned()),
            Some(expression) => Kind::Regex(Box::new(compile(expression)?)),
            None if text.contains(['*', '?']) => Kind::Glob,
            None => Kind::Exact,
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is about all of a path, and not only about the name at its end.
    pub fn has_slash(&self) -> bool {
        self.text.contains('/')
    }

    /// Whether these bytes are such.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        match &self.kind {
            Kind::Exact => self.text.as_bytes() == bytes,
            Kind::Glob => glob(self.text.as_bytes(), bytes),
            Kind::Regex(regex) => regex.is_match(bytes),
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

fn compile(expression: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(expression).size_limit(REGEX_BYTES_MAX).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => format!("`{expression}` is too large a regular expression"),
        _ => format!("`{expression}` is a bad regular expression"),
    })
}

/// Two cursors and one place to go back to: linear but for what follows the last star.
fn glob(pattern: &[u8], bytes: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // After the last star met, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while from < bytes.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == bytes[from] => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((after, reach)) = star else { return false };
                star = Some((after, reach + 1));
                (at, from) = (after, reach + 1);
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    #[test]
    fn patterns_match_what_they_say() {
        let cases = [
            ("nginx", "nginx", true),
            ("nginx", "nginx2", false),
            ("ngi*", "nginx", true),
            ("*x", "nginx", true),
            ("n?inx", "nginx", true),
            ("n?nginx", "nginx", false),
            ("*", "", true),
            ("?", "", false),
            ("a*b*c", "axxbyybzzc", true),
            ("a*b*c", "axxbyybzz", false),
            ("~^post.*s$", "postgres", true),
            ("~gre", "postgres", true),
            ("~^gre", "postgres", false),
            ("a.c", "abc", false),
        ];
        for (pattern, text, wanted) in cases {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(text.as_bytes()), wanted, "{pattern} {text}");
        }
        assert!(Pattern::parse("~a.b").unwrap().matches(b"a\xc3\xb6b"));
        assert!(Pattern::parse("*b").unwrap().matches(b"\xffb"));
    }

    #[test]
    fn senseless_ones_are_refused() {
        for (pattern, wanted) in
            [("", "empty"), ("~", "empty"), ("~(", "bad regular"), (r"~\w{500}{50}", "too large")]
        {
            let why = Pattern::parse(pattern).unwrap_err();
            assert!(why.contains(wanted), "{pattern}: {why}");
        }
    }

    /// Globs match what the regular expression of the same meaning matches.
    #[test]
    fn globs_are_as_their_expressions() {
        let mut random = Random::from_seed(5);
        let mut text = |alphabet: &[u8], length: u64| {
            let length = random.below(length);
            (0..length)
                .map(|_| alphabet[random.below(alphabet.len() as u64) as usize] as char)
                .collect::<String>()
        };
        for _ in 0..1000 {
            let (pattern, bytes) = (text(b"ab*?", 7), text(b"ab", 9));
            let expression = pattern.replace('*', ".*").replace('?', ".");
            let wanted = Regex::new(&format!("^{expression}$")).unwrap().is_match(bytes.as_bytes());
            assert_eq!(glob(pattern.as_bytes(), bytes.as_bytes()), wanted, "{pattern} {bytes}");
        }
    }
}
