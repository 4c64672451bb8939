//! From blocks of lines to lines that are counted.

use super::Aggregate;
use crate::formats::Format;
use crate::plan::Anchored;
use memchr::{memchr, memrchr};
use stdx::simd::positions;

/// So much is searched for anchors at once: small enough that text and places stay in the fastest cache.
const PIECE_BYTES: usize = 8 << 10;

impl Aggregate {
    /// Counts whole lines, each with its line feed; those without the format are told.
    pub(crate) fn add_block(&mut self, mut block: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        let format = self.format.clone();
        while !block.is_empty() {
            let (piece, rest) = block.split_at(piece_len(block));
            match format.anchored().filter(|_| piece.len() <= PIECE_BYTES) {
                Some(anchored) => self.add_anchored(&format, anchored, piece, unmatched),
                None => self.add_each(piece, unmatched),
            }
            block = rest;
        }
    }

    fn add_each(&mut self, mut piece: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        while let Some(end) = memchr(b'\n', piece) {
            self.add(&piece[..end], unmatched);
            piece = &piece[end + 1..];
        }
    }

    fn add_anchored(
        &mut self,
        format: &Format,
        anchored: &Anchored,
        piece: &[u8],
        unmatched: &mut impl FnMut(&[u8]),
    ) {
        let mut room = std::mem::take(&mut self.places);
        let mut places = positions(piece, anchored.anchor(), b'\n', &mut room);
        let mut start = 0;
        while start < piece.len() {
            if let Some(feed) = places.get(anchored.len()).map(|place| usize::from(*place))
                && piece[feed] == b'\n'
                && anchored.parse(piece, start, places, without_return(piece, start, feed), &mut self.record)
            {
                self.counts.lines += 1;
                self.count(piece);
                (start, places) = (feed + 1, &places[anchored.len() + 1..]);
                continue;
            }
            let is_feed = |place: &u16| piece[usize::from(*place)] == b'\n';
            let Some(at) = places.iter().position(is_feed) else { break };
            let feed = usize::from(places[at]);
            self.add_as(format, &piece[start..feed], unmatched);
            (start, places) = (feed + 1, &places[at + 1..]);
        }
        self.places = room;
    }

    /// Counts a line without its line feed; one without the format is told.
    pub(crate) fn add(&mut self, line: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        let format = self.format.clone();
        self.add_as(&format, line, unmatched);
    }

    fn add_as(&mut self, format: &Format, line: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.counts.lines += 1;
        if format.parse(line, &mut self.record) {
            self.count(line);
        } else {
            self.counts.unmatched += 1;
            unmatched(line);
        }
    }
}

/// Where the line ends that is followed by a line feed, without a carriage return.
#[inline]
fn without_return(text: &[u8], start: usize, feed: usize) -> usize {
    feed - usize::from(feed > start && text[feed - 1] == b'\r')
}

/// As many lines as fit into a piece, or one that is longer.
fn piece_len(block: &[u8]) -> usize {
    if block.len() <= PIECE_BYTES {
        return block.len();
    }
    let last = memrchr(b'\n', &block[..PIECE_BYTES]);
    last.or_else(|| memchr(b'\n', block)).map_or(block.len(), |last| last + 1)
}
