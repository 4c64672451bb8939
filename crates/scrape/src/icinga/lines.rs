//! A stream cut into lines.

use wire::protocols::icinga::EVENT_BYTES_MAX;

/// Bytes of the stream that are no whole event yet.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    /// Events that were longer than allowed.
    pub(super) too_long: u64,
    /// The rest of one is still to come.
    is_skipping: bool,
}

impl Lines {
    /// Takes the whole lines.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let end = self.bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let rest = self.bytes.split_off(end);
        let mut whole = std::mem::replace(&mut self.bytes, rest);
        if self.is_skipping && !whole.is_empty() {
            let end = whole.iter().position(|&b| b == b'\n').map_or(whole.len(), |at| at + 1);
            whole.drain(..end);
            self.is_skipping = false;
        }
        if self.bytes.len() > EVENT_BYTES_MAX || self.is_skipping {
            self.too_long += u64::from(!self.is_skipping);
            self.is_skipping = true;
            self.bytes = Vec::new();
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_and_bounded() {
        let mut lines = Lines::default();
        let mut feed = |text: &[u8]| {
            lines.bytes.extend_from_slice(text);
            (String::from_utf8(lines.take()).unwrap(), lines.bytes.len(), std::mem::take(&mut lines.too_long))
        };
        assert_eq!(feed(b"a\nb\nc"), ("a\nb\n".into(), 1, 0));
        assert_eq!(feed(b"d"), (String::new(), 2, 0));
        assert_eq!(feed(b"\n"), ("cd\n".into(), 0, 0));
        assert_eq!(feed(&vec![b'x'; EVENT_BYTES_MAX + 1]), (String::new(), 0, 1));
        assert_eq!(feed(b"more"), (String::new(), 0, 0));
        assert_eq!(feed(b"end\ngood\nha"), ("good\n".into(), 2, 0));
    }
}
