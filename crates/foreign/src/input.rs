//! What is read: a file, a folder that is one thing (a Prometheus block), or a stream such as standard input.

use crate::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How much of a file's start a format may look at to recognise it, in bytes.
pub const HEAD_BYTES: usize = 64 << 10;

/// How much of a file's end a format may look at, in bytes.
pub const TAIL_BYTES: usize = 64;

/// What a format sees when it is asked whether something is its own.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// Where it lies; `-` for a stream.
    pub path: &'a Path,
    /// It is a folder, and `head` is empty.
    pub is_folder: bool,
    /// The first bytes, at most [`HEAD_BYTES`].
    pub head: &'a [u8],
    /// The last bytes, at most [`TAIL_BYTES`]; empty for a stream.
    pub tail: &'a [u8],
}

impl Sight<'_> {
    /// Whether the path ends in one of these, in any case (`.rrd`, `.csv`).
    pub fn ends_in(&self, endings: &[&str]) -> bool {
        let name =
            self.path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        endings.iter().any(|ending| name.ends_with(ending))
    }
}

/// What is read.
pub struct Input {
    path: PathBuf,
    below: PathBuf,
    reader: Option<BufReader<Box<dyn Read>>>,
    tail: Vec<u8>,
}

impl Input {
    /// The file or folder at `path`. `below` is the same path seen from the folder that the user named, by which
    /// trees of files name their metrics (`servers/web1/load.wsp`).
    pub fn at(path: &Path, below: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
        let (mut reader, mut tail) = (None, Vec::new());
        if !metadata.is_dir() {
            let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
            // A pipe has no end to look at.
            if metadata.is_file() {
                tail = read_tail(&mut file).map_err(|e| Error::io(path, e))?;
            }
            reader = Some(buffered(Box::new(file)));
        }
        Ok(Self { path: path.to_owned(), below: below.to_owned(), reader, tail })
    }

    /// A stream without a path.
    pub fn stream(reader: Box<dyn Read>) -> Self {
        let path = PathBuf::from("-");
        Self { below: path.clone(), path, reader: Some(buffered(reader)), tail: Vec::new() }
    }

    /// Where it lies; `-` for a stream.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it lies seen from the folder that the user named.
    pub fn below(&self) -> &Path {
        &self.below
    }

    /// What formats may look at. Reading is not disturbed by it.
    pub fn sight(&mut self) -> Result<Sight<'_>, Error> {
        let path = &self.path;
        match &mut self.reader {
            None => Ok(Sight { path, is_folder: true, head: &[], tail: &[] }),
            Some(reader) => {
                let head = reader.fill_buf().map_err(|e| Error::io(path, e))?;
                Ok(Sight { path, is_folder: false, head, tail: &self.tail })
            }
        }
    }

    /// The bytes as a stream.
    pub fn lines(&mut self) -> Result<&mut dyn BufRead, Error> {
        let path = &self.path;
        match &mut self.reader {
            Some(reader) => Ok(reader),
            None => Err(Error::malformed(path, "is a folder")),
        }
    }

    /// Everything, at most `bytes_max`; for formats that must be seen whole.
    pub fn bytes(&mut self, bytes_max: u64) -> Result<Vec<u8>, Error> {
        let path = self.path.clone();
        let mut bytes = Vec::new();
        let read = self.lines()?.take(bytes_max + 1).read_to_end(&mut bytes);
        read.map_err(|e| Error::io(&path, e))?;
        if bytes.len() as u64 > bytes_max {
            return Err(Error::malformed(&path, format!("is larger than {bytes_max} bytes")));
        }
        Ok(bytes)
    }
}

/// The last bytes of a file, which is left at its start.
fn read_tail(file: &mut File) -> io::Result<Vec<u8>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES as u64)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    Ok(tail)
}

fn buffered(reader: Box<dyn Read>) -> BufReader<Box<dyn Read>> {
    BufReader::with_capacity(HEAD_BYTES, reader)
}

/// Reads one line with its end, at most `bytes_max` of it; the rest of a longer one is passed over and its length told.
/// `Ok(None)` at the end of the input.
pub(crate) fn read_line(
    reader: &mut dyn BufRead,
    line: &mut Vec<u8>,
    bytes_max: usize,
) -> io::Result<Option<usize>> {
    line.clear();
    let mut length = 0;
    loop {
        let buffer = match reader.fill_buf() {
            // A signal came; whoever wants us to stop says so when a parcel is handed over.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if buffer.is_empty() {
            return Ok((length > 0).then_some(length));
        }
        let end = buffer.iter().position(|b| *b == b'\n');
        let taken = end.map_or(buffer.len(), |at| at + 1);
        let room = bytes_max.saturating_sub(line.len());
        line.extend_from_slice(&buffer[..taken.min(room)]);
        length += taken;
        reader.consume(taken);
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}
