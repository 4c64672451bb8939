//! The folders and files of a [`super::FaultyDisk`], each with what is there and what a power cut would leave.

use crate::random::Random;
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A file or a folder.
#[derive(Clone)]
pub(super) enum Node {
    File(Arc<File>),
    Dir(Arc<Dir>),
}

#[derive(Default)]
struct Bytes {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// A sync failed: what was waiting then is lost for good.
    sync_failed: bool,
}

/// A file's bytes.
#[derive(Default)]
pub(super) struct File(Mutex<Bytes>);

impl File {
    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.lock().now.clone()
    }

    pub(super) fn len_bytes(&self) -> u64 {
        self.lock().now.len() as u64
    }

    pub(super) fn write(&self, bytes: &[u8]) {
        self.lock().now.extend_from_slice(bytes);
    }

    pub(super) fn truncate(&self, len_bytes: usize) {
        self.lock().now.resize(len_bytes, 0);
    }

    pub(super) fn sync(&self) {
        let mut bytes = self.lock();
        if !bytes.sync_failed {
            // Files only grow between syncs, so the common case copies only what is new.
            let Bytes { now, durable, .. } = &mut *bytes;
            durable.truncate(now.len());
            let same = durable.len();
            if durable[..] == now[..same] {
                durable.extend_from_slice(&now[same..]);
            } else {
                durable.clone_from(now);
            }
        }
    }

    pub(super) fn fail_sync(&self) {
        self.lock().sync_failed = true;
    }

    pub(super) fn read(&self, buf: &mut [u8], offset: u64) -> Option<()> {
        let bytes = self.lock();
        let start = usize::try_from(offset).ok()?;
        buf.copy_from_slice(bytes.now.get(start..start.checked_add(buf.len())?)?);
        Some(())
    }

    pub(super) fn damage(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.lock();
        change(&mut bytes.now);
        bytes.durable = bytes.now.clone();
    }

    fn lose_power(&self, random: &mut Random) {
        let mut bytes = self.lock();
        let mut left = bytes.durable.clone();
        if !bytes.sync_failed && bytes.now.starts_with(&left) {
            let waiting = &bytes.now[left.len()..];
            let kept = random.below(waiting.len() as u64 + 1) as usize;
            let hole_start = random.below(kept as u64 + 1) as usize;
            let from = left.len();
            left.extend_from_slice(&waiting[..kept]);
            if random.below(4) == 0 {
                let hole_end = hole_start + random.below((kept - hole_start) as u64 + 1) as usize;
                left[from + hole_start..from + hole_end].fill(0);
            }
        }
        *bytes = Bytes { now: left.clone(), durable: left, sync_failed: false };
    }
}

#[derive(Default)]
struct Names {
    now: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
}

/// A folder's names.
#[derive(Default)]
pub(super) struct Dir(Mutex<Names>);

impl Dir {
    fn lock(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn entries(&self) -> Vec<(String, Node)> {
        self.lock().now.iter().map(|(name, node)| (name.clone(), node.clone())).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().now.is_empty()
    }

    pub(super) fn sync(&self) {
        let mut names = self.lock();
        names.durable = names.now.clone();
    }

    fn get(&self, name: &str) -> Option<Node> {
        self.lock().now.get(name).cloned()
    }

    fn lose_power(&self, random: &mut Random) {
        let mut names = self.lock();
        names.now = names.durable.clone();
        for node in names.now.values() {
            match node {
                Node::File(file) => file.lose_power(random),
                Node::Dir(dir) => dir.lose_power(random),
            }
        }
    }

    fn collect(&self, path: &Path, files: &mut Vec<(PathBuf, Arc<File>)>) {
        for (name, node) in self.entries() {
            match node {
                Node::File(file) => files.push((path.join(name), file)),
                Node::Dir(dir) => dir.collect(&path.join(name), files),
            }
        }
    }
}

/// Everything, from the root.
#[derive(Default)]
pub(super) struct Tree(Arc<Dir>);

fn parts(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

impl Tree {
    pub(super) fn find(&self, path: &Path) -> Option<Node> {
        parts(path).iter().try_fold(Node::Dir(Arc::clone(&self.0)), |node, name| match node {
            Node::Dir(dir) => dir.get(name),
            Node::File(_) => None,
        })
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<Arc<File>> {
        match self.find(path) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(super::missing(path)),
        }
    }

    /// Puts a node under a new name.
    pub(super) fn add(&mut self, path: &Path, node: Node) -> io::Result<()> {
        let (Some(parent), Some(name)) = (path.parent(), parts(path).pop()) else {
            return Err(super::missing(path));
        };
        let Some(Node::Dir(dir)) = self.find(parent) else { return Err(super::missing(parent)) };
        let mut names = dir.lock();
        if names.now.contains_key(&name) {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{}: exists already", path.display()),
            ));
        }
        names.now.insert(name, node);
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) {
        let (Some(parent), Some(name)) = (path.parent(), parts(path).pop()) else { return };
        if let Some(Node::Dir(dir)) = self.find(parent) {
            dir.lock().now.remove(&name);
        }
    }

    pub(super) fn make_dirs(&mut self, path: &Path) -> io::Result<()> {
        let mut dir = Arc::clone(&self.0);
        for name in parts(path) {
            let mut names = dir.lock();
            let node = names.now.entry(name).or_insert_with(|| Node::Dir(Arc::default())).clone();
            drop(names);
            match node {
                Node::Dir(next) => dir = next,
                Node::File(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::AlreadyExists,
                        format!("{}: is a file", path.display()),
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.all().into_iter().map(|(path, _)| path).collect()
    }

    pub(super) fn used_bytes(&self) -> u64 {
        self.all().iter().map(|(_, file)| file.len_bytes()).sum()
    }

    fn all(&self) -> Vec<(PathBuf, Arc<File>)> {
        let mut files = Vec::new();
        self.0.collect(Path::new("/"), &mut files);
        files
    }

    pub(super) fn lose_power(&self, random: &mut Random) {
        self.0.lose_power(random);
    }
}
