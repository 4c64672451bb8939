//! What follows the type: rate, tags, time. And what tags hold, however they are written.

use super::{Reason, TAGS_BYTES_MAX};
use crate::number;
use memchr::memchr;

/// The value of a tag that has none.
const TRUE: &[u8] = b"true";

/// The fields of one part.
pub(super) struct Fields<'a> {
    pub(super) tags: &'a [u8],
    pub(super) rate: f64,
    pub(super) time_s: Option<i64>,
    /// What follows the colon that ends this part.
    pub(super) next_part: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// Reads `|field|field…` up to a colon that begins the next part.
    #[inline]
    pub(super) fn read(mut rest: &'a [u8]) -> Result<Self, (Reason, &'a [u8])> {
        let mut fields = Self { tags: b"", rate: 1.0, time_s: None, next_part: None };
        while let Some((&separator, field)) = rest.split_first() {
            if separator == b':' {
                fields.next_part = Some(field);
                break;
            }
            rest = fields.field(field)?;
        }
        Ok(fields)
    }

    /// Takes the field at the start and returns what follows it.
    fn field(&mut self, field: &'a [u8]) -> Result<&'a [u8], (Reason, &'a [u8])> {
        let to_bar = memchr(b'|', field).unwrap_or(field.len());
        let to_colon = || field[..to_bar].iter().position(|b| *b == b':').unwrap_or(to_bar);
        let end = match field.first() {
            Some(b'@') => {
                let end = to_colon();
                self.rate = rate(&field[1..end]).ok_or((Reason::BadRate, &field[1..end]))?;
                end
            }
            Some(b'T') => {
                let text = &field[1..to_bar];
                self.time_s = Some(seconds(text).ok_or((Reason::BadTime, text))?);
                to_bar
            }
            Some(b'#') => {
                self.tags = tags_of(&field[..to_bar])?;
                to_bar
            }
            _ => to_bar,
        };
        Ok(&field[end..])
    }
}

/// The tags of a field that starts with `#`.
pub(super) fn tags_of(field: &[u8]) -> Result<&[u8], (Reason, &[u8])> {
    match &field[1..] {
        tags if tags.len() > TAGS_BYTES_MAX => Err((Reason::LongTags(tags.len()), tags)),
        tags => Ok(tags),
    }
}

fn rate(text: &[u8]) -> Option<f64> {
    number::finite_bytes(text).filter(|rate| *rate > 0.0 && *rate <= 1.0)
}

pub(super) fn seconds(text: &[u8]) -> Option<i64> {
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    // A time must fit 64 bits of milliseconds.
    (0..=i64::MAX / 1000).contains(&number).then_some(number)
}

/// Key and value of a tag; one without a value has the value `true`.
pub type Tag<'a> = (&'a [u8], &'a [u8]);

/// The tags behind a `#`; those without a key are left out.
pub fn tags(text: &[u8]) -> impl Iterator<Item = Tag<'_>> {
    pairs(text, b',', b':')
}

/// The bare name, and the tags that stand in it: `name;k=v;k=v` as Graphite or `name,k=v,k=v` as Influx has them.
pub fn name_and_tags(name: &[u8]) -> (&[u8], impl Iterator<Item = Tag<'_>>) {
    let end = name.iter().position(|b| matches!(b, b';' | b',')).unwrap_or(name.len());
    let (bare, rest) = name.split_at(end);
    let separator = rest.first().copied().unwrap_or(b';');
    (bare, pairs(rest, separator, b'='))
}

fn pairs(text: &[u8], separator: u8, equals: u8) -> impl Iterator<Item = Tag<'_>> {
    text.split(move |b| *b == separator).filter_map(move |pair| {
        let (key, value) = match memchr(equals, pair) {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, TRUE),
        };
        (!key.is_empty()).then_some((key, value))
    })
}
