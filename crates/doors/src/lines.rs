//! Lines out of a stream of bytes.

use memchr::{memchr, memrchr};

/// Room that is kept for the next half line, in bytes.
const KEPT_BYTES: usize = 256;

/// What is remembered of a stream: the start of a line whose end is yet to come.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    partial: Vec<u8>,
    /// The line under way is too long; its rest is thrown away.
    is_skipping: bool,
}

/// What became of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Whether a line is half here.
    pub(crate) is_partial: bool,
    /// Lines that were thrown away as too long.
    pub(crate) too_long: u64,
}

impl Lines {
    /// Hands whole lines to `take`, as many as there are at once, with their ends.
    pub(crate) fn feed(
        &mut self,
        mut bytes: &[u8],
        line_bytes_max: usize,
        mut take: impl FnMut(&[u8]),
    ) -> Cut {
        let mut too_long = 0;
        if self.is_skipping || !self.partial.is_empty() {
            let Some(end) = memchr(b'\n', bytes) else {
                too_long += self.keep(bytes, line_bytes_max);
                return Cut { is_partial: true, too_long };
            };
            let (rest, next) = bytes.split_at(end + 1);
            if !std::mem::take(&mut self.is_skipping) {
                self.partial.extend_from_slice(rest);
                take(&self.partial);
            }
            // Connections are many and most of them wait: only a little room is kept for the next half line.
            self.partial.clear();
            self.partial.shrink_to(KEPT_BYTES);
            bytes = next;
        }
        let end = memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (whole, rest) = bytes.split_at(end);
        if !whole.is_empty() {
            take(whole);
        }
        too_long += self.keep(rest, line_bytes_max);
        Cut { is_partial: !rest.is_empty(), too_long }
    }

    #[cfg(feature = "server")]
    /// What the start of a line costs, in bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        self.partial.capacity()
    }

    /// What is left when the stream ends: a last line without an end.
    pub(crate) fn last(&self) -> &[u8] {
        &self.partial
    }

    /// Keeps the start of a line; 1 when it became too long by that.
    fn keep(&mut self, bytes: &[u8], line_bytes_max: usize) -> u64 {
        if self.is_skipping {
            return 0;
        }
        if self.partial.len() + bytes.len() > line_bytes_max {
            self.partial = Vec::new();
            self.is_skipping = true;
            return 1;
        }
        self.partial.extend_from_slice(bytes);
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// However a stream is cut, the same lines come out; only those too long are missing, and counted.
        #[test]
        fn lines_do_not_depend_on_where_the_stream_is_cut(
            lines in prop::collection::vec("[a-z]{0,12}", 0..10),
            cuts in prop::collection::vec(1..9usize, 1..100),
        ) {
            const MAX: usize = 8;
            let stream = lines.iter().fold(String::new(), |all, line| all + line + "\n");
            let (mut framing, mut seen, mut too_long, mut rest) = (Lines::default(), Vec::new(), 0, stream.as_bytes());
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                let cut = framing.feed(now, MAX, |bytes| seen.extend_from_slice(bytes));
                too_long += cut.too_long;
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert!(framing.last().is_empty());
            let seen = String::from_utf8(seen).unwrap();
            let short: Vec<_> = lines.iter().map(String::as_str).filter(|line| line.len() <= MAX).collect();
            let seen: Vec<_> = seen.lines().filter(|line| line.len() <= MAX).collect();
            prop_assert_eq!(seen, short);
            prop_assert!(too_long <= lines.iter().filter(|line| line.len() > MAX).count() as u64);
        }
    }

    #[test]
    fn a_line_without_end_waits_and_is_the_last() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        let cut = lines.feed(b"a:1|c\nb:1", 100, |bytes| seen.push(bytes.to_vec()));
        assert_eq!((cut.is_partial, lines.last()), (true, b"b:1".as_slice()));
        let cut = lines.feed(b"|c\n", 100, |bytes| seen.push(bytes.to_vec()));
        assert_eq!((cut.is_partial, lines.last()), (false, b"".as_slice()));
        assert_eq!(seen, [b"a:1|c\n".to_vec(), b"b:1|c\n".to_vec()]);
    }
}
