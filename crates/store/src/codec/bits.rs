//! Single bits in and out of bytes, least significant first.

/// Collects bits.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    waiting: u64,
    filled: u32,
}

impl BitWriter {
    /// Appends the low `count` (0 to 64) bits of `value`.
    #[inline]
    pub(crate) fn write(&mut self, value: u64, count: u32) {
        if count == 0 {
            return;
        }
        let value = if count < 64 { value & ((1 << count) - 1) } else { value };
        self.waiting |= value << self.filled;
        let total = self.filled + count;
        if total < 64 {
            self.filled = total;
            return;
        }
        self.bytes.extend_from_slice(&self.waiting.to_le_bytes());
        let taken = 64 - self.filled;
        self.waiting = if taken < 64 { value >> taken } else { 0 };
        self.filled = total - 64;
    }

    /// Appends `zeros` zero bits and a one.
    #[inline]
    pub(crate) fn write_unary(&mut self, zeros: u32) {
        self.write(1 << zeros, zeros + 1);
    }

    /// The bytes, the last one filled up with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let rest = self.filled.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&self.waiting.to_le_bytes()[..rest]);
        self.bytes
    }
}

/// Takes bits off bytes. Reading past the end gives zeros; [`BitReader::overrun`] tells afterwards.
#[derive(Debug, Clone)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next 57 bits or more without taking them.
    #[inline]
    pub(crate) fn peek(&self) -> u64 {
        let byte = self.at >> 3;
        let word = match self.bytes.get(byte..byte + 8) {
            Some(full) => u64::from_le_bytes(full.try_into().expect("eight bytes")),
            None => self.tail(byte),
        };
        word >> (self.at & 7)
    }

    /// The last bytes, with zeros after them.
    #[inline]
    fn tail(&self, byte: usize) -> u64 {
        let Some(last) = self.bytes.last_chunk::<8>() else { return self.short_tail(byte) };
        // How many bytes of the last eight lie before.
        let passed = byte + 8 - self.bytes.len();
        if passed < 8 { u64::from_le_bytes(*last) >> (8 * passed) } else { 0 }
    }

    #[cold]
    fn short_tail(&self, byte: usize) -> u64 {
        let mut word = [0; 8];
        let rest = self.bytes.get(byte..).unwrap_or(&[]);
        word[..rest.len()].copy_from_slice(rest);
        u64::from_le_bytes(word)
    }

    #[inline]
    pub(crate) fn skip(&mut self, count: u32) {
        self.at += count as usize;
    }

    /// Takes `count` (0 to 64) bits.
    #[inline]
    pub(crate) fn read(&mut self, count: u32) -> u64 {
        if count > 56 {
            let low = self.read(32);
            return low | self.read(count - 32) << 32;
        }
        let value = self.peek() & ((1 << count) - 1);
        self.skip(count);
        value
    }

    /// Bits taken so far.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Whether more bits were taken than there were.
    pub(crate) fn overrun(&self) -> bool {
        self.at > self.bytes.len() * 8
    }
}
