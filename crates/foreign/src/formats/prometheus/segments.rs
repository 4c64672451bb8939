//! The chunks of a block, in numbered files.
//!
//! ```text
//! file  := 0x85BD40DD u32 BE  version u8 = 1  padding [3]  chunk*
//! chunk := uvarint length  encoding u8  data [length]  crc32c u32 BE (of encoding and data)
//! ```
//!
//! A reference has the file (from 0) in its upper and the byte in its lower 32 bits.

use crate::Error;
use crate::crc32c::crc32c;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use stdx::varint;

const MAGIC: [u8; 4] = [0x85, 0xbd, 0x40, 0xdd];
/// Largest data of a chunk that is believed, in bytes; Prometheus' have some hundred.
const CHUNK_BYTES_MAX: usize = 4 << 20;
/// Bytes read at once: chunks lie in the order in which the series name them.
const WINDOW_BYTES: usize = 256 << 10;
/// Most bytes of a chunk beside its data.
const FRAME_BYTES: usize = 5 + 1 + 4;

/// The files, and the piece of one that was read last.
pub(super) struct Segments {
    files: Vec<(PathBuf, Option<File>)>,
    window: Vec<u8>,
    /// File and byte of the window's start.
    window_at: (usize, u64),
}

impl Segments {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let entries = std::fs::read_dir(folder).map_err(|e| Error::io(folder, e))?;
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|p| p.file_name().is_some_and(|n| n.as_encoded_bytes().iter().all(u8::is_ascii_digit)))
            .collect();
        paths.sort();
        let files = paths.into_iter().map(|path| (path, None)).collect();
        Ok(Self { files, window: Vec::new(), window_at: (usize::MAX, 0) })
    }

    /// Where a reference points, for people.
    pub(super) fn place(&self, reference: u64) -> String {
        let (file, at) = split(reference);
        let path =
            self.files.get(file).map_or_else(|| format!("segment {file}"), |(p, _)| p.display().to_string());
        format!("{path}, byte {at}")
    }

    /// Encoding and data of a chunk. The inner error says what is wrong with this one.
    pub(super) fn chunk(&mut self, reference: u64) -> Result<Result<(u8, &[u8]), &'static str>, Error> {
        let (file, at) = split(reference);
        if file >= self.files.len() {
            return Ok(Err("the segment is not there"));
        }
        if let Err(reason) = self.check_header(file)? {
            return Ok(Err(reason));
        }
        let mut frame = self.bytes(file, at, FRAME_BYTES)?;
        let before = frame.len();
        let Some(length) = varint::read_u64(&mut frame).and_then(|n| usize::try_from(n).ok()) else {
            return Ok(Err("ends early"));
        };
        if length > CHUNK_BYTES_MAX {
            return Ok(Err("a chunk of impossible length"));
        }
        let prefix = before - frame.len();
        let whole = self.bytes(file, at, prefix + 1 + length + 4)?;
        let Some((chunk, checksum)) = whole.get(prefix..).and_then(|c| c.split_last_chunk()) else {
            return Ok(Err("ends early"));
        };
        if chunk.len() != length + 1 {
            return Ok(Err("ends early"));
        }
        if crc32c(&[chunk]) != u32::from_be_bytes(*checksum) {
            return Ok(Err("its checksum is wrong"));
        }
        Ok(Ok((chunk[0], &chunk[1..])))
    }

    /// Opens a file when it is needed for the first time, and looks at its start.
    fn check_header(&mut self, file: usize) -> Result<Result<(), &'static str>, Error> {
        let (path, open) = &mut self.files[file];
        if open.is_none() {
            let file = File::open(&*path).map_err(|e| Error::io(path, e))?;
            let mut header = [0; 5];
            let read = read_at(&file, &mut header, 0).map_err(|e| Error::io(path, e))?;
            if read < header.len() || header[..4] != MAGIC {
                return Ok(Err("not a file of chunks"));
            }
            if header[4] != 1 {
                return Ok(Err("a version that is not known"));
            }
            *open = Some(file);
        }
        Ok(Ok(()))
    }

    /// At most `length` bytes from a place; fewer at the file's end.
    fn bytes(&mut self, file: usize, at: u64, length: usize) -> Result<&[u8], Error> {
        let (window_file, window_at) = self.window_at;
        let end = window_at + self.window.len() as u64;
        let is_there = window_file == file && at >= window_at && at + length as u64 <= end;
        if !is_there {
            let (path, open) = &self.files[file];
            let Some(handle) = open else { return Ok(&[]) };
            self.window.resize(length.max(WINDOW_BYTES), 0);
            let read = read_at(handle, &mut self.window, at).map_err(|e| Error::io(path, e))?;
            self.window.truncate(read);
            self.window_at = (file, at);
        }
        let start = (at - self.window_at.1) as usize;
        Ok(&self.window[start..(start + length).min(self.window.len())])
    }
}

fn split(reference: u64) -> (usize, u64) {
    ((reference >> 32) as usize, reference & 0xffff_ffff)
}

/// Fills the buffer as far as the file goes.
pub(super) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
