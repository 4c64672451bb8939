//! Values: quoted texts, numbers, words, and chains as values.

use super::{Parser, in_name, in_word, starts_name};
use crate::timelion::ast::{Value, ValueKind};
use crate::{Error, Span};

impl Parser {
    pub(super) fn value(&mut self) -> Result<Value, Error> {
        let start = self.cursor.at();
        match self.cursor.peek() {
            Some('"' | '\'') => self.quoted(),
            Some('(') => self.chain_value(),
            Some('.') if self.is_call_ahead() => self.chain_value(),
            Some('@') if self.cursor.peek_at(1).is_some_and(|c| c.is_ascii_digit()) => self.chain_value(),
            Some('$') if starts_name(self.cursor.peek_at(1)) => self.chain_value(),
            Some(c) if in_word(c) => {
                let word = self.cursor.take_while(in_word);
                Ok(Value { kind: word_kind(word, self.cursor.since(start)), span: self.cursor.since(start) })
            }
            _ => Err(Error::new(self.cursor.here(), "A value is missing here")
                .hint("a number, a text, true, false, null or series")),
        }
    }

    fn chain_value(&mut self) -> Result<Value, Error> {
        let chain = self.chain()?;
        Ok(Value { span: chain.span, kind: ValueKind::Chain(chain) })
    }

    // `.5` and `.log` are words; `.es(` is a call.
    fn is_call_ahead(&mut self) -> bool {
        let start = self.cursor.at();
        self.cursor.take();
        let named = starts_name(self.cursor.peek());
        self.cursor.take_while(in_name);
        self.cursor.skip_space();
        let found = named && self.cursor.peek() == Some('(');
        self.cursor.go(start);
        found
    }

    // Only the quote itself and the backslash can be escaped; any other backslash stands for itself.
    fn quoted(&mut self) -> Result<Value, Error> {
        let start = self.cursor.at();
        let quote = self.cursor.take().unwrap_or('"');
        let (mut text, mut escaped) = (String::new(), false);
        loop {
            match self.cursor.take() {
                None => {
                    return Err(Error::new(Span::new(start, start + 1), "This quote is never closed")
                        .hint(format!("add {quote}")));
                }
                Some(c) if c == quote => break,
                Some('\\') if self.cursor.peek().is_some_and(|c| c == quote || c == '\\') => {
                    escaped = true;
                    text.extend(self.cursor.take());
                }
                Some(c) => text.push(c),
            }
        }
        let span = self.cursor.since(start);
        let inner = (!escaped).then(|| Span::new(span.start + 1, span.end - 1));
        Ok(Value { kind: ValueKind::Text { text, inner }, span })
    }
}

fn word_kind(word: String, span: Span) -> ValueKind {
    match word.as_str() {
        "true" => ValueKind::Boolean(true),
        "false" => ValueKind::Boolean(false),
        "null" => ValueKind::Null,
        _ => match number(&word) {
            Some(number) => ValueKind::Number(number),
            None => ValueKind::Text { text: word, inner: Some(span) },
        },
    }
}

// What JavaScript's `Number()` would take, words aside.
fn number(word: &str) -> Option<f64> {
    let radixes = [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)];
    for (prefix, radix) in radixes {
        if let Some(digits) = word.strip_prefix(prefix).filter(|digits| !digits.starts_with('+')) {
            return u64::from_str_radix(digits, radix).ok().map(|n| n as f64);
        }
    }
    let numeric = word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E'));
    if numeric { word.parse().ok().filter(|n: &f64| n.is_finite()) } else { None }
}
