//! What packets are made of.

use crate::pull::Error;

/// A packet, taken apart from its start.
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Fields<'b> {
    pub(super) fn bytes(&mut self, len: usize) -> Result<&'b [u8], Error> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or_else(|| Error::malformed("a short packet"))?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.bytes(1)?[0])
    }

    /// Text up to a zero, or to the end.
    pub(super) fn text(&mut self) -> Result<String, Error> {
        let len = self.0.iter().position(|&b| b == 0).unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.bytes(len)?).into_owned();
        self.0 = self.0.get(1..).unwrap_or_default();
        Ok(text)
    }

    /// A number of one to nine bytes; `None` is NULL.
    pub(super) fn length(&mut self) -> Result<Option<u64>, Error> {
        let len = match self.byte()? {
            0xfb => return Ok(None),
            0xfc => 2,
            0xfd => 3,
            0xfe => 8,
            0xff => return Err(Error::malformed("a length that is none")),
            small => return Ok(Some(u64::from(small))),
        };
        let mut bytes = [0; 8];
        bytes[..len].copy_from_slice(self.bytes(len)?);
        Ok(Some(u64::from_le_bytes(bytes)))
    }

    pub(super) fn value(&mut self) -> Result<Option<String>, Error> {
        let Some(len) = self.length()? else { return Ok(None) };
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        Ok(Some(String::from_utf8_lossy(self.bytes(len)?).into_owned()))
    }
}
