//! What monitors say, byte by byte.
//!
//! ```text
//! ping  := word " " id " " period "\n"            to probes (port P) and to monitors (port P + 1): answer now
//! hello := "hello " id " " period "\n"            to monitors: I am here and do not ping
//! clock := "clock " id " " period "\n"            to monitors: I ping; said when a hello is heard
//! leave := "leave " id " " period "\n"            to monitors: I pinged, and stop
//! heard := "heard " id " " time " " address "\n" lines       to monitors: this came from that probe
//!
//! word   := text of the ping, `ping` unless the settings say otherwise; no line ends
//! id     := 16 hexadecimal digits, chosen at random when a monitor starts
//! period := milliseconds between two pings of this monitor, decimal
//! time   := when it came, Unix milliseconds, decimal
//! address:= of the probe, as text: 192.0.2.7 or fe80::1
//! lines  := what the probe said, unchanged
//! ```
//!
//! The identity rides behind the word because probes never look at what they are sent: `socat … EXEC:./probe.sh` runs
//! its program whatever came. What does not end in an id and a period is the ping of a **foreign** monitor, such as
//! `echo ping | socat …`, known by its address only. Monitors have a port of their own because on port P everything is a
//! ping: a probe would answer.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The word of a ping when nothing else is said.
pub const WORD: &str = "ping";

/// Longest period that is believed, in milliseconds: a day.
pub const PERIOD_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// A monitor, for as long as it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Id {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_id = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_id { u64::from_str_radix(text, 16).map(Self).map_err(drop) } else { Err(()) }
    }
}

/// Who speaks, and how often it pings or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Which monitor.
    pub id: Id,
    /// Milliseconds between two of its pings.
    pub period_ms: u64,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.period_ms)
    }
}

/// What a datagram on the monitors' port says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Probes were asked just now.
    Ping(Peer),
    /// A monitor lurks.
    Hello(Peer),
    /// A monitor pings.
    Clock(Peer),
    /// The monitor that pinged stops.
    Leave(Peer),
    /// What a probe answered to the monitor that pings.
    Heard {
        /// The monitor that passes it on.
        id: Id,
        /// When it came, in Unix milliseconds.
        time_ms: i64,
        /// The probe.
        address: IpAddr,
        /// Its lines.
        lines: &'a [u8],
    },
}

impl<'a> Message<'a> {
    /// Reads a datagram of the monitors' port; `None` for what is none of these: an answer of a probe, or nonsense.
    pub fn read(datagram: &'a [u8], word: &str) -> Option<Self> {
        if let Some(peer) = ping(datagram, word) {
            return Some(Self::Ping(peer));
        }
        let (head, lines) = match datagram.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&datagram[..end], &datagram[end + 1..]),
            None => return None,
        };
        let (kind, rest) = std::str::from_utf8(head).ok()?.split_once(' ')?;
        match kind {
            "hello" if lines.is_empty() => peer(rest).map(Self::Hello),
            "clock" if lines.is_empty() => peer(rest).map(Self::Clock),
            "leave" if lines.is_empty() => peer(rest).map(Self::Leave),
            "heard" => heard(rest, lines),
            _ => None,
        }
    }

    /// Appends the datagram that says this.
    pub fn write(&self, word: &str, out: &mut Vec<u8>) {
        match self {
            Self::Ping(peer) => out.extend_from_slice(format!("{word} {peer}\n").as_bytes()),
            Self::Hello(peer) => out.extend_from_slice(format!("hello {peer}\n").as_bytes()),
            Self::Clock(peer) => out.extend_from_slice(format!("clock {peer}\n").as_bytes()),
            Self::Leave(peer) => out.extend_from_slice(format!("leave {peer}\n").as_bytes()),
            Self::Heard { id, time_ms, address, lines } => {
                out.extend_from_slice(format!("heard {id} {time_ms} {address}\n").as_bytes());
                out.extend_from_slice(lines);
            }
        }
    }
}

/// Who sent a ping; `None` for one of a foreign monitor.
pub fn ping(datagram: &[u8], word: &str) -> Option<Peer> {
    let line = datagram.strip_suffix(b"\n")?;
    peer(std::str::from_utf8(line).ok()?.strip_prefix(word)?.strip_prefix(' ')?)
}

fn peer(text: &str) -> Option<Peer> {
    let (id, period) = text.split_once(' ')?;
    let period_ms = decimal(period)?;
    (1..=PERIOD_MS_MAX).contains(&period_ms).then_some(Peer { id: id.parse().ok()?, period_ms })
}

fn heard<'a>(text: &str, lines: &'a [u8]) -> Option<Message<'a>> {
    let mut words = text.split(' ');
    let (id, time, address) = (words.next()?, words.next()?, words.next()?);
    let time_ms = i64::try_from(decimal(time)?).ok()?;
    let message = Message::Heard { id: id.parse().ok()?, time_ms, address: address.parse().ok()?, lines };
    words.next().is_none().then_some(message)
}

/// A number without sign, blanks or leading zeros, so that there is one way to say each thing.
fn decimal(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
