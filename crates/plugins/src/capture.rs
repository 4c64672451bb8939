//! What a child prints, held within bounds.

use crate::telemetry;

/// Output of a run: its start up to a limit; what follows is counted only.
#[derive(Debug)]
pub(crate) struct Capture {
    bytes: Vec<u8>,
    limit: usize,
    discarded: u64,
}

impl Capture {
    pub(crate) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, discarded: 0 }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let taken = bytes.len().min(self.limit - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        self.discard(bytes.len() - taken);
    }

    fn discard(&mut self, len: usize) {
        self.discarded += len as u64;
        telemetry::OUTPUT_CUT.add(len as u64);
    }

    /// What was taken; when more came, without the line that was cut.
    pub(crate) fn whole_lines(&self) -> &[u8] {
        if self.discarded == 0 {
            return &self.bytes;
        }
        let end = self.bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        &self.bytes[..end]
    }

    pub(crate) fn discarded(&self) -> u64 {
        self.discarded
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Gives the whole lines that are there to `take` and keeps the rest. A line longer than the limit is dropped up to
    /// its end.
    pub(crate) fn take_lines(&mut self, take: impl FnOnce(&[u8])) {
        let Some(end) = self.bytes.iter().rposition(|byte| *byte == b'\n') else { return };
        // The first line end after something was dropped ends the line that was too long.
        let start = match self.discarded {
            0 => 0,
            _ => self.bytes.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1),
        };
        self.discarded = 0;
        if start <= end {
            take(&self.bytes[start..=end]);
        }
        self.bytes.drain(..=end);
    }

    /// [`Capture::add`] for a stream of lines: when it is full of one line, that line is dropped.
    pub(crate) fn add_line_part(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > self.limit && !self.bytes.contains(&b'\n') {
            let rest = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
            self.discard(self.bytes.len() + rest);
            self.bytes.clear();
            self.bytes.extend_from_slice(&bytes[rest..]);
            return;
        }
        self.bytes.extend_from_slice(bytes);
    }
}

/// Longest part of what a child says on its error output that is kept.
const TAIL_BYTES_MAX: usize = 4096;

/// The end of what a child said on its error output.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
}

impl Tail {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let over = self.bytes.len().saturating_sub(TAIL_BYTES_MAX);
        self.bytes.drain(..over);
    }

    /// Its last line that is not blank, as text for people.
    pub(crate) fn last_line(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        line.chars().filter(|c| !c.is_control()).take(200).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_keeps_its_first_bytes_and_whole_lines_of_them() {
        let mut capture = Capture::new(8);
        capture.add(b"ab\ncd");
        assert_eq!(capture.whole_lines(), b"ab\ncd");
        capture.add(b"ef\ngh\n");
        assert_eq!((capture.whole_lines(), capture.discarded()), (b"ab\ncdef\n".as_slice(), 3));
        capture.add(b"more");
        assert_eq!(capture.discarded(), 7);
    }

    #[test]
    fn a_stream_gives_whole_lines_and_drops_those_that_are_too_long() {
        let (mut capture, mut lines) = (Capture::new(8), Vec::new());
        for part in ["ab", "c\nde", "f\ngh\ni", "12345678", "90", "12\njk\nl", "\n"] {
            capture.add_line_part(part.as_bytes());
            capture.take_lines(|taken| lines.extend(taken.to_vec()));
        }
        assert_eq!(String::from_utf8(lines).unwrap(), "abc\ndef\ngh\njk\nl\n");
        assert!(capture.bytes.is_empty() && capture.discarded == 0);
    }

    #[test]
    fn the_tail_is_bounded_and_gives_its_last_line() {
        let mut tail = Tail::default();
        assert_eq!(tail.last_line(), "");
        for _ in 0..1000 {
            tail.add(b"first line\nlast\xff \x1b[1mline\n\n");
        }
        assert_eq!(tail.last_line(), "last\u{fffd} [1mline");
        assert!(tail.bytes.len() <= TAIL_BYTES_MAX);
    }
}
