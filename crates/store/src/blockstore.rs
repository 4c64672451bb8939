//! Where blocks live: immutable objects by name, and a few small *pointers* that are swapped only when nobody else
//! swapped them meanwhile. [`local`] is a folder; an object store can be another.
//!
//! Everything here blocks the calling thread and may be called by any number of threads.

pub(crate) mod local;
pub(crate) mod prefixed;

use std::fmt;
use std::io;
use std::ops::Range;
use stdx::random::Random;

/// Bytes copied at once.
const COPY_BYTES: u64 = 4 << 20;

/// Objects and pointers under keys such as `blocks/0000000000000001/data`: parts between slashes.
///
/// A missing key is [`io::ErrorKind::NotFound`], one that is there already [`io::ErrorKind::AlreadyExists`]. Every error
/// names the key or path it concerns.
pub trait BlockStore: Send + Sync {
    /// Starts a new object, which is there, as a whole and durably, once [`Upload::finish`] returned.
    fn create(&self, key: &str) -> io::Result<Box<dyn Upload>>;
    /// The whole content of an object.
    fn get(&self, key: &str) -> io::Result<Vec<u8>>;
    /// Parts of an object, in the order asked for; one that reaches over the end is
    /// [`io::ErrorKind::UnexpectedEof`].
    fn read(&self, key: &str, ranges: &[Range<u64>]) -> io::Result<Vec<Vec<u8>>>;
    /// A part of an object, in place of what is in `bytes`; after an error nothing is in it.
    fn read_into(&self, key: &str, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        *bytes = self.read(key, std::slice::from_ref(&range))?.pop().unwrap_or_default();
        Ok(())
    }
    /// Length of an object.
    fn len_bytes(&self, key: &str) -> io::Result<u64>;
    /// Up to `max` objects whose keys start with `prefix` and come after `after`, by key. Pointers and unfinished
    /// objects are not among them.
    fn list_after(&self, prefix: &str, after: Option<&str>, max: usize) -> io::Result<Vec<Object>>;
    /// A pointer's content, `None` when there is none, and what [`BlockStore::swap_ptr`] wants to know of it.
    fn get_ptr(&self, key: &str) -> io::Result<Option<(Vec<u8>, Version)>>;
    /// Sets a pointer that still is `was`; `None`: that is not there yet. Two different contents must not have the same
    /// bytes, so a random number belongs into each. After `Ok` it is durable.
    fn swap_ptr(&self, key: &str, body: &[u8], was: Option<&Version>) -> Result<Version, SwapError>;
    /// Removes objects; a key that ends in `/` stands for all that start with it. Missing ones are fine.
    fn delete(&self, keys: &[String]) -> io::Result<()>;
    /// Takes a damaged object, a pointer or all below a key that ends in `/` out of sight, where a person can find it. A
    /// missing one is fine.
    fn set_aside(&self, key: &str) -> io::Result<()>;

    /// Makes an object a second time under another key, without moving its bytes where that is possible.
    fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        copy_bytes(self, from, to)
    }

    /// Makes a small object at once.
    fn put_new(&self, key: &str, body: &[u8]) -> io::Result<()> {
        let mut upload = self.create(key)?;
        upload.write_all(body)?;
        upload.finish()
    }

    /// Tries out that what is promised here is kept: some imitations of object stores take conditions and do not heed
    /// them. Leaves nothing behind.
    ///
    /// # Errors
    /// What was not kept.
    fn probe(&self) -> io::Result<()> {
        let name = Random::from_entropy().next_u64();
        let (object, pointer) = (format!("probe/{name:016x}/object"), format!("probe-{name:016x}"));
        let tried = probe_object(self, &object).and_then(|()| probe_pointer(self, &pointer));
        let cleared = self.delete(&[format!("probe/{name:016x}/"), pointer]);
        tried.and(cleared)
    }
}

fn copy_bytes(store: &(impl BlockStore + ?Sized), from: &str, to: &str) -> io::Result<()> {
    let len_bytes = store.len_bytes(from)?;
    let mut upload = store.create(to)?;
    let mut start = 0;
    while start < len_bytes {
        let end = len_bytes.min(start + COPY_BYTES);
        let parts = store.read(from, std::slice::from_ref(&(start..end)))?;
        parts.iter().try_for_each(|part| upload.write_all(part))?;
        start = end;
    }
    upload.finish()
}

fn probe_object(store: &(impl BlockStore + ?Sized), key: &str) -> io::Result<()> {
    store.put_new(key, b"first")?;
    let second = store.put_new(key, b"second");
    if !second.is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
        return Err(io::Error::other("the block store lets an object be written twice"));
    }
    if store.get(key)? != b"first" || store.read(key, std::slice::from_ref(&(1..3)))? != [b"ir"] {
        return Err(io::Error::other("the block store does not give back what was written"));
    }
    Ok(())
}

fn probe_pointer(store: &(impl BlockStore + ?Sized), key: &str) -> io::Result<()> {
    let ignored = || io::Error::other("the block store swaps a pointer that somebody else has swapped");
    let first = store.swap_ptr(key, b"one", None).map_err(SwapError::into_io)?;
    if !matches!(store.swap_ptr(key, b"two", None), Err(SwapError::Conflict)) {
        return Err(ignored());
    }
    store.swap_ptr(key, b"three", Some(&first)).map_err(SwapError::into_io)?;
    if !matches!(store.swap_ptr(key, b"four", Some(&first)), Err(SwapError::Conflict)) {
        return Err(ignored());
    }
    match store.get_ptr(key)? {
        Some((body, _)) if body == b"three" => Ok(()),
        _ => Err(ignored()),
    }
}

/// An object in the making; dropped before it is finished, it never was.
pub trait Upload: Send {
    /// Adds bytes.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes it real, unless an object of this key is there already.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// An object as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its whole key.
    pub key: String,
    /// Its length.
    pub len_bytes: u64,
}

/// One state of a pointer, as the block store knows it: an ETag, or the content itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub Vec<u8>);

/// Why a pointer was not swapped.
#[derive(Debug)]
pub enum SwapError {
    /// Somebody else did, or it is not there. Nothing was changed.
    Conflict,
    /// It may have been swapped or not; [`BlockStore::get_ptr`] tells. Until a later swap succeeds, a power cut may bring
    /// the state before back.
    Unknown(io::Error),
}

impl SwapError {
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Self::Conflict => io::Error::other("a pointer was swapped by somebody else"),
            Self::Unknown(error) => error,
        }
    }
}

impl fmt::Display for SwapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("somebody else has swapped it"),
            Self::Unknown(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for SwapError {}

#[cfg(test)]
mod tests;
