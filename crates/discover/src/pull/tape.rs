//! What services said, played again and recorded: for tests that need no service, and for reports of what went wrong.

use super::dial::Dial;
use super::link::Wire;
use super::tls::Secure;
use super::{Address, Error, Target};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a service said, a connection each; what is said to it is forgotten.
#[derive(Debug, Default)]
pub struct Tapes(pub VecDeque<Vec<u8>>);

struct Tape(Cursor<Vec<u8>>);

impl Dial for Tapes {
    fn dial(&mut self, _: &Target, _: &Address, _: Instant) -> Result<Box<dyn Wire>, Error> {
        match self.0.pop_front() {
            Some(bytes) => Ok(Box::new(Tape(Cursor::new(bytes)))),
            None => Err(Error::Connect("there is no tape left".into())),
        }
    }
}

impl Read for Tape {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl Write for Tape {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Wire for Tape {
    fn limit(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }

    // On the tape is what was said within.
    fn secure(self: Box<Self>, _: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
        Ok(self)
    }
}

/// Records what is heard over the connections of another: `1.in`, `2.in` … in a folder.
pub struct Recording<D> {
    inner: D,
    folder: PathBuf,
    connections: usize,
}

impl<D> Recording<D> {
    /// Records into `folder`, which is there.
    pub fn new(inner: D, folder: PathBuf) -> Self {
        Self { inner, folder, connections: 0 }
    }
}

struct Recorded {
    wire: Box<dyn Wire>,
    file: File,
}

impl<D: Dial> Dial for Recording<D> {
    fn dial(
        &mut self,
        target: &Target,
        address: &Address,
        deadline: Instant,
    ) -> Result<Box<dyn Wire>, Error> {
        let wire = self.inner.dial(target, address, deadline)?;
        self.connections += 1;
        let file = File::create(self.folder.join(format!("{}.in", self.connections)))?;
        Ok(Box::new(Recorded { wire, file }))
    }
}

impl Read for Recorded {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let len = self.wire.read(to)?;
        self.file.write_all(&to[..len])?;
        Ok(len)
    }
}

impl Write for Recorded {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.wire.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wire.flush()
    }
}

impl Wire for Recorded {
    fn limit(&mut self, within: Duration) -> io::Result<()> {
        self.wire.limit(within)
    }

    fn secure(self: Box<Self>, how: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
        Ok(Box::new(Self { wire: self.wire.secure(how)?, file: self.file }))
    }
}
