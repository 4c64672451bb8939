//! A capture that is read piece by piece, from a file or a pipe of any length.

use super::{Capture, Frame, Problem, RECORD_BYTES_MAX, Record};
use std::fmt;
use std::io::{self, Read};

/// Bytes read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// Why a capture was not read to its end.
#[derive(Debug)]
pub enum Failure {
    /// The file cannot be read.
    Io(io::Error),
    /// It is not a capture, or not a whole one.
    Capture(Problem),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Capture(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

impl Capture {
    /// Hands every frame of a capture to `frame`, in memory of bounded size.
    ///
    /// # Errors
    /// What ends it early; all frames before were handed out.
    pub fn read(&mut self, mut input: impl Read, mut frame: impl FnMut(Frame<'_>)) -> Result<(), Failure> {
        let mut buffer = vec![0; CHUNK_BYTES];
        let (mut start, mut end) = (0, 0);
        loop {
            match self.next(&buffer[start..end]).map_err(Failure::Capture)? {
                Record::Frame(used, found) => {
                    frame(found);
                    start += used;
                    continue;
                }
                Record::Other(used) if used > 0 || end > start => {
                    start += used;
                    continue;
                }
                Record::Other(_) | Record::More(_) => {}
            }
            buffer.copy_within(start..end, 0);
            (start, end) = (0, end - start);
            if end == buffer.len() {
                buffer.resize((buffer.len() * 2).min(RECORD_BYTES_MAX + CHUNK_BYTES), 0);
            }
            match input.read(&mut buffer[end..]) {
                Ok(0) if end == 0 => return Ok(()),
                Ok(0) => return Err(Failure::Capture(self.cut())),
                Ok(read) => end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::Io(error)),
            }
        }
    }
}
