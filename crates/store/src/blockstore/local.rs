//! Blocks in a folder. Whoever opens it holds the store's lock, so conditions need no help from the file system.

use super::{BlockStore, Object, SwapError, Upload, Version, copy_bytes};
use crate::names;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stdx::disk::{Append, Disk, Entry, ReadAt, write_atomically};

/// Open files kept for reading.
const FILES_MAX: usize = 256;

/// A folder on a disk.
pub(crate) struct LocalBlocks {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    files: Mutex<HashMap<String, Arc<dyn ReadAt>>>,
}

impl LocalBlocks {
    /// Opens a folder that exists, and removes what an earlier life left unfinished in its folder of blocks.
    pub(crate) fn open(disk: Arc<dyn Disk>, dir: &Path) -> io::Result<Self> {
        let blocks = Self { disk, dir: dir.to_owned(), files: Mutex::default() };
        for entry in blocks.entries(&dir.join(names::BLOCKS))? {
            blocks.clear(&entry)?;
        }
        Ok(blocks)
    }

    /// Removes a folder with nothing finished in it, and unfinished files.
    fn clear(&self, entry: &Entry) -> io::Result<()> {
        if !entry.is_dir {
            return Ok(());
        }
        if names::is_unfinished(&entry.name) {
            return self.disk.remove_dir_all(&entry.path);
        }
        let (unfinished, rest): (Vec<Entry>, Vec<Entry>) =
            self.entries(&entry.path)?.into_iter().partition(|file| is_unfinished_file(&file.name));
        if rest.is_empty() && names::block_sequence(&entry.name).is_some() {
            return self.disk.remove_dir_all(&entry.path);
        }
        unfinished.iter().try_for_each(|file| self.disk.remove_file(&file.path))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.dir.join(key)
    }

    fn files(&self) -> MutexGuard<'_, HashMap<String, Arc<dyn ReadAt>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, key: &str) -> io::Result<Arc<dyn ReadAt>> {
        if let Some(file) = self.files().get(key) {
            return Ok(Arc::clone(file));
        }
        let file = self.disk.open(&self.path(key))?;
        let mut files = self.files();
        if files.len() >= FILES_MAX {
            files.clear();
        }
        files.insert(key.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    /// What is in a folder; nothing when it is missing.
    fn entries(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        match self.disk.list(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed,
        }
    }

    fn walk(&self, folder: &Path, key: &str, found: &mut Vec<Object>) -> io::Result<()> {
        for entry in self.entries(folder)? {
            let key = format!("{key}{}", entry.name);
            if entry.is_dir {
                self.walk(&entry.path, &format!("{key}/"), found)?;
            } else if !is_unfinished_file(&entry.name) {
                found.push(Object { key, len_bytes: entry.len_bytes });
            }
        }
        Ok(())
    }

    /// Makes the names in a folder durable, and those of the folders above it, which may be new.
    fn sync_up(&self, folder: &Path) -> io::Result<()> {
        let mut folders = folder.ancestors().take_while(|folder| folder.starts_with(&self.dir));
        folders.try_for_each(|folder| self.disk.sync_dir(folder))
    }

    fn remove(&self, key: &str) -> io::Result<()> {
        self.files().retain(|name, _| name != key && !(key.ends_with('/') && name.starts_with(key)));
        let removed = match key.strip_suffix('/') {
            Some(folder) => self.disk.remove_dir_all(&self.path(folder)),
            None => self.disk.remove_file(&self.path(key)),
        };
        removed.or_else(fine_when_missing)
    }
}

fn fine_when_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

const UNFINISHED_ENDING: &str = ".tmp";

fn is_unfinished_file(name: &str) -> bool {
    name.ends_with(UNFINISHED_ENDING)
}

impl BlockStore for LocalBlocks {
    fn create(&self, key: &str) -> io::Result<Box<dyn Upload>> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.dir).to_owned();
        // A folder made before by an upload that failed may not be durable either.
        self.disk.create_dir_all(&folder)?;
        let unfinished = self.path(&format!("{key}{UNFINISHED_ENDING}"));
        self.disk.remove_file(&unfinished).or_else(fine_when_missing)?;
        let file = self.disk.create(&unfinished)?;
        let (disk, dir, key) = (Arc::clone(&self.disk), self.dir.clone(), key.to_owned());
        Ok(Box::new(LocalUpload { disk, file, unfinished, path, folder, dir, key }))
    }

    fn get(&self, key: &str) -> io::Result<Vec<u8>> {
        self.disk.read(&self.path(key))
    }

    fn read(&self, key: &str, ranges: &[Range<u64>]) -> io::Result<Vec<Vec<u8>>> {
        let file = self.file(key)?;
        let part = |range: &Range<u64>| {
            let mut bytes = vec![0; range.end.saturating_sub(range.start) as usize];
            file.read_exact_at(&mut bytes, range.start)?;
            Ok(bytes)
        };
        ranges.iter().map(part).collect()
    }

    // What was in it is written over and not made zeros first.
    fn read_into(&self, key: &str, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.resize(range.end.saturating_sub(range.start) as usize, 0);
        let read = self.file(key).and_then(|file| file.read_exact_at(bytes, range.start));
        read.inspect_err(|_| bytes.clear())
    }

    fn len_bytes(&self, key: &str) -> io::Result<u64> {
        self.file(key)?.len()
    }

    fn list_after(&self, prefix: &str, after: Option<&str>, max: usize) -> io::Result<Vec<Object>> {
        let (folder, _) = prefix.rsplit_once('/').unwrap_or(("", prefix));
        let mut found = Vec::new();
        if !folder.is_empty() {
            self.walk(&self.path(folder), &format!("{folder}/"), &mut found)?;
        }
        found.retain(|object| {
            object.key.starts_with(prefix) && after.is_none_or(|after| *object.key > *after)
        });
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found.truncate(max);
        Ok(found)
    }

    fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        let path = self.path(to);
        let folder = path.parent().unwrap_or(&self.dir).to_owned();
        self.disk.create_dir_all(&folder)?;
        match self.disk.link(&self.path(from), &path) {
            Ok(()) => self.sync_up(&folder),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => copy_bytes(self, from, to),
            Err(error) => Err(error),
        }
    }

    fn get_ptr(&self, key: &str) -> io::Result<Option<(Vec<u8>, Version)>> {
        match self.disk.read(&self.path(key)) {
            Ok(body) => Ok(Some((body.clone(), Version(body)))),
            Err(error) => fine_when_missing(error).map(|()| None),
        }
    }

    fn swap_ptr(&self, key: &str, body: &[u8], was: Option<&Version>) -> Result<Version, SwapError> {
        let now = self.get_ptr(key).map_err(SwapError::Unknown)?;
        if now.as_ref().map(|(_, version)| version) != was {
            return Err(SwapError::Conflict);
        }
        write_atomically(&*self.disk, &self.path(key), body).map_err(SwapError::Unknown)?;
        Ok(Version(body.to_vec()))
    }

    fn delete(&self, keys: &[String]) -> io::Result<()> {
        keys.iter().try_for_each(|key| self.remove(key))
    }

    fn set_aside(&self, key: &str) -> io::Result<()> {
        let key = key.trim_end_matches('/');
        self.files().retain(|name, _| !name.starts_with(key));
        let from = self.path(key);
        let quarantine = self.dir.join(names::QUARANTINE);
        self.disk.create_dir_all(&quarantine)?;
        let name = key.rsplit_once('/').map_or(key, |(_, name)| name);
        self.disk.rename(&from, &quarantine.join(name)).or_else(fine_when_missing)?;
        self.disk.sync_dir(&quarantine)?;
        self.disk.sync_dir(from.parent().unwrap_or(&self.dir))
    }
}

/// A file under a name that is not listed.
struct LocalUpload {
    disk: Arc<dyn Disk>,
    file: Box<dyn Append>,
    unfinished: PathBuf,
    path: PathBuf,
    folder: PathBuf,
    /// The folder of the block store, up to which folders may be new.
    dir: PathBuf,
    key: String,
}

impl Upload for LocalUpload {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.file.sync()?;
        match self.disk.open(&self.path) {
            Ok(_) => {
                let _ = self.disk.remove_file(&self.unfinished); // opening removes it
                let what = format!("{}: there is one already", self.key);
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, what));
            }
            Err(error) => fine_when_missing(error)?,
        }
        self.disk.rename(&self.unfinished, &self.path)?;
        let folders = self.folder.ancestors().take_while(|folder| folder.starts_with(&self.dir));
        folders.into_iter().try_for_each(|folder| self.disk.sync_dir(folder))
    }
}
