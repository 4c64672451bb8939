//! Characters to words. Places are bytes here; [`super::parse`] turns them into characters at the end.

mod number;
mod text;

pub(super) use number::number;
pub(super) use text::unquote;

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// First byte after.
    pub end: usize,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword: what it is depends on where it stands.
    Word,
    /// A number without a unit.
    Number,
    /// A number with units.
    Duration,
    /// A text in quotes.
    Text,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    At,
    /// `=` alone.
    Assign,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Caret,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    TrimUpper,
    TrimLower,
    /// Not a word of the language; [`Lexer::complaint`] says why.
    Bad,
    End,
}

/// Where a word stands: some characters mean different things there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Open,
    /// Between `{` and `}`.
    Braces,
    /// Between `[` and `]`.
    Brackets,
}

/// A walk over the words of a text.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    place: Place,
    /// Parentheses that are open.
    pub depth: usize,
    /// Why the last word is bad.
    pub complaint: Option<String>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, place: Place::Open, depth: 0, complaint: None }
    }

    /// The next word, comments and white space left out.
    pub(super) fn next(&mut self) -> Token {
        self.skip_space();
        let start = self.at;
        let kind = match self.byte(0) {
            None => self.end_of_text(),
            Some(byte) => self.word(byte),
        };
        Token { kind, start, end: self.at }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' => self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at),
                _ => return,
            }
        }
    }

    fn end_of_text(&mut self) -> Kind {
        match self.place {
            Place::Braces => self.bad(0, "unexpected end of input inside braces"),
            Place::Brackets => self.bad(0, "unclosed left bracket"),
            Place::Open if self.depth > 0 => self.bad(0, "unclosed left parenthesis"),
            Place::Open => Kind::End,
        }
    }

    fn bad(&mut self, bytes: usize, complaint: impl Into<String>) -> Kind {
        self.complaint = Some(complaint.into());
        self.at += bytes;
        Kind::Bad
    }

    fn take(&mut self, bytes: usize, kind: Kind) -> Kind {
        self.at += bytes;
        kind
    }

    fn word(&mut self, byte: u8) -> Kind {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b':' if self.place == Place::Open => self.name(),
            b':' => self.take(1, Kind::Colon),
            b'0'..=b'9' => self.digits(),
            b'.' if self.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.digits(),
            b'"' | b'\'' | b'`' => self.text(byte),
            b'(' => {
                self.depth += 1;
                self.take(1, Kind::LeftParen)
            }
            b')' if self.depth == 0 => self.bad(1, "unexpected right parenthesis ')'"),
            b')' => {
                self.depth -= 1;
                self.take(1, Kind::RightParen)
            }
            b'{' | b'}' | b'[' | b']' => self.bracket(byte),
            b',' => self.take(1, Kind::Comma),
            b'@' => self.take(1, Kind::At),
            _ => self.operator(byte),
        }
    }

    fn bracket(&mut self, byte: u8) -> Kind {
        match (byte, self.place) {
            (b'{', Place::Open) => self.enter(Place::Braces, Kind::LeftBrace),
            (b'}', Place::Braces) => self.enter(Place::Open, Kind::RightBrace),
            (b'[', Place::Open) => self.enter(Place::Brackets, Kind::LeftBracket),
            (b']', Place::Brackets) => self.enter(Place::Open, Kind::RightBracket),
            (b'[', Place::Brackets) => self.bad(1, "unexpected left bracket '['"),
            (b']', Place::Open) => self.bad(1, "unexpected right bracket ']'"),
            (b'{', Place::Braces) => self.bad(1, "unexpected left brace '{'"),
            _ => self.unexpected_character(),
        }
    }

    fn enter(&mut self, place: Place, kind: Kind) -> Kind {
        self.place = place;
        self.take(1, kind)
    }

    fn operator(&mut self, byte: u8) -> Kind {
        match (byte, self.byte(1)) {
            (b'=', Some(b'~')) if self.place == Place::Braces => self.take(2, Kind::Matches),
            (b'!', Some(b'~')) if self.place == Place::Braces => self.take(2, Kind::MatchesNot),
            (b'=', Some(b'=')) if self.place == Place::Open => self.take(2, Kind::Equal),
            (b'=', Some(b'~')) => self.bad(2, "unexpected character after '=': '~'"),
            (b'=', _) => self.take(1, Kind::Assign),
            (b'!', Some(b'=')) => self.take(2, Kind::NotEqual),
            (b'!', _) => match self.text[self.at + 1..].chars().next() {
                Some(next) => self.bad(1, format!("unexpected character after '!': {next:?}")),
                None => self.bad(1, "unexpected end of input after '!'"),
            },
            (b'<', Some(b'=')) => self.take(2, Kind::LessOrEqual),
            (b'<', Some(b'/')) => self.take(2, Kind::TrimUpper),
            (b'<', _) => self.take(1, Kind::Less),
            (b'>', Some(b'=')) => self.take(2, Kind::GreaterOrEqual),
            (b'>', Some(b'/')) => self.take(2, Kind::TrimLower),
            (b'>', _) => self.take(1, Kind::Greater),
            (b'+', _) => self.take(1, Kind::Plus),
            (b'-', _) => self.take(1, Kind::Minus),
            (b'*', _) => self.take(1, Kind::Star),
            (b'/', _) => self.take(1, Kind::Slash),
            (b'%', _) => self.take(1, Kind::Percent),
            (b'^', _) => self.take(1, Kind::Caret),
            _ => self.unexpected_character(),
        }
    }

    fn unexpected_character(&mut self) -> Kind {
        let found = self.text[self.at..].chars().next().unwrap_or_default();
        let inside = if self.place == Place::Braces { " inside braces" } else { "" };
        self.bad(found.len_utf8(), format!("unexpected character{inside}: {found:?}"))
    }

    // A colon belongs to names of metrics, which stand outside of braces and brackets only.
    fn name(&mut self) -> Kind {
        let colons = self.place == Place::Open;
        let in_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || (colons && *b == b':');
        let length = self.text.as_bytes()[self.at..].iter().take_while(|b| in_name(b)).count();
        self.take(length, Kind::Word)
    }

    fn digits(&mut self) -> Kind {
        let rest = &self.text[self.at..];
        match number::scan(rest) {
            Ok((kind, length)) => self.take(length, kind),
            Err(length) => {
                let complaint = format!("bad number or duration syntax: {:?}", &rest[..length]);
                self.bad(length, complaint)
            }
        }
    }

    fn text(&mut self, quote: u8) -> Kind {
        match text::scan(&self.text.as_bytes()[self.at..], quote) {
            Some(length) => self.take(length, Kind::Text),
            None => {
                let complaint = match quote {
                    b'`' => "unterminated raw string",
                    _ => "unterminated quoted string",
                };
                self.bad(self.text.len() - self.at, complaint)
            }
        }
    }
}
