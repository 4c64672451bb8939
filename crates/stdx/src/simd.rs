//! Bytes looked at many at once: where one of two stands in a text, and sixteen compared with one.
//!
//! It has unsafe code: the compiler asks for it wherever a function for a newer processor
//! is called, although each call stands behind the question whether the processor has it. Loads and stores go through
//! arrays and are checked. Every way of doing it gives what the plain one gives, which tests hold them to.
#![allow(unsafe_code)]

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 64;
/// Longest text whose positions are told in 16 bits.
pub const TEXT_BYTES_MAX: usize = 1 << 16;

/// Every place in `text` where `a` or `b` stands, rising; `room` is kept for the next call and grows as needed.
///
/// # Panics
/// If the text is longer than [`TEXT_BYTES_MAX`].
pub fn positions<'a>(text: &[u8], a: u8, b: u8, room: &'a mut Vec<u16>) -> &'a [u16] {
    assert!(text.len() <= TEXT_BYTES_MAX, "positions of so long a text do not fit");
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { x86::positions_avx2(text, a, b, room) };
    }
    positions_plain(text, a, b, room)
}

/// Sixteen bytes that are worked on at once. Comparisons give all ones for each byte that fits.
#[derive(Debug, Clone, Copy)]
pub struct Lanes(lanes::Sixteen);

impl Lanes {
    /// These sixteen.
    #[inline(always)]
    pub fn new(bytes: &[u8; 16]) -> Self {
        Self(lanes::load(bytes))
    }

    /// Which bytes are this one.
    #[inline(always)]
    pub fn is(self, byte: u8) -> Self {
        Self(lanes::is(self.0, byte))
    }

    /// Which bytes are at least `low` and at most `high`.
    #[inline(always)]
    pub fn is_in(self, low: u8, high: u8) -> Self {
        Self(lanes::is_in(self.0, low, high))
    }

    /// Bits that are in either.
    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self(lanes::or(self.0, other.0))
    }

    /// Bits that are in both.
    #[inline(always)]
    pub fn and(self, other: Self) -> Self {
        Self(lanes::and(self.0, other.0))
    }

    /// The first bit of each byte, bit 0 for the first one: after a comparison, which bytes fit.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        lanes::bits(self.0)
    }

    /// The bytes again.
    #[inline(always)]
    pub fn to_bytes(self) -> [u8; 16] {
        lanes::store(self.0)
    }
}

/// The same for every processor.
fn positions_plain<'a>(text: &[u8], a: u8, b: u8, room: &'a mut Vec<u16>) -> &'a [u16] {
    let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
    let mut len = 0;
    for (i, block) in blocks.iter().enumerate() {
        len = spread(plain::either(block, a, b), i * BLOCK_BYTES, len, room);
    }
    len = spread(plain::either(&padded(rest), a, b) & up_to(rest.len()), text.len() - rest.len(), len, room);
    &room[..len]
}

/// The last bytes of a text as a block.
#[inline(always)]
fn padded(rest: &[u8]) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// The lowest bits, less than all.
#[inline(always)]
fn up_to(bits: usize) -> u64 {
    (1 << bits) - 1
}

/// Writes the place of each bit. The first four are written whether they are there or not: to guess wrong how many there
/// are takes longer than to write them. Spelt out, as a closure may become a call.
#[inline(always)]
fn spread(mut bits: u64, start: usize, len: usize, room: &mut Vec<u16>) -> usize {
    const AT_ONCE: usize = 4;
    if room.len() < len + BLOCK_BYTES {
        room.resize((len + BLOCK_BYTES).next_power_of_two(), 0);
    }
    let Some(out) = room[len..].first_chunk_mut::<BLOCK_BYTES>() else { return len };
    let count = bits.count_ones() as usize;
    for place in &mut out[..AT_ONCE] {
        *place = (start + bits.trailing_zeros() as usize) as u16;
        bits &= bits.wrapping_sub(1);
    }
    if count > AT_ONCE {
        for place in &mut out[AT_ONCE..count] {
            *place = (start + bits.trailing_zeros() as usize) as u16;
            bits &= bits.wrapping_sub(1);
        }
    }
    len + count
}

/// For every processor; what the others are held to.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "tests, and processors without AVX2"))]
mod plain {
    use super::BLOCK_BYTES;

    pub(super) type Sixteen = [u8; 16];

    pub(super) fn either(block: &[u8; BLOCK_BYTES], a: u8, b: u8) -> u64 {
        let bit = |i: usize, byte: u8| u64::from(byte == a || byte == b) << i;
        block.iter().enumerate().fold(0, |bits, (i, byte)| bits | bit(i, *byte))
    }

    pub(super) fn load(bytes: &[u8; 16]) -> Sixteen {
        *bytes
    }

    pub(super) fn store(lanes: Sixteen) -> [u8; 16] {
        lanes
    }

    pub(super) fn is(lanes: Sixteen, byte: u8) -> Sixteen {
        is_in(lanes, byte, byte)
    }

    pub(super) fn is_in(lanes: Sixteen, low: u8, high: u8) -> Sixteen {
        lanes.map(|byte| if (low..=high).contains(&byte) { u8::MAX } else { 0 })
    }

    pub(super) fn or(a: Sixteen, b: Sixteen) -> Sixteen {
        std::array::from_fn(|i| a[i] | b[i])
    }

    pub(super) fn and(a: Sixteen, b: Sixteen) -> Sixteen {
        std::array::from_fn(|i| a[i] & b[i])
    }

    pub(super) fn bits(lanes: Sixteen) -> u32 {
        lanes.iter().enumerate().fold(0, |bits, (i, byte)| bits | u32::from(byte >> 7) << i)
    }
}

#[cfg(not(target_arch = "x86_64"))]
use plain as lanes;

/// SSE2, which every processor of this architecture has: the compiler may put it into whatever calls it.
#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64::*;

    pub(super) type Sixteen = __m128i;

    #[inline(always)]
    pub(super) fn load(bytes: &[u8; 16]) -> Sixteen {
        let word = u128::from_le_bytes(*bytes);
        // SAFETY: SSE2 is part of the architecture. One instruction, as both words lie side by side.
        unsafe { _mm_set_epi64x((word >> 64) as i64, word as i64) }
    }

    #[inline(always)]
    pub(super) fn store(lanes: Sixteen) -> [u8; 16] {
        // SAFETY: SSE2 is part of the architecture.
        let (low, high) =
            unsafe { (_mm_cvtsi128_si64(lanes), _mm_cvtsi128_si64(_mm_unpackhi_epi64(lanes, lanes))) };
        (u128::from(high as u64) << 64 | u128::from(low as u64)).to_le_bytes()
    }

    #[inline(always)]
    pub(super) fn is(lanes: Sixteen, byte: u8) -> Sixteen {
        // SAFETY: SSE2 is part of the architecture.
        unsafe { _mm_cmpeq_epi8(lanes, _mm_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    pub(super) fn is_in(lanes: Sixteen, low: u8, high: u8) -> Sixteen {
        // SAFETY: SSE2 is part of the architecture.
        unsafe {
            let above = _mm_sub_epi8(lanes, _mm_set1_epi8(low as i8));
            _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(high.wrapping_sub(low) as i8)), above)
        }
    }

    #[inline(always)]
    pub(super) fn or(a: Sixteen, b: Sixteen) -> Sixteen {
        // SAFETY: SSE2 is part of the architecture.
        unsafe { _mm_or_si128(a, b) }
    }

    #[inline(always)]
    pub(super) fn and(a: Sixteen, b: Sixteen) -> Sixteen {
        // SAFETY: SSE2 is part of the architecture.
        unsafe { _mm_and_si128(a, b) }
    }

    #[inline(always)]
    pub(super) fn bits(lanes: Sixteen) -> u32 {
        // SAFETY: SSE2 is part of the architecture.
        unsafe { _mm_movemask_epi8(lanes) as u32 }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK_BYTES, padded, spread, up_to};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn positions_avx2<'a>(text: &[u8], a: u8, b: u8, room: &'a mut Vec<u16>) -> &'a [u16] {
        let (a, b) = (_mm256_set1_epi8(a as i8), _mm256_set1_epi8(b as i8));
        let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
        let mut len = 0;
        for (i, block) in blocks.iter().enumerate() {
            len = spread(either(block, a, b), i * BLOCK_BYTES, len, room);
        }
        len = spread(either(&padded(rest), a, b) & up_to(rest.len()), text.len() - rest.len(), len, room);
        &room[..len]
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    #[inline]
    fn either(block: &[u8; BLOCK_BYTES], a: __m256i, b: __m256i) -> u64 {
        // One instruction a half, once the compiler has seen that the words lie side by side. No closures here: they are
        // for this processor, too, and cannot become part of functions of the library that are for all.
        let (w, _) = block.as_chunks::<8>();
        let low = _mm256_set_epi64x(word(&w[3]), word(&w[2]), word(&w[1]), word(&w[0]));
        let high = _mm256_set_epi64x(word(&w[7]), word(&w[6]), word(&w[5]), word(&w[4]));
        let low = _mm256_or_si256(_mm256_cmpeq_epi8(low, a), _mm256_cmpeq_epi8(low, b));
        let high = _mm256_or_si256(_mm256_cmpeq_epi8(high, a), _mm256_cmpeq_epi8(high, b));
        u64::from(_mm256_movemask_epi8(high) as u32) << 32 | u64::from(_mm256_movemask_epi8(low) as u32)
    }

    #[inline(always)]
    fn word(bytes: &[u8; 8]) -> i64 {
        i64::from_le_bytes(*bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(b'"'), Just(b'\n'), any::<u8>()];
        prop::collection::vec(byte, 0..400)
    }

    proptest! {
        #[test]
        fn positions_are_those_of_the_plain_way(text in text(), a in any::<u8>(), is_quote in any::<bool>()) {
            let a = if is_quote { b'"' } else { a };
            let wanted: Vec<u16> =
                (0..text.len()).filter(|i| text[*i] == a || text[*i] == b'\n').map(|i| i as u16).collect();
            // Room that was used before holds old positions.
            let mut room = vec![7; 70];
            prop_assert_eq!(positions(&text, a, b'\n', &mut room), &wanted);
            let plainly = positions_plain(&text, a, b'\n', &mut room);
            prop_assert_eq!(plainly, &wanted);
        }

        #[test]
        fn lanes_are_those_of_the_plain_way(a in any::<[u8; 16]>(), b in any::<[u8; 16]>(), low in any::<u8>(), len in any::<u8>()) {
            let high = low.saturating_add(len);
            let (x, y) = (Lanes::new(&a), Lanes::new(&b));
            for (lanes, plainly) in [
                (x.is(a[3]), plain::is(a, a[3])),
                (x.is_in(low, high), plain::is_in(a, low, high)),
                (x.and(y), plain::and(a, b)),
                (x.or(y), plain::or(a, b)),
                (x, a),
            ] {
                prop_assert_eq!((lanes.to_bytes(), lanes.bits()), (plainly, plain::bits(plainly)));
            }
        }
    }

    #[test]
    fn the_longest_text_is_told_and_a_longer_one_is_refused() {
        let text = vec![b'x'; TEXT_BYTES_MAX];
        let mut room = Vec::new();
        let found = positions(&text, b'x', b'y', &mut room);
        assert_eq!((found.len(), found[TEXT_BYTES_MAX - 1]), (TEXT_BYTES_MAX, u16::MAX));
        let too_long = vec![0; TEXT_BYTES_MAX + 1];
        assert!(std::panic::catch_unwind(|| positions(&too_long, 1, 2, &mut Vec::new()).len()).is_err());
    }
}
