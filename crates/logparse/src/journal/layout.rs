//! Where what stands in a journal file, as systemd documents it ("Journal File Format"). All numbers are little-endian, all
//! objects begin at multiples of eight.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How files begin.
pub(super) const SIGNATURE: &[u8; 8] = b"LPKSHHRH";
/// So much of the header is read: all that older files have, too.
pub(super) const HEADER_BYTES: usize = 208;

/// Flags of a file that a reader has to understand: data packed by xz, by LZ4; hashes with a key; packed by Zstandard; short
/// numbers.
pub(super) const FLAG_COMPACT: u32 = 1 << 4;
/// All flags that are known here. Hashes are not looked at.
pub(super) const FLAGS_KNOWN: u32 = 0b1_1111;

/// The state of a file that gets no more entries.
pub(super) const STATE_ARCHIVED: u8 = 2;

/// Types of objects.
pub(super) const DATA: u8 = 1;
pub(super) const ENTRY: u8 = 3;
pub(super) const ENTRY_ARRAY: u8 = 6;

/// Bytes of an object's own head: type, flags, size.
pub(super) const OBJECT_BYTES: u64 = 16;
/// Where the offsets begin in an array of entries.
pub(super) const ARRAY_ITEMS: u64 = 24;
/// Where the items begin in an entry.
pub(super) const ENTRY_ITEMS: u64 = 64;
/// Where the payload of data begins; compact files have eight bytes more before it.
pub(super) const DATA_PAYLOAD: u64 = 64;

/// Reads a number.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Reads a short one.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// What a journal's header says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) flags: u32,
    pub(super) is_archived: bool,
    /// Unique, and kept when the file is renamed.
    pub(super) file_id: [u8; 16],
    pub(super) machine_id: [u8; 16],
    pub(super) entries: u64,
    /// The number of the newest entry.
    pub(super) last_number: u64,
    /// The first array of entries; 0 while there is none.
    pub(super) array: u64,
    /// When the first entry was written, in microseconds since 1970.
    pub(super) first_us: u64,
}

impl Header {
    /// Reads it.
    ///
    /// # Errors
    /// When it is not that of a journal, or of one that is not understood.
    pub(super) fn read(file: &File) -> io::Result<Self> {
        let mut bytes = [0; HEADER_BYTES];
        file.read_exact_at(&mut bytes, 0)?;
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        if !bytes.starts_with(SIGNATURE) {
            return Err(invalid("it is no journal".to_owned()));
        }
        let flags = u32_at(&bytes, 12);
        if flags & !FLAGS_KNOWN != 0 {
            return Err(invalid(format!(
                "it is a journal of a kind that this agent does not know (flags {flags:#x})"
            )));
        }
        let id = |at: usize| bytes[at..at + 16].try_into().unwrap_or_default();
        Ok(Self {
            flags,
            is_archived: bytes[16] == STATE_ARCHIVED,
            file_id: id(24),
            machine_id: id(40),
            entries: u64_at(&bytes, 152),
            last_number: u64_at(&bytes, 160),
            array: u64_at(&bytes, 176),
            first_us: u64_at(&bytes, 184),
        })
    }
}
