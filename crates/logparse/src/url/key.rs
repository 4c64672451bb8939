//! URLs that have the same template without being folded: a number from the bytes of a path, of which those do not count
//! that folding takes away whatever they are. Two paths with one key have one template; the other way round it need not
//! be so.

use stdx::simd::Lanes;

/// Longest path that has a key, in bytes.
pub(crate) const KEY_BYTES_MAX: usize = 64;

/// Which bytes of a path are what, a bit a byte.
#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    slash: u64,
    digit: u64,
    /// What ends a path, and `@`.
    odd: u64,
}

/// The key of the path at the start of `bytes`, which a URL of `len` bytes begins with; nothing where it is no path of
/// usual length.
///
/// Digits that are a whole segment do not count: they become `{id}`. What else is folded does.
#[inline]
pub(crate) fn key(bytes: &[u8; KEY_BYTES_MAX], len: usize, seed: u64) -> Option<u64> {
    let (halves, _) = bytes.as_chunks::<32>();
    let [low, high] = halves else { return None };
    let mut all = marks(low);
    let is_long = all.odd == 0 && len > 32;
    if is_long {
        let more = marks(high);
        all.slash |= more.slash << 32;
        all.digit |= more.digit << 32;
        all.odd |= more.odd << 32;
    }
    let odd = all.odd.trailing_zeros() as usize;
    let end = len.min(odd);
    // An `@` may be part of an address, which is folded.
    let is_usual = if odd < len.min(KEY_BYTES_MAX) { bytes[odd] != b'@' } else { len <= KEY_BYTES_MAX };
    if !is_usual || bytes[0] != b'/' {
        return None;
    }
    let digits = all.digit & up_to(end);
    let quarters = if is_long { 4 } else { 2 };
    Some(hash(bytes, end, quarters, seed, whole_segments(digits, all.slash, end)))
}

/// Of 32 bytes.
#[inline(always)]
fn marks(half: &[u8; 32]) -> Marks {
    let (quarters, _) = half.as_chunks::<16>();
    let mut all = Marks::default();
    for (i, bytes) in quarters.iter().enumerate() {
        let lanes = Lanes::new(bytes);
        let odd = lanes.is_in(b'?', b'@').or(lanes.is(b'#')).or(lanes.is(b';'));
        all.slash |= u64::from(lanes.is(b'/').bits()) << (16 * i);
        all.digit |= u64::from(lanes.is_in(b'0', b'9').bits()) << (16 * i);
        all.odd |= u64::from(odd.bits()) << (16 * i);
    }
    all
}

/// The bits below `end`.
#[inline(always)]
fn up_to(end: usize) -> u64 {
    1u64.checked_shl(end as u32).unwrap_or(0).wrapping_sub(1)
}

/// Those digits that are all there is between two slashes, or a slash and the end. Adding one to the lowest digit of a
/// run clears the run and sets the bit behind it.
#[inline(always)]
fn whole_segments(digits: u64, slash: u64, end: usize) -> u64 {
    let sum = digits.wrapping_add(digits & (slash << 1));
    let mut whole = digits & !sum;
    let mut wrong = sum & !(digits | slash) & up_to(end);
    while wrong != 0 {
        // Something follows that is no digit: the run below does not count.
        let behind = wrong.trailing_zeros();
        let start = 64 - (!whole & up_to(behind as usize)).leading_zeros();
        whole &= up_to(start as usize) | !up_to(behind as usize);
        wrong &= wrong - 1;
    }
    whole
}

/// All ones for each byte whose bit is set. A byte of the first step keeps the bit that is its own.
#[inline(always)]
fn lanes_of(bits: u16) -> Lanes {
    let half = |bits: u16| {
        u128::from(u64::from(bits & 0xff).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201)
    };
    Lanes::new(&(half(bits) | half(bits >> 8) << 64).to_le_bytes()).is_in(1, u8::MAX)
}

/// Multiplies and folds, sixteen bytes at a time (as wyhash does); bytes behind the end are zeros. Digits whose bits
/// are set do not count: they become `?`, which no path has.
#[inline(always)]
fn hash(bytes: &[u8; KEY_BYTES_MAX], end: usize, quarters: usize, seed: u64, ignored: u64) -> u64 {
    /// Digits of pi.
    const SECRET: u64 = 0x243f_6a88_85a3_08d3;
    static KEPT: [u8; 32] = {
        let mut kept = [0; 32];
        let mut i = 0;
        while i < 16 {
            kept[i] = u8::MAX;
            i += 1;
        }
        kept
    };
    let blank = Lanes::new(&[b'?' ^ b'0'; 16]);
    let mut state = seed ^ end as u64;
    for (i, quarter) in bytes.as_chunks::<16>().0.iter().enumerate().take(quarters) {
        let left = end.saturating_sub(16 * i).min(16);
        let Some(kept) = KEPT[16 - left..].first_chunk::<16>() else { break };
        let lanes = Lanes::new(quarter);
        let lanes = lanes.or(lanes_of((ignored >> (16 * i)) as u16).and(blank)).and(Lanes::new(kept));
        let word = u128::from_le_bytes(lanes.to_bytes());
        let product = u128::from(word as u64 ^ state) * u128::from((word >> 64) as u64 ^ SECRET);
        state = product as u64 ^ (product >> 64) as u64 ^ state.rotate_left(23);
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::url::normalise;
    use proptest::prelude::*;

    fn key_of(url: &str) -> Option<u64> {
        let text = format!("{url} HTTP/1.1\" 200 17 \"/?@;9876543210/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7");
        key(text.as_bytes().first_chunk()?, url.len(), 0x1234_5678_9abc_def0)
    }

    fn template(url: &str) -> Vec<u8> {
        normalise(url.as_bytes(), &mut Vec::new()).to_vec()
    }

    #[test]
    fn numbers_by_themselves_do_not_count() {
        for (a, b, is_same) in [
            ("/users/17/orders", "/users/42/orders?page=2", true),
            ("/users/17", "/users/99", true),
            ("/api/v1/items/17/reviews/4", "/api/v1/items/18/reviews/5#x", true),
            ("/api/v1/items/17", "/api/v2/items/17", false),
            ("/2fa/17", "/2fa/18", true),
            ("/2fa/17", "/3fa/17", false),
            ("/a/2026-11-22", "/a/2026-11-23", false),
            ("/a", "/a/", false),
            ("/a\0", "/a", false),
        ] {
            assert_eq!(key_of(a) == key_of(b), is_same, "{a} {b}");
            assert!(key_of(a).is_some() && key_of(b).is_some());
        }
        let long = format!("/{}/17", "x".repeat(70));
        for other in ["*", "http://a.example/b", "/a@b.example", &long] {
            assert_eq!(key_of(other), None, "{other}");
        }
        assert!(key_of(&format!("/{}?{}", "x".repeat(50), "y".repeat(90))).is_some());
    }

    fn part() -> impl Strategy<Value = String> {
        prop_oneof!["[0-9]{1,4}", "[a-f0-9]{8,10}", "v[12]|2fa|a1b|x{1,20}|2026-1[0-9]", "[a-z?#;@._-]{0,4}",]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn paths_with_one_key_have_one_template(
            parts in prop::collection::vec(part(), 1..8),
            swaps in prop::collection::vec(0u8..10, 40),
        ) {
            let a = format!("/{}", parts.join("/"));
            // Another one with other digits here and there.
            let mut swaps = swaps.iter().cycle();
            let b: String = a.chars().map(|c| match swaps.next() {
                Some(swap) if c.is_ascii_digit() && *swap < 8 => char::from(b'0' + swap),
                _ => c,
            }).collect();
            if key_of(&a).is_some() && key_of(&a) == key_of(&b) {
                prop_assert_eq!(template(&a), template(&b), "{} {}", a, b);
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in any::<[u8; 32]>(), more in any::<[u8; 32]>(), len in 0usize..200) {
            let all: [u8; 64] = std::array::from_fn(|i| if i < 32 { bytes[i] } else { more[i - 32] });
            let _ = key(&all, len, 7);
        }
    }
}
