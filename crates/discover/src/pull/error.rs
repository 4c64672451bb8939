//! Why a service gave no numbers.

use std::{fmt, io};

/// Why a service gave no numbers, or not all. Each text says what a person can do about it.
#[derive(Debug)]
pub enum Error {
    /// There is no connection: nobody listens, the socket may not be opened, the name has no address.
    Connect(String),
    /// The time for the whole pull was over.
    Late,
    /// The service closed the connection in the middle.
    Closed,
    /// The connection broke.
    Broken(io::Error),
    /// More came than may, in bytes.
    TooLong(usize),
    /// What came is not what this service says.
    Malformed(String),
    /// The service said no, and perhaps what it needs to say yes.
    Refused(String),
    /// The service does not let us in. Trying again soon only fills its log.
    Denied(String),
    /// The service lets us in over TLS only.
    Insecure(String),
    /// The service is not in a state to answer.
    Unready(String),
}

impl Error {
    /// What came is not what this service says.
    pub(super) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }

    /// Whether the service can still be talked to over the same connection.
    pub(super) fn leaves_link_usable(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Unready(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(why)
            | Self::Refused(why)
            | Self::Denied(why)
            | Self::Unready(why)
            | Self::Insecure(why) => f.write_str(why),
            Self::Late => f.write_str("the service did not answer in time"),
            Self::Closed => f.write_str("the service closed the connection in the middle of an answer"),
            Self::Broken(e) => write!(f, "the connection broke: {e}"),
            Self::TooLong(max) => write!(f, "the answer is longer than {max} bytes"),
            Self::Malformed(what) => write!(f, "the answer is not what such a service says: {what}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            // A socket whose time is over says the one, a deadline that was over before the call the other.
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Late,
            // With TLS 1.3 that comes after the handshake.
            _ if error.to_string().contains("CertificateRequired") => {
                Self::Denied(super::tls::NO_PAPERS.to_owned())
            }
            _ => Self::Broken(error),
        }
    }
}

impl From<net::Error> for Error {
    fn from(error: net::Error) -> Self {
        match error {
            net::Error::Broken(e) => e.into(),
            net::Error::Closed => Self::Closed,
            net::Error::TooLong(max) => Self::TooLong(max),
            net::Error::Malformed(what) => Self::Malformed(format!("not HTTP: {what}")),
            net::Error::Tls(why) => super::tls::failed(&why),
            other => Self::Connect(other.to_string()),
        }
    }
}
