//! Numbers of up to eight bytes, read all at once: going from digit to digit ends with a wrong guess of the processor
//! wherever the next number has another length.

/// The bytes of a short value, the last one highest; zeros stand for those it does not have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Short {
    word: u64,
    len: u32,
}

const ONES: u64 = u64::MAX / 255;
const ZEROS: u64 = ONES * b'0' as u64;

impl Short {
    /// A value of one to eight bytes at the start of a text that has eight.
    #[inline(always)]
    pub(crate) fn new(text: &[u8], len: usize) -> Option<Self> {
        let word = u64::from_le_bytes(*text.first_chunk::<8>()?);
        let len = u32::try_from(len).ok().filter(|len| (1..=8).contains(len))?;
        Some(Self { word: word << (64 - 8 * len), len })
    }

    /// The number, if it is nothing but digits.
    #[inline(always)]
    pub(crate) fn whole(self) -> Option<u64> {
        let digits = self.values();
        are_digits(digits).then(|| number(digits))
    }

    /// Thousandths, if it is digits, a point and three digits, as nginx writes seconds.
    #[inline(always)]
    pub(crate) fn thousandths(self) -> Option<u64> {
        let digits = self.values();
        if self.len < 5 || digits >> 32 & 0xff != u64::from(b'.' ^ b'0') {
            return None;
        }
        let digits = (digits & 0xffff_ffff) << 8 | digits & 0xffff_ff00_0000_0000;
        are_digits(digits).then(|| number(digits))
    }

    /// Whether it is `-`.
    #[inline(always)]
    pub(crate) fn is_none(self) -> bool {
        self.len == 1 && self.word >> 56 == u64::from(b'-')
    }

    /// Each digit as its value.
    #[inline(always)]
    fn values(self) -> u64 {
        self.word ^ ZEROS << (64 - 8 * self.len)
    }
}

/// Whether every byte is at most nine.
#[inline(always)]
fn are_digits(digits: u64) -> bool {
    (digits.wrapping_add(ONES * 0x76) | digits) & (ONES * 0x80) == 0
}

/// Eight digits, the most significant one in the lowest byte: pairs, then fours, then all (Lemire, 2018).
#[inline(always)]
fn number(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{seconds, whole};
    use proptest::prelude::*;

    fn short(text: &str) -> Option<Short> {
        Short::new(format!("{text}\"12345678").as_bytes(), text.len())
    }

    /// Digits, a point, three digits.
    fn is_time(text: &str) -> bool {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('.').is_some_and(|(whole, rest)| digits(whole) && digits(rest) && rest.len() == 3)
    }

    proptest! {
        #[test]
        fn what_is_read_at_once_is_what_is_read_digit_by_digit(
            text in "[0-9]{1,8}|[0-9]{1,4}\\.[0-9]{3}|[0-9.,:/ a-]{0,9}",
        ) {
            let value = short(&text);
            prop_assert_eq!(value.is_some(), (1..=8).contains(&text.len()));
            let Some(value) = value else { return Ok(()) };
            let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(value.whole(), is_whole.then(|| whole(text.as_bytes())));
            let time = value.thousandths().map(|thousandths| thousandths as f64 * 1e-3);
            prop_assert_eq!(time, seconds(text.as_bytes(), 1.0).filter(|_| is_time(&text)));
            prop_assert_eq!(value.is_none(), text == "-");
        }
    }
}
