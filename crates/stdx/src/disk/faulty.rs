//! A disk in memory that misbehaves on purpose: it can refuse the n-th call of a kind, run full, and forget at a power
//! cut whatever was not synced, as strictly as a file system may.
//!
//! A file's bytes are durable up to its last sync; a name is durable once its folder was synced. After a failed sync
//! the bytes that were waiting never become durable, even if a later sync succeeds: the kernel may have dropped them.

mod tree;

use super::{Append, Disk, Entry, Lock, ReadAt};
use crate::random::Random;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tree::{File, Node, Tree};

/// A kind of call that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// [`Disk::create`].
    Create,
    /// [`Disk::append`], [`Disk::open`], [`Disk::read`] and reading at a place.
    Read,
    /// [`Append::write_all`]; half of the bytes are written before it fails.
    Write,
    /// [`Append::sync`].
    Sync,
    /// [`Append::truncate`].
    Truncate,
    /// [`Disk::rename`].
    Rename,
    /// [`Disk::remove_file`] and [`Disk::remove_dir_all`].
    Remove,
    /// [`Disk::create_dir_all`].
    CreateDir,
    /// [`Disk::list`].
    List,
    /// [`Disk::sync_dir`].
    SyncDir,
}

impl Call {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::Read,
        Self::Write,
        Self::Sync,
        Self::Truncate,
        Self::Rename,
        Self::Remove,
        Self::CreateDir,
        Self::List,
        Self::SyncDir,
    ];
}

#[derive(Default)]
struct State {
    tree: Tree,
    /// Handles and locks of an earlier life are dead.
    life: u64,
    locks: HashMap<PathBuf, u64>,
    calls: HashMap<Call, u64>,
    faults: Vec<(Call, u64, io::ErrorKind)>,
    capacity_bytes: Option<u64>,
}

/// A disk in memory; clones share it. See the module's text.
#[derive(Clone, Default)]
pub struct FaultyDisk(Arc<Mutex<State>>);

impl FaultyDisk {
    /// An empty disk without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the `nth` call of a kind (1 is the next one) fail once.
    pub fn fail(&self, call: Call, nth: u64, kind: io::ErrorKind) {
        let mut state = self.lock_state();
        let at = state.calls.get(&call).copied().unwrap_or(0) + nth;
        state.faults.push((call, at, kind));
    }

    /// Takes back all failures that did not happen yet; returns how many there were.
    pub fn heal(&self) -> usize {
        std::mem::take(&mut self.lock_state().faults).len()
    }

    /// Calls of a kind so far.
    pub fn calls(&self, call: Call) -> u64 {
        self.lock_state().calls.get(&call).copied().unwrap_or(0)
    }

    /// How many bytes fit; `None` is without end.
    pub fn set_capacity_bytes(&self, capacity_bytes: Option<u64>) {
        self.lock_state().capacity_bytes = capacity_bytes;
    }

    /// The process dies: its handles and locks are gone, everything written stays.
    pub fn kill_process(&self) {
        let mut state = self.lock_state();
        state.life += 1;
        state.locks.clear();
    }

    /// The machine dies: what was not synced is gone, or there in part, or there with holes.
    pub fn lose_power(&self, random: &mut Random) {
        self.kill_process();
        self.lock_state().tree.lose_power(random);
    }

    /// Paths of all files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.lock_state().tree.files()
    }

    /// Changes the bytes of a file behind everybody's back, durably.
    pub fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let state = self.lock_state();
        if let Some(Node::File(file)) = state.tree.find(path) {
            file.damage(change);
        }
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, call: Call, path: &Path) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.lock_state();
        state.count(call, path)?;
        Ok(state)
    }
}

impl State {
    fn count(&mut self, call: Call, path: &Path) -> io::Result<()> {
        let calls = self.calls.entry(call).or_default();
        *calls += 1;
        let now = *calls;
        let Some(at) = self.faults.iter().position(|f| f.0 == call && f.1 == now) else { return Ok(()) };
        let kind = self.faults.swap_remove(at).2;
        Err(io::Error::new(kind, format!("{}: injected failure of {call:?}", path.display())))
    }

    fn room_bytes(&self) -> u64 {
        self.capacity_bytes.map_or(u64::MAX, |capacity| capacity.saturating_sub(self.tree.used_bytes()))
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{}: no such file or folder", path.display()))
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let mut state = self.call(Call::Create, path)?;
        let file = Arc::new(File::default());
        state.tree.add(path, Node::File(Arc::clone(&file)))?;
        Ok(Box::new(Handle { disk: self.clone(), life: state.life, path: path.to_owned(), file }))
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let state = self.call(Call::Read, path)?;
        let file = state.tree.file(path)?;
        Ok(Box::new(Handle { disk: self.clone(), life: state.life, path: path.to_owned(), file }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn ReadAt>> {
        let state = self.call(Call::Read, path)?;
        let file = state.tree.file(path)?;
        Ok(Arc::new(Handle { disk: self.clone(), life: state.life, path: path.to_owned(), file }))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let state = self.call(Call::Read, path)?;
        Ok(state.tree.file(path)?.bytes())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.call(Call::Rename, from)?;
        let node = state.tree.find(from).ok_or_else(|| missing(from))?;
        if matches!(state.tree.find(to), Some(Node::Dir(dir)) if !dir.is_empty()) {
            return Err(io::Error::new(
                io::ErrorKind::DirectoryNotEmpty,
                format!("{}: not empty", to.display()),
            ));
        }
        state.tree.remove(to);
        state.tree.add(to, node)?;
        state.tree.remove(from);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.call(Call::Remove, path)?;
        state.tree.file(path)?;
        state.tree.remove(path);
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.call(Call::Remove, path)?;
        match state.tree.find(path) {
            Some(Node::Dir(_)) => state.tree.remove(path),
            _ => return Err(missing(path)),
        }
        Ok(())
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.call(Call::CreateDir, path)?.tree.make_dirs(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let state = self.call(Call::List, path)?;
        let Some(Node::Dir(dir)) = state.tree.find(path) else { return Err(missing(path)) };
        let entry = |(name, node): (String, Node)| Entry {
            path: path.join(&name),
            name,
            is_dir: matches!(node, Node::Dir(_)),
            len_bytes: if let Node::File(file) = node { file.len_bytes() } else { 0 },
        };
        Ok(dir.entries().into_iter().map(entry).collect())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let state = self.call(Call::SyncDir, path)?;
        let Some(Node::Dir(dir)) = state.tree.find(path) else { return Err(missing(path)) };
        dir.sync();
        Ok(())
    }

    fn free_bytes(&self, _path: &Path) -> io::Result<u64> {
        Ok(self.lock_state().room_bytes())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Lock>> {
        let mut state = self.lock_state();
        if state.locks.contains_key(path) {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, format!("{}: locked", path.display())));
        }
        let life = state.life;
        state.locks.insert(path.to_owned(), life);
        Ok(Box::new(HeldLock { disk: self.clone(), path: path.to_owned(), life }))
    }
}

struct HeldLock {
    disk: FaultyDisk,
    path: PathBuf,
    life: u64,
}

impl Lock for HeldLock {}

impl Drop for HeldLock {
    fn drop(&mut self) {
        let mut state = self.disk.lock_state();
        if state.locks.get(&self.path) == Some(&self.life) {
            state.locks.remove(&self.path);
        }
    }
}

/// An open file of one life of the machine.
struct Handle {
    disk: FaultyDisk,
    life: u64,
    path: PathBuf,
    file: Arc<File>,
}

impl Handle {
    fn call(&self, call: Call) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.disk.lock_state();
        if state.life != self.life {
            return Err(io::Error::other(format!("{}: opened in an earlier life", self.path.display())));
        }
        state.count(call, &self.path)?;
        Ok(state)
    }
}

impl Append for Handle {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let state = match self.call(Call::Write) {
            Ok(state) => state,
            Err(e) => {
                if self.disk.lock_state().life == self.life {
                    self.file.write(&bytes[..bytes.len() / 2]);
                }
                return Err(e);
            }
        };
        let room = usize::try_from(state.room_bytes()).unwrap_or(usize::MAX);
        self.file.write(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                format!("{}: no space", self.path.display()),
            ));
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.call(Call::Sync) {
            Ok(_state) => self.file.sync(),
            Err(e) => {
                self.file.fail_sync();
                return Err(e);
            }
        }
        Ok(())
    }

    fn truncate(&mut self, len_bytes: u64) -> io::Result<()> {
        let _state = self.call(Call::Truncate)?;
        self.file.truncate(len_bytes as usize);
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.len_bytes())
    }
}

impl ReadAt for Handle {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let _state = self.call(Call::Read)?;
        self.file.read(buf, offset).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{}: ends before byte {}", self.path.display(), offset + buf.len() as u64),
            )
        })
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.file.len_bytes())
    }
}

#[cfg(test)]
mod tests;
