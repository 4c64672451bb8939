//! A ring in another network: a container's. It is opened by a thread that is there for that moment, and is read from here
//! like any other. A socket keeps its network alive, with all cables in it: who holds the ring has to see when the last
//! process is gone, by its files.

use super::{Options, Problem, Ring};
use crate::limits::RING_BYTES_ELSEWHERE_MAX;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use stdx::elsewhere::{elsewhere, enter_network};

/// The number of the network that a file such as `/proc/PID/ns/net` stands for.
pub(crate) fn number(file: &Path) -> io::Result<u64> {
    Ok(std::fs::metadata(file)?.ino())
}

impl Ring {
    /// Opens a ring in the network of this number, which one of the files stands for. All its interfaces are read, as they
    /// have other names than ours.
    ///
    /// # Errors
    /// As [`Ring::open`]; when no file stands for it any more; without the right to enter it.
    pub fn open_in(
        number: u64,
        files: &[PathBuf],
        options: &Options,
        ports: &[u16],
    ) -> Result<Self, Problem> {
        let file = find(number, files)?;
        let options = Options {
            interface: String::new(),
            ring_bytes: options.ring_bytes.min(RING_BYTES_ELSEWHERE_MAX),
            ..*options
        };
        let opened = elsewhere(|| {
            Ok(enter_network(&file).map_err(Problem::Enter).and_then(|()| Self::open(&options, ports)))
        });
        opened.map_err(|error| Problem::System("no thread to enter a network", error))?
    }
}

/// The first file that still stands for the network. It is looked at once it is open, as a process may have ended and
/// another have got its number.
fn find(number: u64, files: &[PathBuf]) -> Result<File, Problem> {
    let mut closed = None;
    for file in files {
        match File::open(file) {
            Ok(file) if file.metadata().is_ok_and(|it| it.ino() == number) => return Ok(file),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => closed = Some(error),
            _ => {}
        }
    }
    Err(closed.map_or(Problem::Gone, Problem::Enter))
}
