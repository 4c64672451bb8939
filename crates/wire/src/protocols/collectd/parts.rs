//! A packet's parts.

/// The part in front of a signed packet's rest.
pub const SIGNATURE: u16 = 0x200;
/// The part that holds encrypted ones.
pub const ENCRYPTION: u16 = 0x210;

/// Bytes of a part in front of its content.
const HEAD_BYTES: usize = 4;

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it is.
    pub kind: u16,
    /// What it says.
    pub content: &'a [u8],
}

impl Part<'_> {
    pub(super) fn number(&self) -> Result<u64, String> {
        let bytes = self.content.try_into().map_err(|_| "a number that has not 8 bytes")?;
        Ok(u64::from_be_bytes(bytes))
    }
}

/// The parts of a packet, one after the other.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    packet: &'a [u8],
    at: usize,
}

impl<'a> Parts<'a> {
    /// Begins at a packet's first part.
    pub fn new(packet: &'a [u8]) -> Self {
        Self { packet, at: 0 }
    }

    /// Where the next part begins, in bytes.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.packet[self.at..]
    }

    /// The next part, `None` at the end.
    ///
    /// # Errors
    /// A part that is cut off, or shorter than it can be.
    pub fn next_part(&mut self) -> Result<Option<Part<'a>>, &'static str> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(None);
        }
        let &[a, b, c, d] = rest.first_chunk::<HEAD_BYTES>().ok_or("a part without a whole head")?;
        let len = usize::from(u16::from_be_bytes([c, d]));
        let content = rest.get(HEAD_BYTES..len).ok_or("a part that does not fit its packet")?;
        self.at += len;
        Ok(Some(Part { kind: u16::from_be_bytes([a, b]), content }))
    }
}

/// A text without the NUL behind it.
pub(super) fn text(content: &[u8]) -> Result<&str, String> {
    let bytes = content.strip_suffix(b"\0").ok_or("a text without NUL at its end")?;
    std::str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8".to_owned())
}
