//! A file of the kernel that stays open and is read from its start every time, which is two to three times cheaper
//! than opening it again.

use crate::Error;
use crate::telemetry;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, pread};
use std::path::PathBuf;

/// Longest file that is read, in bytes; the rest is left out and counted. `/proc/stat` of 1,000 cores has 200 kB.
pub const FILE_BYTES_MAX: usize = 1 << 20;
/// Least room a read is given. Files made of many records hand over about a page at a time whatever they are given.
const ROOM_BYTES_MIN: usize = 4096;

/// How many reads of a file that was not there are answered without looking for it again.
const ABSENT_READS: u8 = 9;

/// A path and, once read, its descriptor.
#[derive(Debug)]
pub struct KeptFile {
    path: PathBuf,
    descriptor: Option<OwnedFd>,
    /// Reads still to be answered by its absence.
    absent_reads: u8,
}

impl KeptFile {
    /// A file that is opened when first read.
    pub fn new(path: PathBuf) -> Self {
        Self { path, descriptor: None, absent_reads: 0 }
    }

    /// Reads the whole file into `buffer`, replacing what it held.
    pub fn read<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Error> {
        self.attempt(buffer).map_err(|error| self.error(error))?;
        Ok(buffer)
    }

    /// As [`KeptFile::read`], but `None` when there is no such file: a kernel without the feature. It is looked for
    /// again at every tenth read, so that what a host lacks costs nothing.
    pub fn read_if_there<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Option<&'b [u8]>, Error> {
        if self.absent_reads > 0 {
            self.absent_reads -= 1;
            return Ok(None);
        }
        match self.attempt(buffer) {
            Ok(()) => Ok(Some(buffer)),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::OPNOTSUPP | Errno::NODEV) => {
                self.absent_reads = ABSENT_READS;
                Ok(None)
            }
            Err(error) => Err(self.error(error)),
        }
    }

    /// Forgets the descriptor: for a file that is replaced, not rewritten, when it changes.
    pub fn reopen(&mut self) -> &mut Self {
        self.descriptor = None;
        self
    }

    /// The error of a file that lacks what it should hold.
    pub fn malformed(&self, wanted: &'static str) -> Error {
        Error::Malformed { path: self.path.clone(), wanted }
    }

    /// The descriptor, opened if need be; `None` when it cannot be.
    pub fn descriptor(&mut self) -> Option<&OwnedFd> {
        self.open().ok()
    }

    fn error(&self, error: Errno) -> Error {
        Error::Read { path: self.path.clone(), source: error.into() }
    }

    fn open(&mut self) -> Result<&OwnedFd, Errno> {
        if self.descriptor.is_none() {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            self.descriptor = Some(openat(CWD, &self.path, flags, Mode::empty())?);
        }
        Ok(self.descriptor.as_ref().expect("opened above"))
    }

    // A descriptor that fails is closed: the device or module behind it may have come back as another.
    fn attempt(&mut self, buffer: &mut Vec<u8>) -> Result<(), Errno> {
        let outcome = self.open().and_then(|descriptor| read_all(descriptor, buffer));
        if outcome.is_err() {
            self.descriptor = None;
        }
        outcome
    }
}

/// Reads a file from its start to its end, or to [`FILE_BYTES_MAX`], into `buffer`.
pub(crate) fn read_all(descriptor: &OwnedFd, buffer: &mut Vec<u8>) -> Result<(), Errno> {
    buffer.clear();
    loop {
        if buffer.capacity() - buffer.len() < ROOM_BYTES_MIN {
            buffer.reserve(ROOM_BYTES_MIN.max(buffer.capacity()));
        }
        let offset = buffer.len() as u64;
        match pread(descriptor, spare_capacity(buffer), offset) {
            Ok(0) => return Ok(()),
            Ok(_) if buffer.len() >= FILE_BYTES_MAX => {
                buffer.truncate(FILE_BYTES_MAX);
                telemetry::FILES_CUT.add(1);
                return Ok(());
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
