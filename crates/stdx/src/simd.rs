//! Bytes looked at many at once: where one of two stands in a text, and which of 64 lie in ranges.
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
#[inline]
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
    gather(text, room, |block| plain::either(block, a, b))
}

/// Which bytes of a block lie in each of the ranges, both ends included: bit 0 stands for the first byte.
#[inline]
pub fn in_ranges<const N: usize>(block: &[u8; BLOCK_BYTES], ranges: &[(u8, u8); N]) -> [u64; N] {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every processor of this architecture has SSE2.
    return unsafe { x86::in_ranges_sse2(block, ranges) };
    #[cfg(not(target_arch = "x86_64"))]
    plain::in_ranges(block, ranges)
}

/// Where a byte first stands among sixteen; 16 when it does not.
#[inline]
pub fn find_in_16(bytes: &[u8; 16], byte: u8) -> usize {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every processor of this architecture has SSE2.
    return unsafe { x86::find_in_16_sse2(bytes, byte) };
    #[cfg(not(target_arch = "x86_64"))]
    plain::find_in_16(bytes, byte)
}

/// Turns the bits of one block after the other into positions.
#[inline(always)]
fn gather<'a>(text: &[u8], room: &'a mut Vec<u16>, find: impl Fn(&[u8; BLOCK_BYTES]) -> u64) -> &'a [u16] {
    let (blocks, rest) = text.as_chunks::<BLOCK_BYTES>();
    let mut len = 0;
    for (i, block) in blocks.iter().enumerate() {
        len = spread(find(block), i * BLOCK_BYTES, len, room);
    }
    if !rest.is_empty() {
        let mut block = [0; BLOCK_BYTES];
        block[..rest.len()].copy_from_slice(rest);
        let is_text = (1 << rest.len()) - 1;
        len = spread(find(&block) & is_text, text.len() - rest.len(), len, room);
    }
    &room[..len]
}

/// Writes the place of each bit. The first four are written whether they are there or not: to guess wrong how many there
/// are takes longer than to write them.
#[inline(always)]
fn spread(mut bits: u64, start: usize, len: usize, room: &mut Vec<u16>) -> usize {
    const AT_ONCE: usize = 4;
    if room.len() < len + BLOCK_BYTES {
        room.resize((len + BLOCK_BYTES).next_power_of_two(), 0);
    }
    let Some(out) = room[len..].first_chunk_mut::<BLOCK_BYTES>() else { return len };
    let count = bits.count_ones() as usize;
    let mut put = |place: &mut u16| {
        *place = (start + bits.trailing_zeros() as usize) as u16;
        bits &= bits.wrapping_sub(1);
    };
    out[..AT_ONCE].iter_mut().for_each(&mut put);
    if count > AT_ONCE {
        out[AT_ONCE..count].iter_mut().for_each(put);
    }
    len + count
}

/// For every processor; what the others are held to.
#[cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "tests, and processors without AVX2"))]
mod plain {
    use super::BLOCK_BYTES;

    #[inline]
    pub(super) fn either(block: &[u8; BLOCK_BYTES], a: u8, b: u8) -> u64 {
        let [at_a, at_b] = in_ranges(block, &[(a, a), (b, b)]);
        at_a | at_b
    }

    #[inline]
    pub(super) fn find_in_16(bytes: &[u8; 16], byte: u8) -> usize {
        bytes.iter().position(|other| *other == byte).unwrap_or(16)
    }

    #[inline]
    pub(super) fn in_ranges<const N: usize>(block: &[u8; BLOCK_BYTES], ranges: &[(u8, u8); N]) -> [u64; N] {
        let bit = |i: usize, is_in: bool| u64::from(is_in) << i;
        ranges.map(|(low, high)| {
            block.iter().enumerate().fold(0, |bits, (i, byte)| bits | bit(i, (low..=high).contains(byte)))
        })
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK_BYTES, gather};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn positions_avx2<'a>(text: &[u8], a: u8, b: u8, room: &'a mut Vec<u16>) -> &'a [u16] {
        let (a, b) = (_mm256_set1_epi8(a as i8), _mm256_set1_epi8(b as i8));
        gather(text, room, |block| {
            let (halves, _) = block.as_chunks::<32>();
            halves.iter().rev().fold(0, |bits, half| {
                let bytes = load_32(half);
                let is_either = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, a), _mm256_cmpeq_epi8(bytes, b));
                bits << 32 | u64::from(_mm256_movemask_epi8(is_either) as u32)
            })
        })
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    pub(super) fn in_ranges_sse2<const N: usize>(
        block: &[u8; BLOCK_BYTES],
        ranges: &[(u8, u8); N],
    ) -> [u64; N] {
        let (quarters, _) = block.as_chunks::<16>();
        ranges.map(|(low, high)| {
            let (start, width) = (_mm_set1_epi8(low as i8), _mm_set1_epi8(high.wrapping_sub(low) as i8));
            quarters.iter().rev().fold(0, |bits, quarter| {
                let above = _mm_sub_epi8(load_16(quarter), start);
                let is_in = _mm_cmpeq_epi8(_mm_min_epu8(above, width), above);
                bits << 16 | u64::from(_mm_movemask_epi8(is_in) as u32)
            })
        })
    }

    #[target_feature(enable = "sse2")]
    #[inline]
    pub(super) fn find_in_16_sse2(bytes: &[u8; 16], byte: u8) -> usize {
        let is_it = _mm_cmpeq_epi8(load_16(bytes), _mm_set1_epi8(byte as i8));
        (_mm_movemask_epi8(is_it) | 1 << 16).trailing_zeros() as usize
    }

    /// One instruction, once the compiler has seen that both words lie side by side.
    #[target_feature(enable = "sse2")]
    #[inline]
    fn load_16(bytes: &[u8; 16]) -> __m128i {
        let word = u128::from_le_bytes(*bytes);
        _mm_set_epi64x((word >> 64) as i64, word as i64)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn load_32(bytes: &[u8; 32]) -> __m256i {
        let (words, _) = bytes.as_chunks::<8>();
        let word = |i: usize| i64::from_le_bytes(words[i]);
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
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
            let plainly = gather(&text, &mut room, |block| plain::either(block, a, b'\n'));
            prop_assert_eq!(plainly, &wanted);
        }

        #[test]
        fn ranges_are_those_of_the_plain_way(
            block in prop::array::uniform32(any::<[u8; 2]>()),
            ranges in any::<[(u8, u8); 3]>(),
        ) {
            let block: [u8; BLOCK_BYTES] = std::array::from_fn(|i| block[i / 2][i % 2]);
            let ranges = ranges.map(|(a, b)| (a.min(b), a.max(b)));
            prop_assert_eq!(in_ranges(&block, &ranges), plain::in_ranges(&block, &ranges));
        }

        #[test]
        fn a_byte_is_found_as_in_the_plain_way(bytes in any::<[u8; 16]>(), at in 0usize..32) {
            let byte = bytes.get(at).copied().unwrap_or(at as u8);
            prop_assert_eq!(find_in_16(&bytes, byte), plain::find_in_16(&bytes, byte));
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
