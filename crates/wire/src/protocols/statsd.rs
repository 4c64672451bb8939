//! statsd's lines: Etsy's, DogStatsD's up to 1.4, and names with tags as Graphite's and Influx' clients write them.
//!
//! ```text
//! packet  := line ("\n" line)*
//! line    := metric | event | check
//! metric  := name ":" part (":" part)*                              several parts as Etsy has them: k:1|c:20|ms
//! part    := value (":" value)* "|" type ("|" field)*               several values as DogStatsD packs them: k:1:2|ms
//! name    := text | text (";" key "=" value)* | text ("," key "=" value)*
//! type    := "c" | "g" | "ms" | "h" | "d" | "s"
//! field   := "@" rate | "#" tag ("," tag)* | "T" Unix seconds | anything else, which is not looked at
//! tag     := key ":" value | key
//! event   := "_e{" title bytes "," text bytes "}:" title "|" text ("|" field)*
//! check   := "_sc|" name "|" ("0" | "1" | "2" | "3") ("|" field)*
//! ```
//!
//! * A value is a decimal number; of a set it is any text, colons and all. A gauge's value with a sign is a change.
//! * A rate says which share of the measurements was sent: above 0, at most 1.
//! * Tags run to the next `|`, so after `#` no further part can begin.
//!
//! A line is no sample: it takes an aggregator to make samples of many, so this protocol is no row of the table. Nothing
//! is allocated here, and names and tags are not even looked at closely: whoever sees a name for the first time does that.

mod fields;
mod refusal;
mod special;

pub use fields::{Tag, name_and_tags, tags};
pub use refusal::{Reason, Refusal};
pub use special::{Check, Event};

use crate::number;
use fields::Fields;
use memchr::memchr;

/// Longest name with its Graphite or Influx tags, in bytes.
pub const NAME_BYTES_MAX: usize = 2048;
/// Longest run of tags, in bytes.
pub const TAGS_BYTES_MAX: usize = 4096;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `c`: how often something happened.
    Counter,
    /// `g`: how much there is.
    Gauge,
    /// `ms`: how long something took.
    Timer,
    /// `h`: DogStatsD's histogram.
    Histogram,
    /// `d`: DogStatsD's distribution.
    Distribution,
    /// `s`: who was there; members are counted once.
    Set,
}

impl Kind {
    fn parse(text: &[u8]) -> Option<Self> {
        match text {
            b"c" => Some(Self::Counter),
            b"g" => Some(Self::Gauge),
            b"ms" => Some(Self::Timer),
            b"h" => Some(Self::Histogram),
            b"d" => Some(Self::Distribution),
            b"s" => Some(Self::Set),
            _ => None,
        }
    }
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'a> {
    /// Measurements of one name.
    Metric(Metric<'a>),
    /// Something worth telling that happened.
    Event(Event<'a>),
    /// How a service is.
    Check(Check<'a>),
}

/// A number as it stands in a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// Whether `+` or `-` stands before it: then it changes a gauge instead of setting it.
    pub is_signed: bool,
}

/// Measurements of one name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric<'a> {
    /// The name, with tags in Graphite's or Influx' manner: see [`name_and_tags`].
    pub name: &'a [u8],
    /// What follows `#`: see [`tags`].
    pub tags: &'a [u8],
    /// What is measured.
    pub kind: Kind,
    /// Share of the measurements that was sent, above 0 and at most 1.
    pub rate: f64,
    /// When, in Unix seconds, where the sender says it.
    pub time_s: Option<i64>,
    first: Number,
    /// Values as they stand, all of them; they are known to be numbers unless the kind is a set.
    text: &'a [u8],
    /// Where the second value begins in `text`, or its length.
    second: usize,
}

impl<'a> Metric<'a> {
    /// The numbers; none for a set.
    #[inline]
    pub fn numbers(&self) -> impl Iterator<Item = Number> + use<'a> {
        let first = (self.kind != Kind::Set).then_some(self.first);
        let mut rest = &self.text[self.second..];
        first.into_iter().chain(std::iter::from_fn(move || {
            let (value, next) = split(rest)?;
            rest = next;
            number(value)
        }))
    }

    /// The member of a set; empty for other kinds.
    pub fn member(&self) -> &'a [u8] {
        if self.kind == Kind::Set { self.text } else { b"" }
    }
}

/// The text up to the next colon and what follows it; `None` when there is nothing.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    let end = memchr(b':', text).unwrap_or(text.len());
    Some((&text[..end], text.get(end + 1..).unwrap_or_default()))
}

fn number(text: &[u8]) -> Option<Number> {
    let is_signed = matches!(text.first(), Some(b'+' | b'-'));
    Some(Number { value: number::finite_bytes(text)?, is_signed })
}

/// What a packet says, item by item; a line that cannot be read is a [`Refusal`].
#[derive(Debug, Clone)]
pub struct Items<'a> {
    packet: &'a [u8],
    /// What is left of the packet.
    rest: &'a [u8],
    line: usize,
    /// Name and further parts of the line under way.
    parts: Option<(&'a [u8], &'a [u8])>,
}

/// Reads a packet or any run of whole lines.
pub fn items(packet: &[u8]) -> Items<'_> {
    Items { packet, rest: packet, line: 0, parts: None }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<Item<'a>, Refusal<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some((name, parts)) = self.parts.take() {
            return Some(self.part(name, parts));
        }
        loop {
            let line = self.next_line()?;
            match line.first() {
                None => {}
                Some(b'_') if line.starts_with(b"_e{") => {
                    return Some(special::event(line).map(Item::Event).map_err(|r| self.refuse(r, line)));
                }
                Some(b'_') if line.starts_with(b"_sc|") => {
                    return Some(special::check(line).map(Item::Check).map_err(|r| self.refuse(r, line)));
                }
                Some(_) => return Some(self.metric(line)),
            }
        }
    }
}

impl<'a> Items<'a> {
    /// The number of the line read last, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.line += 1;
        Some(line.trim_ascii())
    }

    #[inline]
    fn metric(&mut self, line: &'a [u8]) -> Result<Item<'a>, Refusal<'a>> {
        let Some(end) = memchr(b':', line) else { return Err(self.refuse(Reason::NoColon, line)) };
        match end {
            0 => Err(self.refuse(Reason::NoName, line)),
            end if end > NAME_BYTES_MAX => Err(self.refuse(Reason::LongName(end), &line[..end])),
            end => self.part(&line[..end], &line[end + 1..]),
        }
    }

    /// Reads the first of the parts and keeps the others for later.
    #[inline]
    fn part(&mut self, name: &'a [u8], parts: &'a [u8]) -> Result<Item<'a>, Refusal<'a>> {
        let Some(end) = memchr(b'|', parts) else { return Err(self.refuse(Reason::NoType, parts)) };
        let (text, rest) = (&parts[..end], &parts[end + 1..]);
        let (kind, rest) =
            rest.split_at(rest.iter().position(|b| matches!(b, b'|' | b':')).unwrap_or(rest.len()));
        let Some(kind) = Kind::parse(kind) else { return Err(self.refuse(Reason::UnknownType, kind)) };
        let fields = Fields::read(rest).map_err(|(reason, at)| self.refuse(reason, at))?;
        let (first, second) = self.values(kind, text)?;
        self.parts = fields.next_part.map(|next| (name, next));
        let Fields { tags, rate, time_s, .. } = fields;
        Ok(Item::Metric(Metric { name, tags, kind, rate, time_s, first, text, second }))
    }

    /// The first value and where the second begins; all are looked at.
    #[inline]
    fn values(&self, kind: Kind, text: &'a [u8]) -> Result<(Number, usize), Refusal<'a>> {
        if kind == Kind::Set {
            let nothing = Number { value: 0.0, is_signed: false };
            return if text.is_empty() {
                Err(self.refuse(Reason::NoMember, text))
            } else {
                Ok((nothing, text.len()))
            };
        }
        let end = memchr(b':', text).unwrap_or(text.len());
        let first = self.value(kind, &text[..end])?;
        let second = (end + 1).min(text.len());
        if text.last() == Some(&b':') {
            return Err(self.refuse(Reason::NoNumber, &text[text.len()..]));
        }
        let mut rest = &text[second..];
        while let Some((value, next)) = split(rest) {
            self.value(kind, value)?;
            rest = next;
        }
        Ok((first, second))
    }

    #[inline]
    fn value(&self, kind: Kind, text: &'a [u8]) -> Result<Number, Refusal<'a>> {
        match number(text) {
            Some(number) if kind == Kind::Timer && number.value < 0.0 => {
                Err(self.refuse(Reason::NegativeTime, text))
            }
            Some(number) => Ok(number),
            None => Err(self.refuse(Reason::NoNumber, text)),
        }
    }

    #[cold]
    fn refuse(&self, reason: Reason, text: &'a [u8]) -> Refusal<'a> {
        // All texts are parts of the packet, so the difference of their addresses is a place in it.
        let at = (text.as_ptr() as usize).saturating_sub(self.packet.as_ptr() as usize);
        Refusal { line: self.line, at, reason, text }
    }
}

#[cfg(test)]
mod tests;
