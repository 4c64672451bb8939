//! Why a request got no answer.

use std::{fmt, io};

/// Why a request got no answer. Each text says what was being done, so that a person can act on it alone.
#[derive(Debug)]
pub enum Error {
    /// The address or a header of the request is not acceptable; trying again does not help.
    Request(String),
    /// The name has no address, or the name service did not answer.
    Resolve(String),
    /// No address of the host took the connection.
    Connect(String),
    /// Certificates or keys could not be read, or the handshake failed.
    Tls(String),
    /// The connection broke.
    Broken(io::Error),
    /// The peer closed the connection before its answer was complete.
    Closed,
    /// What came is not HTTP.
    Malformed(String),
    /// The answer is longer than allowed, in bytes.
    TooLong(usize),
    /// The request was given up by [`crate::Interrupt`].
    Interrupted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(why) | Self::Resolve(why) | Self::Connect(why) => f.write_str(why),
            Self::Tls(why) => write!(f, "TLS: {why}"),
            // The kernel gave up: nothing that was sent was acknowledged, or no probe answered.
            Self::Broken(e) if e.kind() == io::ErrorKind::TimedOut => f.write_str("the link is dead"),
            Self::Broken(e) if e.kind() == io::ErrorKind::WouldBlock => {
                f.write_str("the server did not answer in time")
            }
            Self::Broken(e) => write!(f, "the connection broke: {e}"),
            Self::Closed => f.write_str("the server closed the connection without an answer"),
            Self::Malformed(what) => write!(f, "the answer is not HTTP: {what}"),
            Self::TooLong(max) => write!(f, "the answer is longer than {max} bytes"),
            Self::Interrupted => f.write_str("given up because we are stopping"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Broken(error),
        }
    }
}
