//! From blocks of bytes to lines.

use super::Take;
use memchr::memchr;

/// Longest line, in bytes; longer ones are left out and counted.
pub(crate) const LINE_BYTES_MAX: usize = 1 << 20;
/// How much is read at once while lines are not longer.
pub(crate) const BLOCK_BYTES: usize = 32 << 10;

/// A line.
#[derive(Debug)]
pub(crate) enum Lines<'a> {
    /// Whole lines with the line feeds between and behind them; whoever takes them may change them where they stand.
    Whole(&'a mut [u8]),
    /// A line that has no end yet never gets one.
    Last(&'a mut [u8]),
    /// It was left out.
    TooLong,
}

/// What a block was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// So many bytes were whole lines, or were left out.
    Taken(usize),
    /// No line ends in it; a longer block is needed.
    Longer,
}

/// Hands on the whole lines of a block, which begins where a line begins. `is_skipping` says that the line it begins with
/// is one that is left out.
pub(crate) fn cut(block: &mut [u8], is_skipping: &mut bool, take: &mut dyn Take) -> Cut {
    let mut start = 0;
    if *is_skipping {
        match memchr(b'\n', block) {
            Some(end) => {
                *is_skipping = false;
                start = end + 1;
            }
            None => return Cut::Taken(block.len()),
        }
    }
    match memchr::memrchr(b'\n', &block[start..]) {
        Some(last) => {
            take.line(Lines::Whole(&mut block[start..=start + last]));
            Cut::Taken(start + last + 1)
        }
        None if start == 0 && block.len() > LINE_BYTES_MAX => {
            take.line(Lines::TooLong);
            *is_skipping = true;
            Cut::Taken(block.len())
        }
        None if start == 0 => Cut::Longer,
        None => Cut::Taken(start),
    }
}
