//! The bytes of a connection, plain or within TLS; nothing here waits.

use rustix::buffer::spare_capacity;
use rustix::io::{Errno, read, writev};
use rustls::ServerConnection;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};

/// How much is read of a TLS connection at once: a record.
const RECORD_BYTES: usize = 16 << 10;

/// See the module's text.
pub(super) struct Socket {
    stream: TcpStream,
    tls: Option<Box<ServerConnection>>,
}

/// What reading gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Got {
    /// Bytes, and whether that was all for now.
    Bytes(usize, bool),
    /// Nothing for now.
    Nothing,
    /// Nothing, ever.
    End,
}

impl Socket {
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self { stream, tls: None }
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// From here on TLS is spoken.
    pub(super) fn secure(&mut self, session: ServerConnection) {
        self.tls = Some(Box::new(session));
    }

    /// The first byte that came, which stays.
    pub(super) fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        Ok((self.stream.peek(&mut byte)? == 1).then_some(byte[0]))
    }

    /// Appends what has come to a buffer that has room.
    pub(super) fn read(&mut self, into: &mut Vec<u8>) -> io::Result<Got> {
        let Some(tls) = &mut self.tls else {
            let room = into.capacity() - into.len();
            return match read(&self.stream, spare_capacity(into)) {
                Ok(0) => Ok(Got::End),
                Ok(count) => Ok(Got::Bytes(count, count < room)),
                Err(Errno::AGAIN | Errno::INTR) => Ok(Got::Nothing),
                Err(e) => Err(e.into()),
            };
        };
        let before = into.len();
        into.resize(before + RECORD_BYTES, 0);
        let got = read_tls(tls, &mut self.stream, &mut into[before..]);
        let count = if let Ok(Got::Bytes(count, _)) = got { count } else { 0 };
        into.truncate(before + count);
        got
    }

    /// Goes on with the handshake; the session when it is over.
    pub(super) fn shake(&mut self) -> io::Result<Option<&ServerConnection>> {
        let Some(tls) = &mut self.tls else { return Ok(None) };
        loop {
            flush(tls, &mut self.stream)?;
            if !tls.is_handshaking() || tls.wants_write() {
                break;
            }
            match tls.read_tls(&mut self.stream) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => process(tls, &mut self.stream)?,
                Err(e) if is_wait(&e) => break,
                Err(e) => return Err(e),
            }
        }
        Ok((!tls.is_handshaking()).then_some(&**tls))
    }

    /// Sends of these as much as is taken; 0 when nothing is taken for now.
    pub(super) fn write(&mut self, slices: [&[u8]; 2]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            let written = match slices {
                [one, []] => rustix::io::write(&self.stream, one),
                [one, other] => writev(&self.stream, &[IoSlice::new(one), IoSlice::new(other)]),
            };
            return match written {
                Ok(count) => Ok(count),
                Err(Errno::AGAIN | Errno::INTR) => Ok(0),
                Err(e) => Err(e.into()),
            };
        };
        // What does not fit into the session's buffer waits here, so that it is not held twice.
        if !flush(tls, &mut self.stream)? {
            return Ok(0);
        }
        let slice = if slices[0].is_empty() { slices[1] } else { slices[0] };
        tls.writer().write(slice)
    }

    /// Whether everything that was written is on its way.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        self.tls.as_mut().map_or(Ok(true), |tls| flush(tls, &mut self.stream))
    }

    /// Says that nothing more will be sent. What cannot be sent at once is not: the other side is told by the end.
    pub(super) fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            let _ = flush(tls, &mut self.stream);
        }
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}

fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

fn flush(tls: &mut ServerConnection, stream: &mut TcpStream) -> io::Result<bool> {
    while tls.wants_write() {
        match tls.write_tls(stream) {
            Ok(_) => {}
            Err(e) if is_wait(&e) => return Ok(false),
            Err(e) => return Err(e),
        }
    }
    Ok(true)
}

fn process(tls: &mut ServerConnection, stream: &mut TcpStream) -> io::Result<()> {
    if let Err(e) = tls.process_new_packets() {
        // The other side is told what it did wrong, if it listens.
        let _ = flush(tls, stream);
        return Err(io::Error::new(ErrorKind::InvalidData, e));
    }
    Ok(())
}

fn read_tls(tls: &mut ServerConnection, stream: &mut TcpStream, into: &mut [u8]) -> io::Result<Got> {
    loop {
        match tls.reader().read(into) {
            Ok(0) => return Ok(Got::End),
            // There may be more in the session, of which the kernel does not tell.
            Ok(count) => return Ok(Got::Bytes(count, false)),
            Err(e) if is_wait(&e) => {}
            Err(e) => return Err(e),
        }
        match tls.read_tls(stream) {
            Ok(0) => return Ok(Got::End),
            Ok(_) => process(tls, stream)?,
            Err(e) if is_wait(&e) => return Ok(Got::Nothing),
            Err(e) => return Err(e),
        }
    }
}
