//! A stream of bits, highest first.

/// Reads bits off a slice.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits taken so far.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// The next `count` bits, at most 64, as a number.
    pub(super) fn take(&mut self, count: usize) -> Option<u64> {
        if self.at + count > self.bytes.len() * 8 {
            return None;
        }
        let (mut value, mut left) = (0u64, count);
        while left > 0 {
            let (byte, used) = (self.bytes[self.at / 8], self.at % 8);
            let here = (8 - used).min(left);
            let bits = (byte << used) >> (8 - here);
            value = if here == 64 { u64::from(bits) } else { value << here | u64::from(bits) };
            self.at += here;
            left -= here;
        }
        Some(value)
    }

    /// An unsigned varint of whole bytes, which need not start at a byte of the stream.
    pub(super) fn uvarint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(8)?;
            let low = byte & 0x7f;
            if shift == 63 && low > 1 {
                return None;
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A zigzag varint.
    pub(super) fn varint(&mut self) -> Option<i64> {
        self.uvarint().map(stdx::varint::unzigzag)
    }
}
