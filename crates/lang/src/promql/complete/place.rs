//! Where the cursor stands: a walk over the words before it.

use super::super::lex::{Kind, Lexer, Token};
use std::ops::Range;

/// What may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing that could be named.
    Nothing,
    /// An expression.
    Operand { after_operator: bool },
    /// An operator or a modifier.
    AfterOperand,
    /// The name of a label.
    Label,
    /// How a label is compared.
    Matcher,
    /// The value of a label, within quotes that are open or still to come.
    Value { label: String, quote: Option<char> },
    /// A length of time.
    Length,
}

/// What is open at some word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Paren,
    Labels,
}

struct Walk<'a> {
    text: &'a str,
    open: Vec<Open>,
    place: Place,
    /// The label whose value comes next.
    label: String,
    /// The parenthesis that comes next holds labels.
    labels_next: bool,
    in_braces: bool,
}

/// The byte of a place counted in characters.
pub(super) fn byte_of(text: &str, cursor: usize) -> usize {
    text.char_indices().nth(cursor).map_or(text.len(), |(at, _)| at)
}

/// What may stand at `cursor` (in characters), and which bytes it replaces.
pub(super) fn find(text: &str, cursor: usize) -> (Place, Range<usize>) {
    let end = byte_of(text, cursor);
    let before = &text[..end];
    let start = Place::Operand { after_operator: false };
    let mut walk = Walk {
        text: before,
        open: Vec::new(),
        place: start,
        label: String::new(),
        labels_next: false,
        in_braces: false,
    };
    let mut lexer = Lexer::new(before);
    loop {
        let word = lexer.next();
        let touches = word.end == end && word.start < end;
        match word.kind {
            Kind::End => return (walk.place, end..end),
            Kind::Bad => return walk.unfinished(word, end),
            Kind::Word if touches => return (walk.place, word.start..word_end(text, end)),
            Kind::Number | Kind::Duration if touches => return (Place::Nothing, end..end),
            _ => walk.pass(word),
        }
    }
}

/// The metric whose labels stand at `cursor`: the name before the open brace; where labels are grouped by, the first name
/// of a metric there is, before or after.
pub(super) fn metric(text: &str, cursor: usize) -> Option<&str> {
    let end = byte_of(text, cursor);
    let mut names = Names::default();
    let mut lexer = Lexer::new(text);
    loop {
        let word = lexer.next();
        if word.start >= end && names.in_braces {
            return names.last.map(|(start, end)| &text[start..end]);
        }
        if matches!(word.kind, Kind::End | Kind::Bad) {
            let found = if names.in_braces { names.last } else { names.first };
            return found.map(|(start, end)| &text[start..end]);
        }
        names.pass(word, &text[word.start..word.end]);
    }
}

/// Names of metrics among the words of a text.
#[derive(Default)]
struct Names {
    first: Option<(usize, usize)>,
    /// The one that a brace may follow.
    last: Option<(usize, usize)>,
    /// A word that is a function if a parenthesis follows.
    word: Option<(usize, usize)>,
    in_braces: bool,
    in_labels: bool,
    labels_next: bool,
}

impl Names {
    fn pass(&mut self, word: Token, text: &str) {
        let before = self.word.take();
        match word.kind {
            Kind::LeftBrace => (self.in_braces, self.last) = (true, before),
            Kind::RightBrace => self.in_braces = false,
            Kind::LeftParen => (self.in_labels, self.labels_next) = (self.labels_next, false),
            Kind::RightParen => self.in_labels = false,
            _ => {}
        }
        // What a parenthesis or `by` follows is a function or an aggregation.
        let is_called = word.kind == Kind::LeftParen || matches!(text, "by" | "without");
        if !is_called {
            self.first = self.first.or(before);
        }
        if word.kind != Kind::Word || self.in_braces || self.in_labels {
            return;
        }
        self.labels_next = takes_labels(text);
        let is_keyword =
            self.labels_next || ["and", "or", "unless", "atan2", "bool", "offset"].contains(&text);
        self.word = (!is_keyword).then_some((word.start, word.end));
    }
}

fn takes_labels(word: &str) -> bool {
    matches!(&*word.to_ascii_lowercase(), "by" | "without" | "on" | "ignoring" | "group_left" | "group_right")
}

// A word under the cursor is replaced to its end.
fn word_end(text: &str, from: usize) -> usize {
    let rest = text[from..].bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'));
    from + rest.count()
}

impl Walk<'_> {
    // The last word: a text that is not closed yet, or the end of what is open.
    fn unfinished(self, word: Token, end: usize) -> (Place, Range<usize>) {
        let bytes = self.text.as_bytes();
        match bytes.get(word.start) {
            Some(quote @ (b'"' | b'\'' | b'`')) => match self.place {
                Place::Value { label, .. } => {
                    (Place::Value { label, quote: Some(char::from(*quote)) }, word.start + 1..end)
                }
                Place::Label => (Place::Label, word.start..end),
                _ => (Place::Nothing, end..end),
            },
            None => (self.place, end..end),
            Some(_) if word.end > word.start && bytes[word.start].is_ascii_digit() => {
                (Place::Nothing, end..end)
            }
            Some(_) => (self.place, end..end),
        }
    }

    fn pass(&mut self, word: Token) {
        let text = &self.text[word.start..word.end];
        match word.kind {
            Kind::LeftBrace => (self.in_braces, self.place) = (true, Place::Label),
            Kind::RightBrace => (self.in_braces, self.place) = (false, Place::AfterOperand),
            _ if self.in_braces => self.pass_in_braces(word.kind, text),
            Kind::LeftBracket => self.place = Place::Length,
            Kind::RightBracket | Kind::Number | Kind::Duration | Kind::Text => {
                self.place = Place::AfterOperand
            }
            Kind::LeftParen => {
                self.open.push(if self.labels_next { Open::Labels } else { Open::Paren });
                self.place = self.inside();
                self.labels_next = false;
            }
            Kind::RightParen => {
                // A list of labels is followed by what it belongs to, as well as by what may follow that.
                let closed = self.open.pop();
                self.place = match closed {
                    Some(Open::Labels) => Place::Operand { after_operator: true },
                    _ => Place::AfterOperand,
                };
            }
            Kind::Comma => self.place = self.inside(),
            Kind::Colon => self.place = Place::Length,
            Kind::At => self.place = Place::Nothing,
            Kind::Word => self.pass_word(text),
            _ => self.place = Place::Operand { after_operator: true },
        }
    }

    fn inside(&self) -> Place {
        match self.open.last() {
            Some(Open::Labels) => Place::Label,
            _ => Place::Operand { after_operator: false },
        }
    }

    fn pass_in_braces(&mut self, kind: Kind, text: &str) {
        self.place = match kind {
            Kind::Word => {
                text.clone_into(&mut self.label);
                Place::Matcher
            }
            Kind::Text => {
                let is_value = matches!(self.place, Place::Value { .. });
                text.trim_matches(['"', '\'', '`']).clone_into(&mut self.label);
                if is_value { Place::Nothing } else { Place::Matcher }
            }
            Kind::Comma => Place::Label,
            _ => Place::Value { label: std::mem::take(&mut self.label), quote: None },
        };
    }

    fn pass_word(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        self.labels_next = takes_labels(&lower);
        self.place = match &*lower {
            _ if self.labels_next => Place::Nothing,
            "and" | "or" | "unless" | "atan2" | "bool" => Place::Operand { after_operator: true },
            "offset" => Place::Length,
            _ => Place::AfterOperand,
        };
    }
}
