//! As much of D-Bus as asking takes (D-Bus Specification, "Message Protocol", "Authentication Protocol"): connect, call
//! a method with texts, read the answer piece by piece as it comes, so that a long one needs no room.

mod incoming;
mod link;
mod outgoing;

pub use incoming::{Header, Incoming};
pub use outgoing::Call;

use crate::Host;
use link::Link;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Where the system's bus listens.
const BUS: &str = "run/dbus/system_bus_socket";
/// Where systemd itself listens, for root only: machines without a bus.
const PRIVATE: &str = "run/systemd/private";
/// Longest line of the greeting, in bytes.
const LINE_BYTES_MAX: usize = 512;

/// Why a question got no answer.
#[derive(Debug)]
pub enum DbusError {
    /// The connection failed or was silent.
    Io(io::Error),
    /// The answer is not D-Bus, or not what was asked for.
    Malformed(&'static str),
    /// The other side said no: the name of its error.
    Refused(String),
}

impl fmt::Display for DbusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::WouldBlock => f.write_str("no answer in time"),
            Self::Io(error) => write!(f, "{error}"),
            Self::Malformed(what) => write!(f, "the answer is malformed: {what}"),
            Self::Refused(name) => write!(f, "refused: {name}"),
        }
    }
}

impl std::error::Error for DbusError {}

impl From<io::Error> for DbusError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A connection to the system's bus or, without one, to systemd.
#[derive(Debug)]
pub struct Bus {
    incoming: Incoming<Link>,
    serial: u32,
}

impl Bus {
    /// Where a host listens that has one.
    pub fn places(host: &Host) -> [PathBuf; 2] {
        [BUS, PRIVATE].map(|path| host.path(path))
    }

    /// Connects; everything said and heard together may take `within`.
    pub fn connect(host: &Host, within: Duration) -> Result<Self, DbusError> {
        let has_bus = host.path(BUS).exists();
        let path = host.path(if has_bus { BUS } else { PRIVATE });
        let link = Link::open(&path, host.has_kernel, within)?;
        let mut bus = Self { incoming: Incoming::new(link), serial: 0 };
        bus.greet()?;
        if has_bus {
            // The bus lets nobody speak who has not said so.
            let hello = Call {
                destination: "org.freedesktop.DBus",
                path: "/org/freedesktop/DBus",
                interface: "org.freedesktop.DBus",
                member: "Hello",
                arguments: &[],
            };
            let serial = bus.call(&hello)?;
            bus.answer(serial)?;
        }
        Ok(bus)
    }

    /// Sends a call; returns the number its answer will bear. Several may be sent before the first answer is read.
    pub fn call(&mut self, call: &Call<'_>) -> Result<u32, DbusError> {
        self.serial += 1;
        self.incoming.link().write_all(&call.encode(self.serial))?;
        Ok(self.serial)
    }

    /// Waits for the answer of this number and gives what it holds, to be read before anything else is done.
    pub fn answer(&mut self, serial: u32) -> Result<&mut Incoming<Link>, DbusError> {
        loop {
            let header = self.incoming.next_message()?;
            if header.answers == serial && header.is_error {
                return Err(DbusError::Refused(header.error));
            }
            if header.answers == serial && header.is_answer {
                return Ok(&mut self.incoming);
            }
        }
    }

    fn greet(&mut self) -> Result<(), DbusError> {
        // A user is named by the hexadecimal form of the digits of its number.
        let user = rustix::process::geteuid().as_raw().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        let link = self.incoming.link();
        link.write_all(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes())?;
        let mut line = Vec::new();
        while !line.ends_with(b"\n") && line.len() < LINE_BYTES_MAX {
            let mut byte = [0];
            link.read_exact(&mut byte)?;
            line.push(byte[0]);
        }
        if !line.starts_with(b"OK ") {
            return Err(DbusError::Refused(String::from_utf8_lossy(&line).trim().to_owned()));
        }
        Ok(link.write_all(b"BEGIN\r\n")?)
    }
}

#[cfg(test)]
mod tests;
