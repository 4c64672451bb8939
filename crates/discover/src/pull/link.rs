//! A connection to a service with a deadline over everything and a bound on what may come.

use super::Error;
use super::tls::{self, Secure};
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Most bytes a service may say in one pull.
pub(super) const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 64 << 10;
/// How much is read at once, in bytes.
const READ_BYTES: usize = 8 << 10;

/// What carries bytes to a service and back.
pub trait Wire: Read + Write + Send {
    /// From now on a read or a write takes at most this long.
    ///
    /// # Errors
    /// When the system refuses.
    fn limit(&mut self, within: Duration) -> io::Result<()>;

    /// The same with TLS over it.
    ///
    /// # Errors
    /// When it can have none, or the other side is not whom we trust.
    fn secure(self: Box<Self>, how: &Secure<'_>) -> Result<Box<dyn Wire>, Error>;
}

impl Wire for TcpStream {
    fn limit(&mut self, within: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(within))?;
        self.set_write_timeout(Some(within))
    }

    fn secure(self: Box<Self>, how: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
        tls::over(self, how)
    }
}

impl Wire for UnixStream {
    fn limit(&mut self, within: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(within))?;
        self.set_write_timeout(Some(within))
    }

    fn secure(self: Box<Self>, how: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
        tls::over(self, how)
    }
}

impl Wire for File {
    fn limit(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }

    fn secure(self: Box<Self>, _: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
        Err(Error::Connect("that is a file, which speaks no TLS".to_owned()))
    }
}

/// A connection.
pub(super) struct Link {
    wire: Box<dyn Wire>,
    deadline: Instant,
    /// How many bytes may still come.
    left: usize,
    input: Vec<u8>,
    at: usize,
}

impl Link {
    pub(super) fn new(wire: Box<dyn Wire>, deadline: Instant) -> Self {
        Self { wire, deadline, left: ANSWER_BYTES_MAX, input: Vec::new(), at: 0 }
    }

    /// The same with TLS over it.
    pub(super) fn secure(self, how: &Secure<'_>) -> Result<Self, Error> {
        // What came before may be from anybody on the way, and must not be taken for something that was protected.
        if self.at < self.input.len() {
            return Err(Error::malformed("it spoke before TLS began"));
        }
        Ok(Self { wire: self.wire.secure(how)?, ..self })
    }

    /// Starts another pull over the same connection; memory that a long answer took is given back.
    pub(super) fn renew(&mut self, deadline: Instant) {
        self.deadline = deadline;
        self.left = ANSWER_BYTES_MAX;
        self.drop_used();
        self.input.shrink_to(READ_BYTES);
    }

    fn limit(&mut self) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // Shorter times are rounded to none by some systems, which means for ever.
        self.wire.limit(left.max(Duration::from_millis(1)))
    }

    /// Sends all of `bytes`.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.write_all(bytes)?)
    }

    /// The next line without its end.
    pub(super) fn line(&mut self) -> Result<&[u8], Error> {
        let mut seen = 0;
        loop {
            let found = self.input[self.at + seen..].iter().position(|&b| b == b'\n');
            if let Some(len) = found.map(|at| seen + at) {
                let line = &self.input[self.at..self.at + len];
                self.at += len + 1;
                return Ok(line.strip_suffix(b"\r").unwrap_or(line));
            }
            seen = self.input.len() - self.at;
            if seen > LINE_BYTES_MAX {
                return Err(Error::TooLong(LINE_BYTES_MAX));
            }
            self.fill()?;
        }
    }

    /// The next line as text.
    pub(super) fn text_line(&mut self) -> Result<&str, Error> {
        std::str::from_utf8(self.line()?).map_err(|_| Error::malformed("a line that is not UTF-8"))
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> Result<&[u8], Error> {
        if len > ANSWER_BYTES_MAX {
            return Err(Error::TooLong(ANSWER_BYTES_MAX));
        }
        while self.input.len() - self.at < len {
            self.fill()?;
        }
        self.at += len;
        Ok(&self.input[self.at - len..self.at])
    }

    /// The next `N` bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        Ok(self.take(N)?.try_into().expect("as long as asked for"))
    }

    /// Everything up to the end of the connection.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, Error> {
        loop {
            match self.fill() {
                Ok(()) => {}
                Err(Error::Closed) => return Ok(self.input.split_off(self.at)),
                Err(e) => return Err(e),
            }
        }
    }

    fn drop_used(&mut self) {
        self.input.drain(..self.at);
        self.at = 0;
    }

    /// Reads some more; an end is an error.
    fn fill(&mut self) -> Result<(), Error> {
        self.drop_used();
        let len = self.input.len();
        self.input.resize(len + READ_BYTES, 0);
        let read = self.read_some(len);
        self.input.truncate(len + *read.as_ref().unwrap_or(&0));
        if read? == 0 { Err(Error::Closed) } else { Ok(()) }
    }

    fn read_some(&mut self, start: usize) -> Result<usize, Error> {
        loop {
            self.limit()?;
            if self.left == 0 {
                return Err(Error::TooLong(ANSWER_BYTES_MAX));
            }
            let end = self.input.len().min(start + self.left);
            match self.wire.read(&mut self.input[start..end]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    self.left -= read;
                    return Ok(read);
                }
                Err(e) => return Err(e.into()),
            }
        }
    }
}

/// For what reads by itself, such as HTTP. Bytes that were read ahead come first.
impl Read for Link {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.at < self.input.len() {
            let len = to.len().min(self.input.len() - self.at);
            to[..len].copy_from_slice(&self.input[self.at..self.at + len]);
            self.at += len;
            return Ok(len);
        }
        self.limit()?;
        let len = to.len().min(self.left);
        let read = self.wire.read(&mut to[..len])?;
        self.left -= read;
        Ok(read)
    }
}

impl Write for Link {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.limit()?;
        self.wire.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wire.flush()
    }
}
