//! The checksum that stands on everything Windhover writes: CRC-32 (IEEE 802.3), hardware-accelerated where possible.

/// CRC-32 of `bytes`.
#[inline]
pub fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}
