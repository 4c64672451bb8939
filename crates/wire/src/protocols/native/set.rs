//! Which of n things: the shortest of "all", "none", a bitmap and a list. Almost every scrape has all its series, and
//! at rest few values change, so both sets of a scrape usually take a byte or a few dozen.

use super::{Cursor, Malformed};
use stdx::varint;

const ALL: u8 = 0;
const NONE: u8 = 1;
const BITMAP: u8 = 2;
const LIST: u8 = 3;

/// A set of numbers below its length; reusable without freeing its memory.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// Bit i of byte i/8, lowest first: the bitmap as it is written.
    bits: Vec<u8>,
    len: usize,
    members: usize,
}

impl Set {
    pub(super) fn clear(&mut self) {
        self.bits.clear();
        self.len = 0;
        self.members = 0;
    }

    /// Says whether the next number is a member.
    #[inline]
    pub(super) fn push(&mut self, member: bool) {
        if self.len.is_multiple_of(8) {
            self.bits.push(0);
        }
        self.bits[self.len / 8] |= u8::from(member) << (self.len % 8);
        self.len += 1;
        self.members += usize::from(member);
    }

    /// Number of members.
    pub(super) fn members(&self) -> usize {
        self.members
    }

    /// Whether every number is a member.
    pub(super) fn is_all(&self) -> bool {
        self.members == self.len
    }

    /// The members, ascending.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().zip((0..).step_by(8)).flat_map(|(&byte, start)| {
            let mut left = byte;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    start + bit
                })
            })
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        if self.members == self.len {
            out.push(ALL);
        } else if self.members == 0 {
            out.push(NONE);
        } else if self.members < self.bits.len() {
            self.encode_list(out);
        } else {
            out.push(BITMAP);
            out.extend_from_slice(&self.bits);
        }
    }

    fn encode_list(&self, out: &mut Vec<u8>) {
        out.push(LIST);
        varint::write_u64(out, self.members as u64);
        let mut next = 0;
        for number in self.iter() {
            varint::write_u64(out, (number - next) as u64);
            next = number + 1;
        }
    }

    /// Reads a set of numbers below `len`.
    pub(super) fn decode(&mut self, cursor: &mut Cursor<'_>, len: usize) -> Result<(), Malformed> {
        self.clear();
        self.len = len;
        let bytes = len.div_ceil(8);
        match cursor.byte()? {
            ALL => self.fill(),
            NONE => self.bits.resize(bytes, 0),
            BITMAP => {
                let before = cursor.malformed("a bitmap with bits past its end");
                self.bits.extend_from_slice(cursor.take(bytes)?);
                if !len.is_multiple_of(8) && self.bits[bytes - 1] >> (len % 8) != 0 {
                    return Err(before);
                }
                self.members = self.bits.iter().map(|b| b.count_ones() as usize).sum();
            }
            LIST => self.decode_list(cursor)?,
            _ => return Err(cursor.malformed("an unknown form of set")),
        }
        Ok(())
    }

    fn fill(&mut self) {
        self.members = self.len;
        self.bits.resize(self.len / 8, 0xff);
        if !self.len.is_multiple_of(8) {
            self.bits.push((1 << (self.len % 8)) - 1);
        }
    }

    fn decode_list(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Malformed> {
        self.bits.resize(self.len.div_ceil(8), 0);
        self.members = cursor.count(self.len, "more members than numbers")?;
        let mut next = 0;
        for _ in 0..self.members {
            // `next` never passes the length, so neither does the number.
            let room =
                (self.len - next).checked_sub(1).ok_or_else(|| cursor.malformed("a list past its end"))?;
            let number = next + cursor.count(room, "a list past its end")?;
            self.bits[number / 8] |= 1 << (number % 8);
            next = number + 1;
        }
        Ok(())
    }
}
