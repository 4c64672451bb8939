//! `log_line_prefix`: text with `%` and a letter for each value, `%-10u` for one that is filled with blanks.

use super::is_code;
use crate::formats::FormatError;
use memchr::memmem;

/// What a prefix tells; empty where it does not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told<'a> {
    pub(super) database: &'a [u8],
    pub(super) code: &'a [u8],
}

#[derive(Debug)]
enum Part {
    Literal(Vec<u8>),
    Database,
    Code,
    /// A date, a time and a zone, with a blank between each.
    Time,
    Other,
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Prefix(Vec<Part>);

impl Prefix {
    pub(super) fn compile(text: &str) -> Result<Self, FormatError> {
        let (mut parts, mut at) = (Vec::new(), 0);
        let mut literal = Vec::new();
        while let Some(c) = text[at..].chars().next() {
            let start = at;
            at += c.len_utf8();
            if c != '%' {
                literal.extend_from_slice(&text.as_bytes()[start..at]);
                continue;
            }
            // Width, left or right.
            at += text[at..].find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(text.len() - at);
            let Some(letter) = text[at..].chars().next() else {
                return Err(FormatError::new(start, "`%` without a letter"));
            };
            at += letter.len_utf8();
            if letter == '%' {
                literal.push(b'%');
                continue;
            }
            // Processes without a session stop here; what is before and behind it stays as it is.
            if letter == 'q' {
                continue;
            }
            parts.extend(take_literal(&mut literal));
            parts.push(match letter {
                'd' => Part::Database,
                'e' => Part::Code,
                't' | 'm' | 's' => Part::Time,
                'a' | 'u' | 'r' | 'h' | 'L' | 'b' | 'p' | 'P' | 'n' | 'i' | 'c' | 'l' | 'v' | 'x' | 'Q' => {
                    Part::Other
                }
                other => return Err(FormatError::new(start, format!("`%{other}` is none of PostgreSQL's"))),
            });
        }
        parts.extend(take_literal(&mut literal));
        Ok(Self(parts))
    }

    /// Reads as far as the text is that of the prefix.
    pub(super) fn read<'a>(&self, mut head: &'a [u8]) -> Told<'a> {
        let mut told = Told::default();
        for (i, part) in self.0.iter().enumerate() {
            if let Part::Literal(text) = part {
                match head.strip_prefix(&text[..]) {
                    Some(rest) => head = rest,
                    None => break,
                }
                continue;
            }
            let Some(len) = part.len(head, self.0.get(i + 1)) else { break };
            let value = head[..len].trim_ascii();
            match part {
                Part::Database => told.database = value,
                Part::Code if is_code(value) => told.code = value,
                _ => {}
            }
            head = &head[len..];
        }
        told
    }
}

fn take_literal(literal: &mut Vec<u8>) -> Option<Part> {
    (!literal.is_empty()).then(|| Part::Literal(std::mem::take(literal)))
}

impl Part {
    /// Bytes of a value that is followed by another part.
    fn len(&self, head: &[u8], next: Option<&Self>) -> Option<usize> {
        const CODE_LEN: usize = 5;
        const CLOCK_LEN: usize = "2026-11-22 08:14:03".len();
        let from = match (self, next) {
            (Self::Code, None | Some(Self::Database | Self::Code | Self::Time | Self::Other)) => {
                return (head.len() >= CODE_LEN).then_some(CODE_LEN);
            }
            // Up to the zone, whose end is that of any other value.
            (Self::Time, _) => {
                let fraction = head.get(CLOCK_LEN..)?.iter().position(|byte| *byte == b' ')?;
                CLOCK_LEN + fraction + 1
            }
            _ => 0,
        };
        match next {
            None => Some(head.len()),
            Some(Self::Literal(text)) => memmem::find(head.get(from..)?, text).map(|at| from + at),
            // Two values without anything between cannot be told apart; the zone of a time is letters, though.
            Some(_) if matches!(self, Self::Time) => {
                Some(from + head.get(from..)?.iter().take_while(|byte| byte.is_ascii_uppercase()).count())
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_prefix_is_read() {
        for (prefix, head, database, code) in [
            ("%m [%p] %q%u@%d ", "2026-11-22 08:14:03.123 UTC [913] web@shop ", "shop", ""),
            ("%m [%p] %q%u@%d ", "2026-11-22 08:14:03.123 UTC [913] ", "", ""),
            ("%t:%r:%u@%d:[%p]: ", "2026-11-22 08:14:03 CET:10.0.0.1(5123):web@shop:[913]: ", "shop", ""),
            ("%e %d|", "42P01 shop|", "shop", "42P01"),
            ("%m%e%d ", "2026-11-22 08:14:03.123 +03 ", "", ""),
            ("[%-8d] %% %e ", "[shop    ] % 42P01 ", "shop", "42P01"),
            ("user=%u,db=%d,app=%a,client=%h ", "user=web,db=shop,app=a b,c,client=::1 ", "shop", ""),
            ("%u%d ", "webshop ", "", ""),
            ("", "", "", ""),
        ] {
            let compiled = Prefix::compile(prefix).unwrap();
            let wanted = Told { database: database.as_bytes(), code: code.as_bytes() };
            assert_eq!(compiled.read(head.as_bytes()), wanted, "{prefix}");
        }
        assert_eq!(Prefix::compile("a%").unwrap_err().to_string(), "at byte 1: `%` without a letter");
        assert!(Prefix::compile("%Z").unwrap_err().to_string().contains("none of PostgreSQL's"));
    }
}
