//! What all files of the folder have in common: a head, and records behind checksums.

use std::io;
use std::path::{Path, PathBuf};
use stdx::crc::crc32;

/// How every file begins, before the version.
const MAGIC: [u8; 4] = *b"WHEV";
const VERSION: u8 = 1;
/// Length of the head, in bytes.
pub(crate) const HEAD_BYTES: usize = 9;
/// Bytes before a payload.
const ENVELOPE_BYTES: usize = 8;
/// Longest payload, in bytes.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 64 << 20;
/// Kinds of payloads.
pub(crate) const TOLD: u8 = 1;
pub(crate) const BLOCK: u8 = 2;
pub(crate) const INDEX: u8 = 3;
pub(crate) const STANDINGS: u8 = 4;
pub(crate) const PROFILE: u8 = 5;

/// The file that is being written, by the number of its first event.
pub(crate) fn log(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:016x}.log"))
}

/// A sealed segment.
pub(crate) fn sealed(folder: &Path, first: u64) -> PathBuf {
    folder.join(format!("{first:016x}.seg"))
}

/// How all parts stood when it was last written down.
pub(crate) fn standings(folder: &Path) -> PathBuf {
    folder.join("standings")
}

/// The head of every file that is written.
pub(crate) fn head() -> [u8; HEAD_BYTES] {
    head_of(VERSION)
}

/// The head of a file of a version.
pub(crate) fn head_of(version: u8) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..4].copy_from_slice(&MAGIC);
    head[4] = version;
    let checksum = crc32(&head[..5]);
    head[5..].copy_from_slice(&checksum.to_le_bytes());
    head
}

/// Refuses files of a later version; a head that is damaged or cut says nothing.
pub(crate) fn check_version(bytes: &[u8]) -> io::Result<()> {
    match bytes.get(..HEAD_BYTES) {
        Some(head) if head[4] > VERSION && head == head_of(head[4]) => {
            let what = format!("an event log of version {}, from a newer program", head[4]);
            Err(io::Error::new(io::ErrorKind::Unsupported, what))
        }
        _ => Ok(()),
    }
}

/// The number in a name with this extension.
pub(crate) fn number(name: &str, extension: &str) -> Option<u64> {
    let digits = name.strip_suffix(extension)?.strip_suffix('.')?;
    (digits.len() == 16).then(|| u64::from_str_radix(digits, 16).ok())?
}

/// Appends a record whose payload is what `write` appends; gives its length.
pub(crate) fn write_record(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; ENVELOPE_BYTES]);
    write(out);
    let payload = start + ENVELOPE_BYTES;
    let len = (out.len() - payload) as u32;
    let checksum = crc32(&out[payload..]);
    out[start..start + 4].copy_from_slice(&len.to_le_bytes());
    out[start + 4..payload].copy_from_slice(&checksum.to_le_bytes());
    out.len() - start
}

/// A record that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// Where it starts in the file.
    pub(crate) offset: usize,
    /// Its length with the envelope.
    pub(crate) len: usize,
    pub(crate) payload: &'a [u8],
}

/// Walks over the records of a file; see [`Records::good_bytes`] for how far they go.
pub(crate) fn records(bytes: &[u8]) -> Records<'_> {
    let at = HEAD_BYTES.min(bytes.len());
    Records { bytes, at, good: at, damaged: 0 }
}

/// See [`records`].
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    good: usize,
    damaged: u64,
}

impl Records<'_> {
    /// Where the last whole record ends.
    pub(crate) fn good_bytes(&self) -> usize {
        self.good
    }

    /// Records before that end that did not match their checksum.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let mut skipped = 0;
        loop {
            let rest = &self.bytes[self.at..];
            let len = payload_len(rest)?;
            let whole = rest.get(..ENVELOPE_BYTES + len)?;
            let offset = self.at;
            self.at += whole.len();
            if is_intact(whole) {
                self.good = self.at;
                self.damaged += skipped;
                return Some(Record { offset, len: whole.len(), payload: &whole[ENVELOPE_BYTES..] });
            }
            skipped += 1;
        }
    }
}

fn payload_len(bytes: &[u8]) -> Option<usize> {
    let len = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    (len > 0 && len <= PAYLOAD_BYTES_MAX).then_some(len)
}

fn is_intact(record: &[u8]) -> bool {
    let (envelope, payload) = record.split_at(ENVELOPE_BYTES);
    envelope[4..] == crc32(payload).to_le_bytes()
}

/// The payload of a record that was read by itself; `None` when it is damaged.
pub(crate) fn payload(record: &[u8]) -> Option<&[u8]> {
    let len = payload_len(record)?;
    (record.len() == ENVELOPE_BYTES + len && is_intact(record)).then(|| &record[ENVELOPE_BYTES..])
}

/// Takes bytes off the front of a payload.
pub(crate) fn take<'a>(input: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(len)?;
    *input = rest;
    Some(taken)
}

/// Takes a fixed 64-bit number off the front of a payload.
pub(crate) fn take_u64(input: &mut &[u8]) -> Option<u64> {
    let (bytes, rest) = input.split_first_chunk()?;
    *input = rest;
    Some(u64::from_le_bytes(*bytes))
}

/// Takes a text off the front of a payload.
pub(crate) fn take_text<'a>(input: &mut &'a [u8]) -> Option<&'a str> {
    std::str::from_utf8(stdx::varint::read_bytes(input)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_costs_a_record_and_a_cut_costs_the_last() {
        let mut bytes = head().to_vec();
        for n in 0..4u8 {
            write_record(&mut bytes, |out| out.extend([TOLD, n, n]));
        }
        let seen = |bytes: &[u8]| {
            let mut walk = records(bytes);
            let payloads: Vec<u8> = walk.by_ref().map(|r| r.payload[1]).collect();
            (payloads, walk.good_bytes(), walk.damaged())
        };
        let len = bytes.len();
        assert_eq!(seen(&bytes), (vec![0, 1, 2, 3], len, 0));
        assert_eq!(seen(&bytes[..len - 1]), (vec![0, 1, 2], len - 11, 0));
        let mut damaged = bytes.clone();
        damaged[HEAD_BYTES + 11 + 10] ^= 1;
        assert_eq!(seen(&damaged), (vec![0, 2, 3], len, 1));
        let mut tail = bytes;
        tail[len - 1] ^= 1;
        assert_eq!(seen(&tail), (vec![0, 1, 2], len - 11, 0), "a last record that is damaged counts as cut");
        assert_eq!((number("00000000000000ff.log", "log"), number("ff.log", "log")), (Some(255), None));
    }
}
