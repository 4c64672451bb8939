//! collectd's binary network protocol: packets of parts, as its `network` plugin sends them.
//!
//! ```text
//! packet := part*
//! part   := type (2 bytes) length (2 bytes, with these four) content        all numbers big-endian
//! content of  0 host · 2 plugin · 3 its instance · 4 type · 5 its instance     text with a NUL behind it
//!             1 time · 7 interval       whole seconds, 8 bytes
//!             8 time · 9 interval       in 2⁻³⁰ s, 8 bytes
//!             6 values                  count (2 bytes), a code for each, 8 bytes for each:
//!                                       0 counter u64 · 1 gauge f64 little-endian · 2 derive i64 · 3 absolute u64
//!             0x100 message · 0x101 severity                                   a notification
//! ```
//!
//! * What a part says holds until the next part of its type, so values have the host, plugin and time that came last. A packet
//!   stands alone.
//! * Series are named and labelled as with `PUTVAL` ([`putval`]), kinds are as the packet says. Names of a type's values
//!   are collectd's, or of a `types.db` of one's own ([`Types`]).
//! * A gauge that is not a number is left out and counted as skipped, as is a notification. Infinite ones are refused. Parts of other
//!   types are not looked at, as there.
//! * Signed and encrypted packets ([`SIGNATURE`], [`ENCRYPTION`]) are refused here: who has the keys opens them first.

mod encode;
mod parts;
mod types;

pub use encode::Encoder;
pub use parts::{ENCRYPTION, Parts, SIGNATURE};
pub use types::Types;

use super::Protocol;
use super::putval::Identifier;
use crate::Context;
use crate::known::Known;
use model::{Batch, Kind, LabelsBuilder, Position, Report, Slot};
use parts::{Part, text};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "collectd",
    summary: "collectd's binary network protocol, a packet at a time",
    media_types: &["application/octet-stream"],
    paths: &[],
    example: b"\0\0\0\x09web1\0\0\x08\0\x0c\x19\x54\xf8\x40\0\0\0\0\0\x02\0\x09load\0\0\x04\0\x0agauge\0\0\x06\0\x0f\0\x01\x01\0\0\0\0\0\x40\x45\x40",
    decode,
};

/// Time stamps count 2⁻³⁰ s.
const TICKS_LOG2: u32 = 30;

/// Decodes a packet that is neither signed nor encrypted.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    Decoder::default().packet(input, context, out)
}

/// Decodes packets, and remembers the series in them as long as the batch keeps its dictionary. The context's labels must
/// stay the same.
#[derive(Debug, Default)]
pub struct Decoder {
    known: Known,
    labels: LabelsBuilder,
    name: String,
    /// What tells the series of a list of values: identifier and kinds.
    key: Vec<u8>,
    types: Types,
}

/// What was said last.
#[derive(Debug, Default)]
struct Said<'a> {
    identifier: Identifier<'a>,
    time_ms: Option<i64>,
}

impl Decoder {
    /// Begins with types of one's own.
    pub fn new(types: Types) -> Self {
        Self { types, ..Self::default() }
    }

    /// Decodes a packet. Positions in the report are bytes.
    pub fn packet(&mut self, packet: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
        self.known.follow(out);
        let (mut report, mut said, mut parts) = (Report::default(), Said::default(), Parts::new(packet));
        loop {
            let at = parts.position();
            let part = match parts.next_part() {
                Ok(Some(part)) => part,
                Ok(None) => return report,
                Err(why) => {
                    // Where the next part begins is not known any more.
                    report.reject(Position::Byte(at), why);
                    return report;
                }
            };
            if let Err(why) = self.part(&part, &mut said, context, out, &mut report) {
                report.reject(Position::Byte(at), why);
            }
        }
    }

    fn part<'a>(
        &mut self,
        part: &Part<'a>,
        said: &mut Said<'a>,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        match part.kind {
            0 => said.identifier.host = text(part.content)?,
            2 => said.identifier.plugin = text(part.content)?,
            3 => said.identifier.plugin_instance = text(part.content)?,
            4 => said.identifier.kind = text(part.content)?,
            5 => said.identifier.type_instance = text(part.content)?,
            1 => said.time_ms = Some(seconds_ms(part.number()?)?),
            8 => said.time_ms = Some(ticks_ms(part.number()?)),
            6 => self.values(part.content, said, context, out, report)?,
            0x100 => report.skipped += 1,
            SIGNATURE => return Err("a signed packet".to_owned()),
            ENCRYPTION => return Err("an encrypted packet".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn values(
        &mut self,
        content: &[u8],
        said: &Said<'_>,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        let wrong = || "a list of values that does not fit its length".to_owned();
        let (count, rest) = content.split_first_chunk().ok_or_else(wrong)?;
        let count = usize::from(u16::from_be_bytes(*count));
        let (codes, values) = rest.split_at_checked(count).ok_or_else(wrong)?;
        if count == 0 || values.len() != count * 8 {
            return Err(wrong());
        }
        let identifier = &said.identifier;
        for (name, what) in
            [(identifier.host, "host"), (identifier.plugin, "plugin"), (identifier.kind, "type")]
        {
            if name.is_empty() {
                return Err(format!("values before any {what} was named"));
            }
        }
        // Zero is collectd's way to say that it does not know.
        let time_ms = said.time_ms.filter(|time| *time != 0).unwrap_or(context.now_ms);
        let first = self.series(identifier, codes, context, out)?;
        let mut infinite = 0;
        for (place, (code, bytes)) in (0..).zip(codes.iter().zip(values.as_chunks().0)) {
            let value = value(*code, *bytes);
            if value.is_finite() {
                out.sample(Slot(first.0 + place), time_ms, value);
                report.accepted += 1;
            } else if value.is_nan() {
                report.skipped += 1;
            } else {
                infinite += 1;
            }
        }
        if infinite > 0 { Err(format!("{infinite} values are not finite")) } else { Ok(()) }
    }

    /// The series of the first value; those of the others follow it.
    fn series(
        &mut self,
        identifier: &Identifier<'_>,
        codes: &[u8],
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<Slot, String> {
        self.key.clear();
        for part in identifier.parts() {
            self.key.extend_from_slice(part.as_bytes());
            self.key.push(0);
        }
        self.key.extend_from_slice(codes);
        if let Some(first) = self.known.get(&self.key) {
            return Ok(first);
        }
        let names = self.types.names(identifier.kind).filter(|names| names.len() == codes.len());
        let mut first = None;
        for (place, code) in codes.iter().enumerate() {
            let name = names.as_ref().map_or("", |names| names[place].as_ref());
            identifier.write_name(name, place, codes.len(), &mut self.name);
            identifier.write_labels(&self.name, &mut self.labels);
            let slot = context.add_series(out, &mut self.labels, kind(*code)?).map_err(|e| e.to_string())?;
            first.get_or_insert(slot);
        }
        let first = first.ok_or("no values")?;
        self.known.insert(&self.key, first);
        Ok(first)
    }
}

fn kind(code: u8) -> Result<Kind, String> {
    match code {
        0 => Ok(Kind::Counter),
        1 => Ok(Kind::Gauge),
        2 => Ok(Kind::Derive),
        3 => Ok(Kind::Absolute),
        _ => Err(format!("kind {code} of a value is not known")),
    }
}

fn value(code: u8, bytes: [u8; 8]) -> f64 {
    match code {
        1 => f64::from_le_bytes(bytes),
        2 => i64::from_be_bytes(bytes) as f64,
        _ => u64::from_be_bytes(bytes) as f64,
    }
}

fn seconds_ms(seconds: u64) -> Result<i64, String> {
    let ms = i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1000));
    ms.ok_or_else(|| format!("time {seconds} is no number of seconds"))
}

/// 2⁻³⁰ s to milliseconds, to the nearest.
fn ticks_ms(ticks: u64) -> i64 {
    let ms = (u128::from(ticks) * 1000 + (1 << (TICKS_LOG2 - 1))) >> TICKS_LOG2;
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
