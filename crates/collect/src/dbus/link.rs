//! The stream under a conversation, which ends when its time is up.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// A socket, or the recording of what one said.
#[derive(Debug)]
pub enum Link {
    /// Until the deadline.
    Live(UnixStream, Instant),
    /// What is said to it is forgotten.
    Recorded(File),
}

impl Link {
    pub(super) fn open(path: &Path, is_live: bool, within: Duration) -> io::Result<Self> {
        if is_live {
            return Ok(Self::Live(UnixStream::connect(path)?, Instant::now() + within));
        }
        Ok(Self::Recorded(File::open(path)?))
    }
}

fn left(deadline: Instant) -> io::Result<Option<Duration>> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(Some(left)) }
}

impl Read for Link {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Live(stream, deadline) => {
                stream.set_read_timeout(left(*deadline)?)?;
                stream.read(to)
            }
            Self::Recorded(file) => file.read(to),
        }
    }
}

impl Write for Link {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        match self {
            Self::Live(stream, deadline) => {
                stream.set_write_timeout(left(*deadline)?)?;
                stream.write(from)
            }
            Self::Recorded(_) => Ok(from.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
