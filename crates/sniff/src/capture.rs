//! Capture files, as `tcpdump -w` and Wireshark write them: classic pcap of either byte order with micro- or nanoseconds,
//! and pcapng. Pure: bytes in, frames out, so that a file, a pipe and a test are read alike.

mod file;
mod pcap;
mod pcapng;

pub use file::Failure;
use std::fmt;

/// The longest record or block that is read; tcpdump's own limit for a packet, with room for what is around it.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// What stands before the IP header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Ethernet II, with VLAN tags or without.
    Ethernet,
    /// Linux "cooked" capture, of `tcpdump -i any` in older versions.
    Cooked,
    /// Linux "cooked" capture version 2.
    Cooked2,
    /// The address family in the byte order of the machine that captured (BSD loopback).
    Null,
    /// The address family in network byte order (OpenBSD loopback).
    Loop,
    /// Nothing: the IP header comes first.
    Ip,
    /// A VLAN tag and the type of what follows.
    Tagged,
}

impl Link {
    /// The link type of this number in capture files, if its frames can be read.
    /// Numbers: <https://www.tcpdump.org/linktypes.html>.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Null),
            1 => Some(Self::Ethernet),
            12 | 14 | 101 | 228 | 229 => Some(Self::Ip),
            108 => Some(Self::Loop),
            113 => Some(Self::Cooked),
            276 => Some(Self::Cooked2),
            _ => None,
        }
    }
}

/// One frame as it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When, in nanoseconds since 1970.
    pub time_ns: u64,
    /// What stands before the IP header.
    pub link: Link,
    /// What was kept of it.
    pub bytes: &'a [u8],
    /// How long it was on the wire, in bytes.
    pub len: u32,
}

/// Why a capture cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Place of the record, in bytes from the start.
    pub at: u64,
    /// What is wrong with it.
    pub what: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.what, self.at)
    }
}

impl std::error::Error for Problem {}

/// What the next bytes of a capture were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// So many bytes must be there before anything can be said.
    More(usize),
    /// A frame that took so many bytes.
    Frame(usize, Frame<'a>),
    /// Something else that took so many bytes.
    Other(usize),
}

#[derive(Debug)]
enum Format {
    Unknown,
    Pcap(pcap::Header),
    PcapNg(pcapng::Section),
}

/// A capture that is being read.
#[derive(Debug)]
pub struct Capture {
    format: Format,
    at: u64,
    foreign: u64,
    dropped: u64,
}

impl Default for Capture {
    fn default() -> Self {
        Self { format: Format::Unknown, at: 0, foreign: 0, dropped: 0 }
    }
}

impl Capture {
    /// Reads the next record from `bytes`, which begin where the last one ended.
    pub fn next<'a>(&mut self, bytes: &'a [u8]) -> Result<Record<'a>, Problem> {
        let record = match &mut self.format {
            Format::Unknown => self.begin(bytes),
            Format::Pcap(header) => header.record(bytes),
            Format::PcapNg(section) => section.block(bytes),
        };
        let record = record.map_err(|what| Problem { at: self.at, what })?;
        match record {
            Record::More(wanted) if wanted > RECORD_BYTES_MAX => {
                return Err(Problem { at: self.at, what: "a record is longer than any packet" });
            }
            Record::More(_) => {}
            Record::Frame(used, _) | Record::Other(used) => self.at += used as u64,
        }
        if let Format::PcapNg(section) = &self.format {
            (self.foreign, self.dropped) = (section.foreign, section.dropped);
        }
        Ok(record)
    }

    fn begin<'a>(&mut self, bytes: &[u8]) -> Result<Record<'a>, &'static str> {
        let Some(magic) = bytes.first_chunk() else { return Ok(Record::More(4)) };
        if pcapng::is_section(magic) {
            self.format = Format::PcapNg(pcapng::Section::default());
            return Ok(Record::Other(0));
        }
        if bytes.len() < pcap::HEADER_BYTES {
            return match pcap::is_magic(magic) {
                true => Ok(Record::More(pcap::HEADER_BYTES)),
                false => Err("this is neither a pcap nor a pcapng file"),
            };
        }
        self.format = Format::Pcap(pcap::Header::read(bytes)?);
        Ok(Record::Other(pcap::HEADER_BYTES))
    }

    /// Hands every frame of a whole capture to `frame`. A record that was cut off at the end is a problem, told after
    /// all before it were handed out.
    pub fn each(bytes: &[u8], mut frame: impl FnMut(Frame<'_>)) -> Result<(), Problem> {
        let (mut capture, mut at) = (Self::default(), 0);
        while at < bytes.len() {
            match capture.next(&bytes[at..])? {
                Record::Frame(used, found) => {
                    frame(found);
                    at += used;
                }
                Record::Other(used) => at += used,
                Record::More(wanted) if wanted > bytes.len() - at => return Err(capture.cut()),
                Record::More(_) => {}
            }
        }
        Ok(())
    }

    /// The problem of a capture that ends within a record.
    pub fn cut(&self) -> Problem {
        Problem { at: self.at, what: "the capture ends within a record" }
    }

    /// Frames left out because their link type is none of [`Link`].
    pub fn foreign(&self) -> u64 {
        self.foreign
    }

    /// Frames that the capturing program said it lost.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Numbers of a file whose byte order is told by its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Order {
    is_big: bool,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let field = bytes[at..at + 2].try_into().expect("two bytes");
        if self.is_big { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let field = bytes[at..at + 4].try_into().expect("four bytes");
        if self.is_big { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) }
    }

    fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let field = bytes[at..at + 8].try_into().expect("eight bytes");
        if self.is_big { u64::from_be_bytes(field) } else { u64::from_le_bytes(field) }
    }
}

#[cfg(test)]
pub(crate) mod tests;
