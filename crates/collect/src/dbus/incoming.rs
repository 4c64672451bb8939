//! Messages as they come, read value by value. Whatever is not read of a message is skipped when the next begins.

use super::DbusError;
use std::io::{BufRead, BufReader, Read};

/// Room for what has come and is not read yet.
const ROOM_BYTES: usize = 4096;
/// Longest message, in bytes. The specification allows 128 MiB; ten thousand units take 3.
const MESSAGE_BYTES_MAX: u32 = 16 << 20;
/// Longest text, in bytes.
const TEXT_BYTES_MAX: u32 = 64 << 10;

const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;
const REPLY_SERIAL: u8 = 5;
const ERROR_NAME: u8 = 4;

/// What a message is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Whether it answers a call.
    pub is_answer: bool,
    /// Whether it refuses one.
    pub is_error: bool,
    /// Number of the call.
    pub answers: u32,
    /// Name of the error.
    pub error: String,
}

/// The messages of a stream.
#[derive(Debug)]
pub struct Incoming<R> {
    input: BufReader<R>,
    /// Place in the message.
    at: u32,
    /// Length of the message.
    end: u32,
    is_big_endian: bool,
}

type Outcome<T> = Result<T, DbusError>;

impl<R: Read> Incoming<R> {
    /// The messages of `stream`.
    pub fn new(stream: R) -> Self {
        let input = BufReader::with_capacity(ROOM_BYTES, stream);
        Self { input, at: 0, end: 0, is_big_endian: false }
    }

    /// The stream itself. Reading it takes away from the messages.
    pub(super) fn link(&mut self) -> &mut R {
        self.input.get_mut()
    }

    /// Skips the rest of this message and reads the head of the next.
    pub fn next_message(&mut self) -> Outcome<Header> {
        self.skip(self.end - self.at)?;
        (self.at, self.end) = (0, 16);
        let [order, kind, _, version] = self.bytes()?;
        self.is_big_endian = match order {
            b'l' => false,
            b'B' => true,
            _ => return Err(DbusError::Malformed("an unknown order of bytes")),
        };
        if version != 1 {
            return Err(DbusError::Malformed("an unknown version"));
        }
        let (body, _, fields) = (self.u32()?, self.u32()?, self.u32()?);
        if body > MESSAGE_BYTES_MAX || fields > TEXT_BYTES_MAX {
            return Err(DbusError::Malformed("too long"));
        }
        let fields_end = 16 + fields;
        self.end = fields_end.next_multiple_of(8) + body;
        let mut header =
            Header { is_answer: kind == METHOD_RETURN, is_error: kind == ERROR, ..Header::default() };
        while self.at < fields_end {
            self.field(&mut header)?;
        }
        self.align(8)?;
        Ok(header)
    }

    fn field(&mut self, header: &mut Header) -> Outcome<()> {
        self.align(8)?;
        let code = self.u8()?;
        let mut text = String::new();
        match (self.kind()?, code) {
            (b'u', REPLY_SERIAL) => header.answers = self.u32()?,
            (b's', ERROR_NAME) => self.text(&mut header.error)?,
            (b'u', _) => _ = self.u32()?,
            (b's' | b'o', _) => self.text(&mut text)?,
            (b'g', _) => {
                let length = self.u8()?;
                self.skip(u32::from(length) + 1)?;
            }
            _ => return Err(DbusError::Malformed("a field of the header")),
        }
        Ok(())
    }

    /// Checks that a variant holds a value of this one-letter type, which is read next.
    pub fn variant(&mut self, kind: u8) -> Outcome<()> {
        if self.kind()? == kind { Ok(()) } else { Err(DbusError::Malformed("a value of another type")) }
    }

    /// A signature of one letter.
    fn kind(&mut self) -> Outcome<u8> {
        match self.bytes()? {
            [1, kind, 0] => Ok(kind),
            _ => Err(DbusError::Malformed("a value of a compound type")),
        }
    }

    /// A byte.
    pub fn u8(&mut self) -> Outcome<u8> {
        self.bytes().map(|[byte]| byte)
    }

    /// A number of 32 bits.
    pub fn u32(&mut self) -> Outcome<u32> {
        self.align(4)?;
        let bytes = self.bytes()?;
        Ok(if self.is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// A number of 64 bits.
    pub fn u64(&mut self) -> Outcome<u64> {
        self.align(8)?;
        let bytes = self.bytes()?;
        Ok(if self.is_big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A text or path, into `to`, replacing what it held.
    pub fn text(&mut self, to: &mut String) -> Outcome<()> {
        let length = self.u32()?;
        if length > TEXT_BYTES_MAX || length >= self.end.saturating_sub(self.at) {
            return Err(DbusError::Malformed("a text that is too long"));
        }
        let mut bytes = std::mem::take(to).into_bytes();
        bytes.resize(length as usize, 0);
        self.input.read_exact(&mut bytes)?;
        self.at += length;
        self.skip(1)?;
        *to = String::from_utf8(bytes).map_err(|_| DbusError::Malformed("a text that is no UTF-8"))?;
        Ok(())
    }

    /// Skips a text or path.
    pub fn skip_text(&mut self) -> Outcome<()> {
        let length = self.u32()?;
        self.skip(length.saturating_add(1))
    }

    /// Enters an array of structures; returns where it ends, for [`Incoming::has_more`].
    pub fn array_of_structures(&mut self) -> Outcome<u32> {
        let length = self.u32()?;
        self.align(8)?;
        match self.at.checked_add(length).filter(|end| *end <= self.end) {
            Some(end) => Ok(end),
            None => Err(DbusError::Malformed("an array that is too long")),
        }
    }

    /// Whether the array that ends there has another structure, which is stepped to.
    pub fn has_more(&mut self, array_end: u32) -> Outcome<bool> {
        if self.at >= array_end {
            return Ok(false);
        }
        self.align(8)?;
        Ok(true)
    }

    fn align(&mut self, alignment: u32) -> Outcome<()> {
        self.skip(self.at.next_multiple_of(alignment) - self.at)
    }

    fn bytes<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        if self.end - self.at < N as u32 {
            return Err(DbusError::Malformed("it ends too early"));
        }
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        self.at += N as u32;
        Ok(bytes)
    }

    fn skip(&mut self, count: u32) -> Outcome<()> {
        if self.end - self.at < count {
            return Err(DbusError::Malformed("it ends too early"));
        }
        self.at += count;
        let mut left = count as usize;
        while left > 0 {
            let there = self.input.fill_buf()?.len().min(left);
            if there == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            self.input.consume(there);
            left -= there;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
