//! A disk in memory that fails on command.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use stdx::disk::{Append, Disk, Entry, ReadAt};

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Bytes that still fit; a write that does not fit is written in part.
    room: Option<usize>,
    /// What every read ends in.
    read_error: Option<ErrorKind>,
    syncs: usize,
}

/// Clones are the same disk.
#[derive(Clone, Default)]
pub(super) struct TestDisk(Arc<Mutex<State>>);

impl TestDisk {
    /// Leaves room for so many more bytes; `None` for all that come.
    pub(super) fn set_room(&self, room: Option<usize>) {
        self.0.lock().unwrap().room = room;
    }

    pub(super) fn fail_reads(&self, error: Option<ErrorKind>) {
        self.0.lock().unwrap().read_error = error;
    }

    pub(super) fn syncs(&self) -> usize {
        self.0.lock().unwrap().syncs
    }

    /// Names and contents of the files below `folder`.
    pub(super) fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let state = self.0.lock().unwrap();
        let below = state.files.iter().filter(|(path, _)| path.parent() == Some(Path::new(folder)));
        below.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    }

    /// Changes a file behind everyone's back.
    pub(super) fn change(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.0.lock().unwrap().files.get_mut(path).unwrap());
    }

    pub(super) fn remove(&self, path: &Path) {
        self.0.lock().unwrap().files.remove(path);
    }
}

impl State {
    fn missing(path: &Path) -> Error {
        Error::new(ErrorKind::NotFound, format!("{}: not found", path.display()))
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let fits = self.room.unwrap_or(usize::MAX).min(bytes.len());
        let file = self.files.get_mut(path).ok_or_else(|| Self::missing(path))?;
        file.extend_from_slice(&bytes[..fits]);
        self.room = self.room.map(|room| room - fits);
        if fits < bytes.len() { Err(Error::new(ErrorKind::StorageFull, "no space left")) } else { Ok(()) }
    }
}

struct File(TestDisk, PathBuf);

impl Append for File {
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.0.lock().unwrap().write(&self.1, bytes)
    }

    fn sync(&mut self) -> Result<()> {
        self.0.0.lock().unwrap().syncs += 1;
        Ok(())
    }

    fn truncate(&mut self, _: u64) -> Result<()> {
        Err(Error::new(ErrorKind::ReadOnlyFilesystem, "read-only file system"))
    }

    fn len(&self) -> Result<u64> {
        Ok(self.0.0.lock().unwrap().files[&self.1].len() as u64)
    }
}

impl ReadAt for File {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let state = self.0.0.lock().unwrap();
        if let Some(error) = state.read_error {
            return Err(Error::new(error, "the medium failed"));
        }
        let file = state.files.get(&self.1).ok_or_else(|| State::missing(&self.1))?;
        let from = offset as usize;
        let bytes = file.get(from..from + buf.len()).ok_or(ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(bytes);
        Ok(())
    }

    fn len(&self) -> Result<u64> {
        Append::len(self)
    }
}

impl Disk for TestDisk {
    fn create(&self, path: &Path) -> Result<Box<dyn Append>> {
        let mut state = self.0.lock().unwrap();
        if state.room == Some(0) {
            return Err(Error::new(ErrorKind::StorageFull, "no space left"));
        }
        if state.files.insert(path.to_owned(), Vec::new()).is_some() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        Ok(Box::new(File(self.clone(), path.to_owned())))
    }

    fn append(&self, path: &Path) -> Result<Box<dyn Append>> {
        Ok(Box::new(File(self.clone(), path.to_owned())))
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn ReadAt>> {
        match self.0.lock().unwrap().files.contains_key(path) {
            true => Ok(Arc::new(File(self.clone(), path.to_owned()))),
            false => Err(State::missing(path)),
        }
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>> {
        let state = self.0.lock().unwrap();
        state.files.get(path).cloned().ok_or_else(|| State::missing(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        let bytes = state.files.remove(from).ok_or_else(|| State::missing(from))?;
        state.files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        let bytes = state.files.remove(path).ok_or_else(|| State::missing(path))?;
        state.room = state.room.map(|room| room + bytes.len());
        Ok(())
    }

    fn remove_dir_all(&self, _: &Path) -> Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn create_dir_all(&self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn list(&self, path: &Path) -> Result<Vec<Entry>> {
        let entry = |(path, bytes): (PathBuf, Vec<u8>)| Entry {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            len_bytes: bytes.len() as u64,
            is_dir: false,
            path,
        };
        Ok(self.files(path.to_str().unwrap()).into_iter().map(entry).collect())
    }

    fn sync_dir(&self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn free_bytes(&self, _: &Path) -> Result<u64> {
        Ok(u64::MAX)
    }
}
