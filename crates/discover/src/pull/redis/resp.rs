//! Redis' protocol (RESP 2): commands out, replies in.

use super::super::Error;
use super::super::link::Link;

/// Deepest nesting of arrays.
const DEPTH_MAX: usize = 8;
/// Most elements of one array.
const ELEMENTS_MAX: usize = 65_536;

/// What is answered to a command.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    /// A status such as `OK`.
    Status(String),
    /// A refusal: a word in capitals, and why.
    Refusal(String),
    /// A whole number.
    Number(i64),
    /// Bytes, as text.
    Text(String),
    /// Nothing.
    Nil,
    /// Replies.
    List(Vec<Reply>),
}

impl Reply {
    /// A number, also one written as text.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number as f64),
            Self::Text(text) | Self::Status(text) => super::number(text),
            _ => None,
        }
    }

    /// The elements of a list; of anything else there are none.
    pub(super) fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }

    /// Text of whatever form.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Status(text) => Some(text),
            _ => None,
        }
    }
}

/// Sends a command and reads its reply; a refusal is an error.
pub(super) fn command(link: &mut Link, words: &[&str]) -> Result<Reply, Error> {
    let mut bytes = format!("*{}\r\n", words.len());
    for word in words {
        bytes.push_str(&format!("${}\r\n{word}\r\n", word.len()));
    }
    link.send(bytes.as_bytes())?;
    match read(link, DEPTH_MAX)? {
        Reply::Refusal(why) => Err(Error::Refused(explain(words, &why))),
        reply => Ok(reply),
    }
}

fn read(link: &mut Link, depth: usize) -> Result<Reply, Error> {
    let line = link.text_line()?;
    let mut chars = line.chars();
    let (kind, rest) = (chars.next(), chars.as_str());
    let unknown = || Error::malformed(format!("`{}`", line.escape_debug()));
    match kind {
        Some('+') => Ok(Reply::Status(rest.to_owned())),
        Some('-') => Ok(Reply::Refusal(rest.to_owned())),
        Some(':') => rest.parse().map(Reply::Number).map_err(|_| unknown()),
        Some('$') if rest == "-1" => Ok(Reply::Nil),
        Some('*') if rest == "-1" => Ok(Reply::Nil),
        Some('$') => {
            let len: usize = rest.parse().map_err(|_| unknown())?;
            let bytes = link.take(len.saturating_add(2))?;
            Ok(Reply::Text(String::from_utf8_lossy(&bytes[..len]).into_owned()))
        }
        Some('*') => {
            let len: usize = rest.parse().map_err(|_| unknown())?;
            if depth == 0 || len > ELEMENTS_MAX {
                return Err(unknown());
            }
            (0..len).map(|_| read(link, depth - 1)).collect::<Result<_, _>>().map(Reply::List)
        }
        _ => Err(unknown()),
    }
}

/// What a person can do about a refusal.
fn explain(words: &[&str], why: &str) -> String {
    let command = words.first().copied().unwrap_or_default();
    let remedy = match why.split(' ').next().unwrap_or_default() {
        "NOAUTH" => "it wants a password: set one for this service",
        "WRONGPASS" => "it does not accept the password",
        "NOPERM" => {
            "the user may not: ACL SETUSER windhover on >PASSWORD resetkeys resetchannels -@all +info +slowlog|len \
             +slowlog|get +latency|latest +cluster|info"
        }
        "DENIED" => "protected mode: it listens on more than loopback and has no password",
        "ERR" if why.contains("max number of clients") => "it has as many clients as maxclients allows",
        "ERR" if why.contains("without any password configured") => "it has no password: set none",
        _ => return format!("{command}: {why}"),
    };
    format!("{command}: {remedy} ({why})")
}
