//! What Zabbix' agents and `zabbix_sender` send to a server's trapper port.
//!
//! ```text
//! message := "ZBXD" flags (1 byte)  length (4 bytes) unpacked length (4 bytes)  JSON       numbers little-endian; 8 bytes each
//!            flags: 1 always · 2 packed by zlib · 4 large                                  when it is large
//! JSON    := { "request": "sender data" | "agent data" | other, "host": text,
//!              "data": [ { "host": text, "key": text, "value": text or number, "clock": s, "ns": ns, "state": 0 | 1 } ] }
//! ```
//!
//! * A key is `name` or `name[parameters]`: the name is the metric's, the parameters, as they are, become the label `params`.
//!   An item without a host is of the message's.
//! * A value that is no number (logs, versions) is left out and counted as skipped, as is an item whose agent says that it is not
//!   supported (`state` 1). Without a clock it is of now.
//! * Packed messages are refused here: who takes them unpacks them first ([`head`], [`Request`]).

use super::Protocol;
use crate::json::{Error, Kind as Json, Reader};
use crate::{Context, number};
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Position, Report};
use std::borrow::Cow;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "zabbix",
    summary: "Zabbix' sender and active agents, as they send to a trapper",
    media_types: &["application/json"],
    paths: &[],
    example: b"ZBXD\x01\x64\0\0\0\0\0\0\0{\"request\":\"sender data\",\"data\":[{\"host\":\"web1\",\"key\":\"queue[in]\",\"value\":\"42\",\"clock\":1700000000}]}",
    decode,
};

const MAGIC: &[u8; 5] = b"ZBXD\x01";
const PACKED: u8 = 2;
const LARGE: u8 = 4;

/// What stands in front of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of it.
    pub head_bytes: usize,
    /// Bytes behind it.
    pub body_bytes: u64,
    /// How many they are when they are unpacked; `None` when they are not packed.
    pub unpacked_bytes: Option<u64>,
}

/// Reads the head of a message; `None` when more must come.
///
/// # Errors
/// What is no such head.
pub fn head(bytes: &[u8]) -> Result<Option<Head>, String> {
    let (magic, rest) = bytes.split_at(bytes.len().min(4));
    if magic != &MAGIC[..magic.len()] {
        return Err("what begins without ZBXD".to_owned());
    }
    let Some((&flags, rest)) = rest.split_first() else { return Ok(None) };
    if flags & 1 == 0 || flags & !(1 | PACKED | LARGE) != 0 {
        return Err(format!("flags {flags:#04x} of a head are not known"));
    }
    let width = if flags & LARGE == 0 { 4 } else { 8 };
    let number = |at: usize| {
        let bytes = rest.get(at..at + width)?;
        Some(bytes.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (Some(body_bytes), Some(unpacked)) = (number(0), number(width)) else { return Ok(None) };
    let unpacked_bytes = (flags & PACKED != 0).then_some(unpacked);
    Ok(Some(Head { head_bytes: MAGIC.len() + 2 * width, body_bytes, unpacked_bytes }))
}

/// Appends a message.
pub fn write(json: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&u64::to_le_bytes(json.len() as u64));
    out.extend_from_slice(json.as_bytes());
}

/// A message that was unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// What is wanted.
    pub request: Cow<'a, str>,
    /// Whose it is; "" when the items say so.
    pub host: Cow<'a, str>,
    data: Option<&'a [u8]>,
}

impl<'a> Request<'a> {
    /// Reads the JSON of a message.
    ///
    /// # Errors
    /// What is no JSON object with texts where texts must be.
    pub fn read(json: &'a [u8]) -> Result<Self, Error> {
        let mut request = Self { request: "".into(), host: "".into(), data: None };
        let mut reader = Reader::new(json);
        reader.object()?;
        while let Some(name) = reader.field()? {
            match &*name {
                "request" => request.request = reader.string()?,
                "host" => request.host = reader.string()?,
                "data" => {
                    reader.peek()?;
                    let start = reader.position();
                    reader.skip()?;
                    request.data = Some(&json[start..reader.position()]);
                }
                _ => reader.skip()?,
            }
        }
        reader.end()?;
        Ok(request)
    }

    /// Adds the samples of a message that brings some.
    pub fn samples(&self, context: &Context<'_>, out: &mut Batch) -> Report {
        let mut report = Report::default();
        let Some(data) = self.data else {
            report.reject(Position::Whole, "a message without data");
            return report;
        };
        if let Err(error) = self.items(data, context, out, &mut report) {
            report.reject(Position::Whole, format_args!("the data: {error}"));
        }
        report
    }

    fn items(
        &self,
        data: &[u8],
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), Error> {
        let (mut reader, mut labels, mut number) = (Reader::new(data), LabelsBuilder::default(), 0);
        reader.array()?;
        while reader.element()? {
            number += 1;
            let item = read_item(&mut reader)?;
            match self.item(&item, &mut labels, context, out) {
                Ok(true) => report.accepted += 1,
                Ok(false) => report.skipped += 1,
                Err(why) => report.reject(Position::Item(number), why),
            }
        }
        Ok(())
    }

    /// Whether the item brought a sample.
    fn item(
        &self,
        item: &Item<'_>,
        labels: &mut LabelsBuilder,
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<bool, String> {
        let host = if item.host.is_empty() { &*self.host } else { &*item.host };
        if host.is_empty() || item.key.is_empty() {
            return Err(format!("an item without a {}", if host.is_empty() { "host" } else { "key" }));
        }
        let value = item.value.as_deref().ok_or_else(|| format!("`{}` has no value", item.key))?;
        let Some(value) = number::finite(value.trim()).filter(|_| !item.is_unsupported) else {
            return Ok(false);
        };
        let time_ms = match item.clock_s {
            0 => context.now_ms,
            clock => {
                clock.checked_mul(1000).ok_or("a clock that is no number of seconds")? + item.ns / 1_000_000
            }
        };
        let (name, params) = read_key(&item.key);
        labels.clear();
        labels.add(NAME, name).add(HOST, host).add("params", params);
        let slot = context.add_series(out, labels, Kind::Unknown).map_err(|e| e.to_string())?;
        out.sample(slot, time_ms, value);
        Ok(true)
    }
}

#[derive(Default)]
struct Item<'a> {
    host: Cow<'a, str>,
    key: Cow<'a, str>,
    value: Option<Cow<'a, str>>,
    clock_s: i64,
    ns: i64,
    is_unsupported: bool,
}

/// Reads an item; what has an odd type in it counts as missing.
fn read_item<'a>(reader: &mut Reader<'a>) -> Result<Item<'a>, Error> {
    let mut item = Item::default();
    if reader.peek()? != Json::Object {
        reader.skip()?;
        return Ok(item);
    }
    reader.object()?;
    while let Some(name) = reader.field()? {
        let value = match reader.peek()? {
            Json::String => reader.string()?,
            Json::Number => reader.number()?.into(),
            _ => {
                reader.skip()?;
                continue;
            }
        };
        let whole = |text: &str| text.parse().unwrap_or(0);
        match &*name {
            "host" => item.host = value,
            "key" => item.key = value,
            "value" => item.value = Some(value),
            "clock" => item.clock_s = whole(&value),
            "ns" => item.ns = whole(&value).clamp(0, 999_999_999),
            "state" => item.is_unsupported = value == "1",
            _ => {}
        }
    }
    Ok(item)
}

/// Name and parameters of a key.
fn read_key(key: &str) -> (&str, &str) {
    match key.strip_suffix(']').and_then(|open| open.split_once('[')) {
        Some((name, params)) if !name.is_empty() => (name, params),
        _ => (key, ""),
    }
}

/// Decodes messages that are not packed, one after the other.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let (mut report, mut rest) = (Report::default(), input);
    while !rest.is_empty() {
        let at = Position::Byte(input.len() - rest.len());
        match take(rest, context, out) {
            Ok((more, next)) => {
                report.merge(more);
                rest = next;
            }
            Err(why) => {
                report.reject(at, why);
                break;
            }
        }
    }
    report
}

fn take<'a>(bytes: &'a [u8], context: &Context<'_>, out: &mut Batch) -> Result<(Report, &'a [u8]), String> {
    let cut = || "a message that is cut off".to_owned();
    let head = head(bytes)?.ok_or_else(cut)?;
    if head.unpacked_bytes.is_some() {
        return Err("a packed message".to_owned());
    }
    let body_bytes = usize::try_from(head.body_bytes).map_err(|_| cut())?;
    let (body, next) = bytes[head.head_bytes..].split_at_checked(body_bytes).ok_or_else(cut)?;
    let request = Request::read(body).map_err(|error| format!("byte {} of the JSON: {error}", error.at))?;
    Ok((request.samples(context, out), next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::dump;
    use proptest::prelude::*;

    fn decoded(json: &str) -> String {
        let (mut batch, mut bytes) = (Batch::new(), Vec::new());
        write(json, &mut bytes);
        let report = decode(&bytes, &Context::at(7), &mut batch);
        dump(&batch, &report)
    }

    #[test]
    fn items_of_agents_and_senders_are_read() {
        let said = decoded(
            r#"{"data":[{"host":"a","key":"cpu.load[all,avg1]","value":"0.5","clock":1700000000,"ns":250999999,"itemid":7},
                {"key":"up","value":3},{"key":"log[/x]","value":"a line"},{"key":"x","value":"1","state":1},{"key":"y"},5],
                "host":"b","request":"agent data","session":"1"}"#,
        );
        assert_eq!(
            said,
            "2 accepted, 2 rejected, 2 skipped\nrejected item 5: `y` has no value\nrejected item 6: an item without a key\n\
             1700000000250 unknown cpu.load{host=\"a\",params=\"all,avg1\"} 0.5\n7 unknown up{host=\"b\"} 3\n"
        );
    }

    #[test]
    fn heads_are_read_in_all_their_forms() {
        assert_eq!(head(b"ZB"), Ok(None));
        assert_eq!(head(b"ZBXD\x01\x05\0\0\0\0\0\0"), Ok(None));
        let plain = Head { head_bytes: 13, body_bytes: 5, unpacked_bytes: None };
        assert_eq!(head(b"ZBXD\x01\x05\0\0\0\0\0\0\0"), Ok(Some(plain)));
        let packed = Head { unpacked_bytes: Some(9), ..plain };
        assert_eq!(head(b"ZBXD\x03\x05\0\0\0\x09\0\0\0"), Ok(Some(packed)));
        let large = Head { head_bytes: 21, body_bytes: 1 << 32, unpacked_bytes: None };
        assert_eq!(head(b"ZBXD\x05\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0"), Ok(Some(large)));
        for wrong in [&b"GET / HTTP"[..], b"X", b"ZBXD\x00", b"ZBXD\x09"] {
            assert!(head(wrong).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            items in prop::collection::vec(
                ("[a-z]{1,6}", "[a-z.]{1,6}", "[a-z,/ ]{0,5}", any::<f64>().prop_filter("finite", |v| v.is_finite()), 1i64..4_000_000_000, 0i64..1000), 0..12),
        ) {
            let list: Vec<_> = items.iter().map(|(host, name, params, value, clock, ms)| {
                let key = if params.is_empty() { name.clone() } else { format!("{name}[{params}]") };
                format!(r#"{{"host":"{host}","key":"{key}","value":"{value}","clock":{clock},"ns":{}}}"#, ms * 1_000_000)
            }).collect();
            let wanted: String = items.iter().map(|(host, name, params, value, clock, ms)| {
                let params = if params.is_empty() { String::new() } else { format!(",params=\"{params}\"") };
                format!("{} unknown {name}{{host=\"{host}\"{params}}} {value}\n", clock * 1000 + ms)
            }).collect();
            let json = format!(r#"{{"request":"sender data","data":[{}]}}"#, list.join(","));
            prop_assert_eq!(decoded(&json), format!("{} accepted, 0 rejected, 0 skipped\n{wanted}", items.len()));
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            decode(&bytes, &Context::at(0), &mut Batch::new());
            let _ = Request::read(&bytes);
        }
    }
}
