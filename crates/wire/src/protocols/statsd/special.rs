//! DogStatsD's events and service checks.

use super::Reason;
use super::fields::{seconds, tags_of};
use memchr::memchr;

/// Something worth telling that happened. In title and text, `\n` written as two characters is a line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Event<'a> {
    /// The title.
    pub title: &'a [u8],
    /// The text.
    pub text: &'a [u8],
    /// When, in Unix seconds.
    pub time_s: Option<i64>,
    /// The host it is about; empty when the sender does not say.
    pub host: &'a [u8],
    /// `low` or `normal`, as the sender wrote it.
    pub priority: &'a [u8],
    /// `error`, `warning`, `info` or `success`, as the sender wrote it.
    pub alert: &'a [u8],
    /// The tags: see [`super::tags`].
    pub tags: &'a [u8],
}

/// How a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Check<'a> {
    /// The check's name.
    pub name: &'a [u8],
    /// 0 good, 1 warning, 2 critical, 3 unknown.
    pub state: u8,
    /// When, in Unix seconds.
    pub time_s: Option<i64>,
    /// The host it is about; empty when the sender does not say.
    pub host: &'a [u8],
    /// What the check says.
    pub message: &'a [u8],
    /// The tags: see [`super::tags`].
    pub tags: &'a [u8],
}

/// Reads a line that starts with `_e{`.
pub(super) fn event(line: &[u8]) -> Result<Event<'_>, Reason> {
    let head = &line[3..];
    let end = memchr(b'}', head).ok_or(Reason::EventHead)?;
    let (title_len, text_len) = lengths(&head[..end]).ok_or(Reason::EventHead)?;
    let body = head[end + 1..].strip_prefix(b":").ok_or(Reason::EventHead)?;
    let title = body.get(..title_len).ok_or(Reason::EventLengths)?;
    let rest = body[title_len..].strip_prefix(b"|").ok_or(Reason::EventLengths)?;
    let text = rest.get(..text_len).ok_or(Reason::EventLengths)?;
    let rest = &rest[text_len..];
    if title.is_empty() || !(rest.is_empty() || rest.starts_with(b"|")) {
        return Err(Reason::EventLengths);
    }
    let mut event = Event { title, text, ..Event::default() };
    for field in rest.split(|b| *b == b'|') {
        match field {
            [b'd', b':', time @ ..] => event.time_s = Some(seconds(time).ok_or(Reason::BadTime)?),
            [b'h', b':', host @ ..] => event.host = host,
            [b'p', b':', priority @ ..] => event.priority = priority,
            [b't', b':', alert @ ..] => event.alert = alert,
            [b'#', ..] => event.tags = tags_of(field).map_err(|(reason, _)| reason)?,
            _ => {}
        }
    }
    Ok(event)
}

/// `title bytes,text bytes`
fn lengths(text: &[u8]) -> Option<(usize, usize)> {
    let (title, text) = std::str::from_utf8(text).ok()?.split_once(',')?;
    Some((title.parse().ok()?, text.parse().ok()?))
}

/// Reads a line that starts with `_sc|`.
pub(super) fn check(line: &[u8]) -> Result<Check<'_>, Reason> {
    let mut fields = line[4..].split(|b| *b == b'|');
    let name = fields.next().filter(|name| !name.is_empty()).ok_or(Reason::CheckName)?;
    let state = match fields.next() {
        Some([digit @ b'0'..=b'3']) => digit - b'0',
        _ => return Err(Reason::CheckState),
    };
    let mut check = Check { name, state, ..Check::default() };
    for field in fields {
        match field {
            [b'd', b':', time @ ..] => check.time_s = Some(seconds(time).ok_or(Reason::BadTime)?),
            [b'h', b':', host @ ..] => check.host = host,
            [b'm', b':', message @ ..] => check.message = message,
            [b'#', ..] => check.tags = tags_of(field).map_err(|(reason, _)| reason)?,
            _ => {}
        }
    }
    Ok(check)
}
