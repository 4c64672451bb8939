//! The lines of a page by the bytes of their series, in the order in which they came first.

use hashbrown::{DefaultHashBuilder, HashTable};
use model::Slot;
use std::hash::BuildHasher;

/// What becomes of a line.
#[derive(Debug)]
pub(super) enum Fate {
    /// A sample of this series.
    Kept(Slot),
    /// The rules drop it.
    Dropped,
    /// It passes a limit, for which the whole scrape fails.
    Over(Box<str>),
}

#[derive(Debug)]
struct Line {
    /// Where its text ends; it starts where that of the one before ends.
    end: u32,
    /// The line that came after it last time.
    next: u32,
    fate: Fate,
}

/// No line is known to follow.
const NOBODY: u32 = u32::MAX;

/// All lines that are known.
#[derive(Debug)]
pub(super) struct Lines {
    text: String,
    lines: Vec<Line>,
    by_text: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The line found last.
    last: u32,
    /// Lines found since the start of the page.
    met: usize,
}

impl Default for Lines {
    fn default() -> Self {
        let (text, lines, by_text, hasher) = Default::default();
        Self { text, lines, by_text, hasher, last: NOBODY, met: 0 }
    }
}

impl Lines {
    /// Starts a page.
    pub(super) fn begin(&mut self) {
        self.met = 0;
    }

    /// The line that begins with a known series, and what follows that.
    pub(super) fn find<'l>(&mut self, line: &'l str) -> Option<(usize, &'l str)> {
        let expected = if self.last == NOBODY { 0 } else { self.lines[self.last as usize].next };
        if (expected as usize) < self.lines.len()
            && let Some(rest) = rest_of(line, self.text_of(expected))
        {
            return Some((self.found(expected), rest));
        }
        let len = wire::protocols::prometheus_text::page::series_len(line)?;
        let (text, rest) = line.split_at(len);
        let hash = self.hasher.hash_one(text);
        let at = *self.by_text.find(hash, |&at| self.text_of(at) == text)?;
        Some((self.found(at), rest))
    }

    /// Remembers a line that is not known; gives its place.
    pub(super) fn learn(&mut self, text: &str, fate: Fate) -> usize {
        let at = self.lines.len() as u32;
        self.text.push_str(text);
        self.lines.push(Line { end: self.text.len() as u32, next: at + 1, fate });
        let Self { text: all, lines, by_text, hasher, .. } = self;
        let hash = hasher.hash_one(text);
        by_text.insert_unique(hash, at, |&at| hasher.hash_one(text_in(all, lines, at)));
        self.found(at)
    }

    fn found(&mut self, at: u32) -> usize {
        if self.last != NOBODY {
            self.lines[self.last as usize].next = at;
        }
        self.met += 1;
        self.last = at;
        at as usize
    }

    pub(super) fn fate(&self, at: usize) -> &Fate {
        &self.lines[at].fate
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Lines of this page so far.
    pub(super) fn met(&self) -> usize {
        self.met
    }

    fn text_of(&self, at: u32) -> &str {
        text_in(&self.text, &self.lines, at)
    }
}

fn text_in<'t>(text: &'t str, lines: &[Line], at: u32) -> &'t str {
    let at = at as usize;
    let start = if at == 0 { 0 } else { lines[at - 1].end };
    &text[start as usize..lines[at].end as usize]
}

/// What follows the series `text` on a line that begins with it and not only with its first letters.
fn rest_of<'l>(line: &'l str, text: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(text)?;
    let numbers = rest.trim_ascii_start();
    let ends_here = text.ends_with('}') || (numbers.len() < rest.len() && !numbers.starts_with('{'));
    ends_here.then_some(numbers)
}
