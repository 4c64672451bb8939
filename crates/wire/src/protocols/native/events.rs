//! Frames of events and of standings: they say who speaks and stand for themselves, and the stream's dictionary knows
//! nothing of them.
//!
//! ```text
//! events    := 4  text host  varint count  event{count}
//! event     := zigzag time  kind u8  level u8  text source  text text  varint count  (text name  text value){count}
//!              (time: ms since the event before it in this frame, since 0 for the first)
//! standings := 5  text host  zigzag time  varint count  part{count}
//! part      := text part  text name  varint last  varint took_us  varint samples  text problem
//!              (last: 0 for never, else 1 + zigzag of the time minus when it last worked, in ms; a problem of "" is none)
//! ```

use super::{Cursor, EVENTS, Malformed, PAYLOAD_BYTES_MAX, STANDINGS, frame};
use model::event::{
    FIELD_BYTES_MAX, FIELD_NAME_BYTES_MAX, FIELDS_MAX, HOST_BYTES_MAX, PART_BYTES_MAX, PARTS_MAX,
    PROBLEM_BYTES_MAX, SOURCE_BYTES_MAX, TEXT_BYTES_MAX,
};
use model::{Event, EventKind, Level, Stand};
use stdx::varint;

/// Most events of one frame; more are several frames.
pub const EVENTS_MAX: usize = 1024;
/// Where a frame of events is ended, so that no single one more can pass the limit of a frame.
const EVENTS_BYTES_MAX: usize = PAYLOAD_BYTES_MAX / 4;

/// What a frame of this file says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// What happened.
    Events {
        /// On which host.
        host: &'a str,
        /// In order.
        events: Vec<Event>,
    },
    /// How all parts of a host stand.
    Standings {
        /// Which host.
        host: &'a str,
        /// At this time, in Unix milliseconds.
        time_ms: i64,
        /// In order.
        parts: Vec<Stand<'a>>,
    },
}

/// Appends events as frames, cutting what is too long; gives the number of frames.
pub fn encode_events(host: &str, events: &[Event], out: &mut Vec<u8>) -> u64 {
    let (mut left, mut frames) = (events, 0);
    let mut body = Vec::new();
    while !left.is_empty() {
        body.clear();
        let (mut count, mut before_ms) = (0, 0i64);
        for event in left.iter().take(EVENTS_MAX) {
            if body.len() > EVENTS_BYTES_MAX {
                break;
            }
            write_event(&mut body, event, &mut before_ms);
            count += 1;
        }
        frame::write(out, |out| {
            out.push(EVENTS);
            write_text(out, host, HOST_BYTES_MAX);
            varint::write_u64(out, count as u64);
            out.extend_from_slice(&body);
        });
        left = &left[count..];
        frames += 1;
    }
    frames
}

/// Appends an event as in a frame: its time as the distance to `before_ms`, which it then is.
pub fn write_event(out: &mut Vec<u8>, event: &Event, before_ms: &mut i64) {
    varint::write_i64(out, event.time_ms.wrapping_sub(*before_ms));
    *before_ms = event.time_ms;
    out.extend([event.kind.0, event.level as u8]);
    write_text(out, &event.source, SOURCE_BYTES_MAX);
    write_text(out, &event.text, TEXT_BYTES_MAX);
    let fields = &event.fields[..event.fields.len().min(FIELDS_MAX)];
    varint::write_u64(out, fields.len() as u64);
    for (name, value) in fields {
        write_text(out, name, FIELD_NAME_BYTES_MAX);
        write_text(out, value, FIELD_BYTES_MAX);
    }
}

/// Takes an event off the front of `input`; the inverse of [`write_event`].
///
/// # Errors
/// When no [`write_event`] wrote it.
pub fn read_event(input: &mut &[u8], before_ms: &mut i64) -> Result<Event, Malformed> {
    let mut cursor = Cursor::new(input);
    let event = take_event(&mut cursor, before_ms)?;
    *input = cursor.rest;
    Ok(event)
}

/// Appends how a host's parts stand as one frame, cutting what is too long and too many.
pub fn encode_standings(host: &str, time_ms: i64, parts: &[Stand<'_>], out: &mut Vec<u8>) {
    frame::write(out, |out| {
        out.push(STANDINGS);
        write_standings(out, host, time_ms, parts);
    });
}

/// Appends how a host's parts stand without the envelope and the kind.
pub fn write_standings(out: &mut Vec<u8>, host: &str, time_ms: i64, parts: &[Stand<'_>]) {
    write_text(out, host, HOST_BYTES_MAX);
    varint::write_i64(out, time_ms);
    let parts = &parts[..parts.len().min(PARTS_MAX)];
    let count_at = out.len();
    varint::write_u64(out, parts.len() as u64);
    for (at, part) in parts.iter().enumerate() {
        if out.len() - count_at > PAYLOAD_BYTES_MAX / 2 {
            // More than half a frame of names and problems: the rest is left out.
            let rest = out.split_off(count_at);
            let mut old = rest.as_slice();
            let _count = varint::read_u64(&mut old);
            varint::write_u64(out, at as u64);
            out.extend_from_slice(old);
            return;
        }
        write_text(out, part.part, SOURCE_BYTES_MAX);
        write_text(out, part.name, PART_BYTES_MAX);
        let last =
            part.last_ms.map_or(0, |last_ms| varint::zigzag(time_ms.wrapping_sub(last_ms)).saturating_add(1));
        varint::write_u64(out, last);
        varint::write_u64(out, part.took_us);
        varint::write_u64(out, part.samples);
        write_text(out, part.problem, PROBLEM_BYTES_MAX);
    }
}

/// Takes what [`write_standings`] wrote off the front of `input`.
///
/// # Errors
/// When it wrote no such thing.
pub fn read_standings<'a>(input: &mut &'a [u8]) -> Result<Said<'a>, Malformed> {
    let mut cursor = Cursor::new(input);
    let said = take_standings(&mut cursor)?;
    *input = cursor.rest;
    Ok(said)
}

/// Reads the payload of a frame of events or standings; `None` when it is of another kind.
///
/// # Errors
/// When no encoder could have written it.
pub fn decode(payload: &[u8]) -> Option<Result<Said<'_>, Malformed>> {
    let mut cursor = Cursor::new(payload);
    let said = match cursor.byte() {
        Ok(EVENTS) => take_events(&mut cursor),
        Ok(STANDINGS) => take_standings(&mut cursor),
        _ => return None,
    };
    Some(said.and_then(|said| cursor.end().map(|()| said)))
}

fn take_events<'a>(cursor: &mut Cursor<'a>) -> Result<Said<'a>, Malformed> {
    let host = cursor.text(HOST_BYTES_MAX)?;
    let count = cursor.count(EVENTS_MAX, "more events than a frame may have")?;
    let mut before_ms = 0;
    let events = (0..count).map(|_| take_event(cursor, &mut before_ms)).collect::<Result<_, _>>()?;
    Ok(Said::Events { host, events })
}

fn take_event(cursor: &mut Cursor<'_>, before_ms: &mut i64) -> Result<Event, Malformed> {
    let time_ms = before_ms.wrapping_add(varint::unzigzag(cursor.varint()?));
    let kind = EventKind(cursor.byte()?);
    let unknown = cursor.malformed("an unknown level");
    let level = Level::from_u8(cursor.byte()?).ok_or(unknown)?;
    let source = cursor.text(SOURCE_BYTES_MAX)?.to_owned();
    let text = cursor.text(TEXT_BYTES_MAX)?.to_owned();
    let count = cursor.count(FIELDS_MAX, "more fields than an event may have")?;
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count {
        let name = cursor.text(FIELD_NAME_BYTES_MAX)?.to_owned();
        fields.push((name, cursor.text(FIELD_BYTES_MAX)?.to_owned()));
    }
    *before_ms = time_ms;
    Ok(Event { time_ms, kind, level, source, text, fields })
}

fn take_standings<'a>(cursor: &mut Cursor<'a>) -> Result<Said<'a>, Malformed> {
    let host = cursor.text(HOST_BYTES_MAX)?;
    let time_ms = varint::unzigzag(cursor.varint()?);
    let count = cursor.count(PARTS_MAX, "more parts than a host may have")?;
    let parts = (0..count).map(|_| take_part(cursor, time_ms)).collect::<Result<_, _>>()?;
    Ok(Said::Standings { host, time_ms, parts })
}

fn take_part<'a>(cursor: &mut Cursor<'a>, time_ms: i64) -> Result<Stand<'a>, Malformed> {
    let part = cursor.text(SOURCE_BYTES_MAX)?;
    let name = cursor.text(PART_BYTES_MAX)?;
    let last = cursor.varint()?.checked_sub(1);
    let last_ms = last.map(|distance| time_ms.wrapping_sub(varint::unzigzag(distance)));
    let (took_us, samples) = (cursor.varint()?, cursor.varint()?);
    Ok(Stand { part, name, last_ms, took_us, samples, problem: cursor.text(PROBLEM_BYTES_MAX)? })
}

fn write_text(out: &mut Vec<u8>, text: &str, bytes_max: usize) {
    varint::write_bytes(out, &text.as_bytes()[..text.floor_char_boundary(bytes_max)]);
}

#[cfg(test)]
mod tests;
