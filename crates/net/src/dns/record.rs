//! What a name server tells: records of the kinds that people look after.

use super::message::{Malformed, malformed};
use super::name;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Most strings of a `TXT` record that are read.
const TEXTS_MAX: usize = 64;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// IPv4 addresses.
    A,
    /// Name servers of a zone.
    Ns,
    /// The name that this one stands for.
    Cname,
    /// The start of a zone, with its serial number.
    Soa,
    /// The name of an address; see [`Kind::reverse`].
    Ptr,
    /// Mail servers.
    Mx,
    /// Texts.
    Txt,
    /// IPv6 addresses.
    Aaaa,
    /// Hosts and ports of a service.
    Srv,
}

impl Kind {
    /// All of them, with their numbers and names.
    const TABLE: [(Self, u16, &'static str); 9] = [
        (Self::A, 1, "A"),
        (Self::Ns, 2, "NS"),
        (Self::Cname, 5, "CNAME"),
        (Self::Soa, 6, "SOA"),
        (Self::Ptr, 12, "PTR"),
        (Self::Mx, 15, "MX"),
        (Self::Txt, 16, "TXT"),
        (Self::Aaaa, 28, "AAAA"),
        (Self::Srv, 33, "SRV"),
    ];

    /// The number in a message.
    pub fn number(self) -> u16 {
        Self::TABLE.iter().find(|row| row.0 == self).map_or(0, |row| row.1)
    }

    /// The kind with this number in a message.
    pub fn numbered(number: u16) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.1 == number).map(|row| row.0)
    }

    /// The kind with this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.2.eq_ignore_ascii_case(name)).map(|row| row.0)
    }

    /// The name to ask for with [`Kind::Ptr`] for the name of an address.
    pub fn reverse(address: IpAddr) -> String {
        match address {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(v6) => {
                let digits = v6.octets().into_iter().rev().map(|b| format!("{:x}.{:x}.", b & 15, b >> 4));
                digits.collect::<String>() + "ip6.arpa"
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::TABLE.iter().find(|row| row.0 == *self).map_or("", |row| row.2))
    }
}

/// A line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is; along a chain of `CNAME`s not the name asked for.
    pub name: String,
    /// How long it may be kept, in seconds.
    pub ttl_s: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// `A`.
    A(Ipv4Addr),
    /// `AAAA`.
    Aaaa(Ipv6Addr),
    /// `CNAME`: the name this one stands for.
    Cname(String),
    /// `NS`: a name server.
    Ns(String),
    /// `PTR`: the name of an address.
    Ptr(String),
    /// `MX`: a mail server; lower preferences are tried first.
    Mx {
        /// Its place in the order.
        preference: u16,
        /// Its name.
        host: String,
    },
    /// `TXT`: the strings put together; bytes that are no UTF-8 are replaced.
    Txt(String),
    /// `SOA`: the start of a zone.
    Soa {
        /// Its first name server.
        server: String,
        /// Whom to write to, as a name.
        mail: String,
        /// Grows with each change.
        serial: u32,
        /// After how many seconds secondary servers look for changes.
        refresh_s: u32,
        /// After how many seconds they try again.
        retry_s: u32,
        /// After how many seconds without an answer they stop answering.
        expire_s: u32,
        /// How many seconds "no such name" may be kept.
        minimum_s: u32,
    },
    /// `SRV`: where a service is.
    Srv {
        /// Lower ones first.
        priority: u16,
        /// Among equals, how often.
        weight: u16,
        /// The port.
        port: u16,
        /// The host's name.
        host: String,
    },
}

impl Data {
    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::A(_) => Kind::A,
            Self::Aaaa(_) => Kind::Aaaa,
            Self::Cname(_) => Kind::Cname,
            Self::Ns(_) => Kind::Ns,
            Self::Ptr(_) => Kind::Ptr,
            Self::Mx { .. } => Kind::Mx,
            Self::Txt(_) => Kind::Txt,
            Self::Soa { .. } => Kind::Soa,
            Self::Srv { .. } => Kind::Srv,
        }
    }

    /// The address in it, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::A(v4) => Some(IpAddr::V4(*v4)),
            Self::Aaaa(v6) => Some(IpAddr::V6(*v6)),
            _ => None,
        }
    }

    /// Reads the data of a record of `kind`, which lies at `at..end` of the message.
    pub(super) fn decode(kind: Kind, message: &[u8], at: usize, end: usize) -> Result<Self, Malformed> {
        let mut fields = Fields { message, at, end };
        let data = match kind {
            Kind::A => Self::A(fields.array::<4>()?.into()),
            Kind::Aaaa => Self::Aaaa(fields.array::<16>()?.into()),
            Kind::Cname => Self::Cname(fields.name()?),
            Kind::Ns => Self::Ns(fields.name()?),
            Kind::Ptr => Self::Ptr(fields.name()?),
            Kind::Mx => Self::Mx { preference: fields.u16()?, host: fields.name()? },
            Kind::Txt => Self::Txt(fields.texts()?),
            Kind::Soa => Self::Soa {
                server: fields.name()?,
                mail: fields.name()?,
                serial: fields.u32()?,
                refresh_s: fields.u32()?,
                retry_s: fields.u32()?,
                expire_s: fields.u32()?,
                minimum_s: fields.u32()?,
            },
            Kind::Srv => Self::Srv {
                priority: fields.u16()?,
                weight: fields.u16()?,
                port: fields.u16()?,
                host: fields.name()?,
            },
        };
        if fields.at == end { Ok(data) } else { Err(malformed("a record of another length than it says")) }
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(v4) => write!(f, "{v4}"),
            Self::Aaaa(v6) => write!(f, "{v6}"),
            Self::Cname(name) | Self::Ns(name) | Self::Ptr(name) => f.write_str(name),
            Self::Mx { preference, host } => write!(f, "{preference} {host}"),
            Self::Txt(text) => f.write_str(text),
            Self::Soa { server, mail, serial, refresh_s, retry_s, expire_s, minimum_s } => {
                write!(f, "{server} {mail} {serial} {refresh_s} {retry_s} {expire_s} {minimum_s}")
            }
            Self::Srv { priority, weight, port, host } => write!(f, "{priority} {weight} {port} {host}"),
        }
    }
}

/// The fields of a record, one after the other.
struct Fields<'a> {
    message: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let until = self.at + len;
        let bytes = self.message.get(self.at..until).filter(|_| until <= self.end);
        self.at = until;
        bytes.ok_or_else(|| malformed("a record ends early"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn name(&mut self) -> Result<String, Malformed> {
        let (text, at) = name::decode(self.message, self.at)?;
        self.at = at;
        Ok(text)
    }

    fn texts(&mut self) -> Result<String, Malformed> {
        let mut bytes = Vec::new();
        for _ in 0..TEXTS_MAX {
            if self.at >= self.end {
                break;
            }
            let len = usize::from(self.array::<1>()?[0]);
            bytes.extend_from_slice(self.take(len)?);
        }
        // Whatever more there is, is more than anyone reads.
        self.at = self.end;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
