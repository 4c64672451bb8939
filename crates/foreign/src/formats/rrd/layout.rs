//! How the C structures of a round robin file lie in memory on the machine that wrote it.
//!
//! rrdtool writes its structures as they are, so the word size, the alignment of doubles and the byte order of that
//! machine decide where everything is. All three follow from the place and the bytes of a known number in the header.

use crate::Malformed;

/// The number that every file holds after its version, written as the machine writes doubles.
pub const COOKIE: f64 = 8.642135E130;
/// Bytes of the name of a source, a type or a function.
pub const NAME_BYTES: usize = 20;
/// Bytes of the last reading, kept as text.
pub const READING_BYTES: usize = 30;
/// Slots of parameters or scratch numbers that every structure ends with, 8 bytes each.
pub const SLOTS: usize = 10;

/// Byte order of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// The machine that wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Byte order.
    pub order: Order,
    /// Bytes of a C `long`.
    pub word: usize,
    /// What doubles are aligned to, in bytes.
    pub align: usize,
    /// Bytes of a `time_t`; 32-bit systems of late have 8.
    pub time: usize,
}

impl Layout {
    /// x86-64, 64-bit ARM and others.
    pub const LE64: Self = Self { order: Order::Little, word: 8, align: 8, time: 8 };
    /// 64-bit SPARC, POWER, S/390.
    pub const BE64: Self = Self { order: Order::Big, word: 8, align: 8, time: 8 };
    /// 32-bit x86.
    pub const I386: Self = Self { order: Order::Little, word: 4, align: 4, time: 4 };
    /// 32-bit ARM and little endian MIPS.
    pub const LE32: Self = Self { order: Order::Little, word: 4, align: 8, time: 4 };
    /// 32-bit SPARC, POWER, big endian MIPS.
    pub const BE32: Self = Self { order: Order::Big, word: 4, align: 8, time: 4 };
    /// 32-bit big endian machines that align doubles to 4 bytes (m68k, AIX).
    pub const BE32_PACKED: Self = Self { order: Order::Big, word: 4, align: 4, time: 4 };
    /// Every layout of which the header alone tells.
    pub const ALL: [Self; 6] =
        [Self::LE64, Self::BE64, Self::I386, Self::LE32, Self::BE32, Self::BE32_PACKED];

    /// The layout of the file that starts with these bytes.
    pub fn of(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.get(..4) != Some(b"RRD\0") {
            return Err(Malformed::new("is no round robin file: it does not start with `RRD`"));
        }
        let found = Self::ALL.into_iter().find(|layout| layout.fits(bytes));
        found.ok_or_else(|| {
            Malformed::new("is a round robin file of an unknown kind of machine; `rrdtool dump` it there")
        })
    }

    /// Whether the known number is where it would be, and the counts after it are not zero.
    fn fits(self, bytes: &[u8]) -> bool {
        let at = self.cookie_at();
        let Some(cookie) = bytes.get(at..at + 8) else { return false };
        let words = [0, 1].map(|n| self.word_at(bytes, at + 8 + n * self.word).unwrap_or(0));
        // With 32-bit words, a file of 64-bit ones has a zero here, the upper half of a count; the other way round, two
        // counts make one that is too large.
        let is_count = |word: &u64| (1..=u64::from(u32::MAX)).contains(word);
        self.f64_of(cookie) == COOKIE && words.iter().all(is_count)
    }

    fn cookie_at(self) -> usize {
        // Four bytes of magic and five of version come before.
        9usize.next_multiple_of(self.align)
    }

    /// Where the counts of the header lie: sources, archives, step.
    pub fn counts_at(self) -> usize {
        self.cookie_at() + 8
    }

    /// Bytes of the header.
    pub fn header_bytes(self) -> usize {
        self.slots_after(self.counts_at() + 3 * self.word) + SLOTS * 8
    }

    /// Where the parameters of a source or an archive begin, of which `fixed` bytes lie before.
    pub fn slots_after(self, fixed: usize) -> usize {
        fixed.next_multiple_of(self.align)
    }

    /// Bytes of a source's definition.
    pub fn source_bytes(self) -> usize {
        self.slots_after(2 * NAME_BYTES) + SLOTS * 8
    }

    /// Where the row count lies in an archive's definition; the steps follow.
    pub fn archive_counts_at(self) -> usize {
        NAME_BYTES.next_multiple_of(self.word)
    }

    /// Bytes of an archive's definition.
    pub fn archive_bytes(self) -> usize {
        self.slots_after(self.archive_counts_at() + 2 * self.word) + SLOTS * 8
    }

    /// Bytes of the time of the last update; versions before 3 have no microseconds.
    pub fn update_bytes(self, version: u8) -> usize {
        if version < 3 {
            return self.time;
        }
        (self.time + self.word).next_multiple_of(self.time.min(self.align))
    }

    /// Bytes of a source's primary data point in the making.
    pub fn point_bytes(self) -> usize {
        self.slots_after(READING_BYTES) + SLOTS * 8
    }

    /// Bytes of a source's row in the making.
    pub fn row_bytes(self) -> usize {
        SLOTS * 8
    }

    /// The double of these 8 bytes.
    #[inline]
    pub fn f64_of(self, bytes: &[u8]) -> f64 {
        let bytes: [u8; 8] = bytes.try_into().expect("eight bytes");
        match self.order {
            Order::Little => f64::from_le_bytes(bytes),
            Order::Big => f64::from_be_bytes(bytes),
        }
    }

    /// The unsigned long at `at`.
    pub fn word_at(self, bytes: &[u8], at: usize) -> Option<u64> {
        self.integer_at(bytes, at, self.word)
    }

    /// The time at `at`, signed.
    pub fn time_at(self, bytes: &[u8], at: usize) -> Option<i64> {
        let number = self.integer_at(bytes, at, self.time)?;
        Some(if self.time == 4 { i64::from(number as u32 as i32) } else { number as i64 })
    }

    fn integer_at(self, bytes: &[u8], at: usize, width: usize) -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(width)?)?;
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(match self.order {
            Order::Little => bytes.iter().rev().fold(0, fold),
            Order::Big => bytes.iter().fold(0, fold),
        })
    }
}
