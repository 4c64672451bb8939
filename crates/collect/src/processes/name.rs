//! Name of a program as the kernel keeps it, without an allocation.

use std::fmt;

/// Longest name that is kept; the kernel cuts those of programs at 15 bytes, and few threads of its own have more.
const BYTES_MAX: usize = 31;

/// A name of any bytes, cut at 31.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Name {
    length: u8,
    bytes: [u8; BYTES_MAX],
}

impl Name {
    /// Takes the first bytes.
    pub fn new(name: &[u8]) -> Self {
        let length = name.len().min(BYTES_MAX);
        let mut bytes = [0; BYTES_MAX];
        bytes[..length].copy_from_slice(&name[..length]);
        Self { length: length as u8, bytes }
    }

    /// Its bytes; they may be anything but a zero.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self.as_bytes()))
    }
}
