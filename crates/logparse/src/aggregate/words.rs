//! Counts of a few words: what caches say, protocols, upstreams. When there are too many, the rest is `~other`.

use super::OTHER;
use super::told::{Series, Told};
use crate::telemetry;

/// Longest word, in bytes; what is longer is cut.
const WORD_BYTES_MAX: usize = 200;

/// Places at which words are looked for first.
const LAST: usize = 64;

#[derive(Debug)]
struct Word {
    short: u64,
    text: Box<[u8]>,
    count: u64,
    series: Series,
}

impl Word {
    #[inline]
    fn is(&self, text: &[u8], short: u64) -> bool {
        self.text.len() == text.len() && self.short == short && (text.len() <= 8 || *self.text == *text)
    }
}

/// The first and the last bytes of a word as a number; with its length it is all of one of up to eight.
#[inline]
fn short(text: &[u8]) -> u64 {
    if let Ok(all) = <[u8; 8]>::try_from(text) {
        return u64::from_le_bytes(all);
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        return u64::from_le_bytes(*first).rotate_left(23) ^ u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Where a word is looked for first.
#[inline]
fn place(short: u64) -> usize {
    (short.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Words {
    words: Vec<Word>,
    words_max: usize,
    /// Where words were found last, by a few bits of them: the same ones come again and again.
    last: [u8; LAST],
}

impl Words {
    pub(crate) fn new(words_max: usize) -> Self {
        Self { words: Vec::new(), words_max, last: [0; LAST] }
    }

    /// Counts a word; `-` and nothing are none.
    #[inline]
    pub(crate) fn add(&mut self, text: &[u8]) {
        let short = short(text);
        match self.words.get_mut(usize::from(self.last[place(short)])) {
            Some(word) if word.is(text, short) => word.count += 1,
            _ => self.find(text),
        }
    }

    fn find(&mut self, text: &[u8]) {
        let text = &text[..text.len().min(WORD_BYTES_MAX)];
        if matches!(text, b"-" | b"") {
            return;
        }
        let short = short(text);
        let found = self.words.iter().position(|word| word.is(text, short));
        let at = found.unwrap_or_else(|| self.introduce(text));
        self.words[at].count += 1;
        self.last[place(short)] = at as u8;
    }

    #[cold]
    fn introduce(&mut self, text: &[u8]) -> usize {
        let other = OTHER.as_bytes();
        let is_full = self.words.len() >= self.words_max;
        if is_full {
            telemetry::WORDS_FOLDED.add(1);
        }
        let text = if is_full { other } else { text };
        if let Some(at) = self.words.iter().position(|word| *word.text == *text) {
            return at;
        }
        self.words.push(Word { short: short(text), text: text.into(), count: 0, series: Series::default() });
        self.words.len() - 1
    }

    /// Tells each word.
    pub(crate) fn flush(&mut self, told: &mut Told, mut tell: impl FnMut(&mut Told, &mut Series, &str, f64)) {
        for word in &mut self.words {
            let text = String::from_utf8_lossy(&word.text);
            tell(told, &mut word.series, &text, word.count as f64);
        }
    }
}
