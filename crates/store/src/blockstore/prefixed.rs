//! A block store inside another: what is below a prefix.

use super::{BlockStore, Object, SwapError, Upload, Version};
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// All keys get a prefix, which ends with a slash.
pub(crate) struct Prefixed {
    pub(crate) inner: Arc<dyn BlockStore>,
    pub(crate) prefix: String,
}

impl Prefixed {
    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl BlockStore for Prefixed {
    fn create(&self, key: &str) -> io::Result<Box<dyn Upload>> {
        self.inner.create(&self.key(key))
    }

    fn get(&self, key: &str) -> io::Result<Vec<u8>> {
        self.inner.get(&self.key(key))
    }

    fn read(&self, key: &str, ranges: &[Range<u64>]) -> io::Result<Vec<Vec<u8>>> {
        self.inner.read(&self.key(key), ranges)
    }

    fn read_into(&self, key: &str, range: Range<u64>, bytes: &mut Vec<u8>) -> io::Result<()> {
        self.inner.read_into(&self.key(key), range, bytes)
    }

    fn len_bytes(&self, key: &str) -> io::Result<u64> {
        self.inner.len_bytes(&self.key(key))
    }

    fn list_after(&self, prefix: &str, after: Option<&str>, max: usize) -> io::Result<Vec<Object>> {
        let after = after.map(|after| self.key(after));
        let mut found = self.inner.list_after(&self.key(prefix), after.as_deref(), max)?;
        found.iter_mut().for_each(|object| drop(object.key.drain(..self.prefix.len())));
        Ok(found)
    }

    fn get_ptr(&self, key: &str) -> io::Result<Option<(Vec<u8>, Version)>> {
        self.inner.get_ptr(&self.key(key))
    }

    fn swap_ptr(&self, key: &str, body: &[u8], was: Option<&Version>) -> Result<Version, SwapError> {
        self.inner.swap_ptr(&self.key(key), body, was)
    }

    fn delete(&self, keys: &[String]) -> io::Result<()> {
        let keys: Vec<String> = keys.iter().map(|key| self.key(key)).collect();
        self.inner.delete(&keys)
    }

    fn set_aside(&self, key: &str) -> io::Result<()> {
        self.inner.set_aside(&self.key(key))
    }
}
