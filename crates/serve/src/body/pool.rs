//! Buffers of inflated bodies, kept for the bodies to come: memory of such size is dearer to get and to clear than to
//! fill.

use super::Content;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most buffers kept.
pub(crate) const BUFFERS_MAX: usize = 2;
/// Largest buffer kept, in bytes: a request of 2,000 samples takes half of it.
pub(crate) const BUFFER_BYTES_MAX: usize = 1 << 20;

/// The buffers that nobody uses now.
#[derive(Debug, Default)]
pub(crate) struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    /// A buffer of this length; what is in it is left over from another body.
    pub(crate) fn take(&self, len: usize) -> Vec<u8> {
        let mut buffer = self.lock().pop().unwrap_or_default();
        buffer.resize(len, 0);
        buffer
    }

    /// A body that gives its buffer back when it is dropped.
    pub(crate) fn lend(self: &Arc<Self>, bytes: Vec<u8>) -> Content {
        Content { bytes, pool: Some(Arc::clone(self)) }
    }

    pub(super) fn put(&self, buffer: Vec<u8>) {
        let mut buffers = self.lock();
        if buffer.capacity() <= BUFFER_BYTES_MAX && buffers.len() < BUFFERS_MAX {
            buffers.push(buffer);
        }
    }

    // A vector of vectors is whole whenever its lock is free.
    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
