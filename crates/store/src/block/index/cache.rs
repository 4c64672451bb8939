//! Answers of an immutable index, remembered while it is open.

use crate::index::Set;
use hashbrown::HashMap;
use std::sync::{Mutex, PoisonError};

/// All answers together take at most this part of the index …
const INDEX_PART: usize = 4;
/// … or this many bytes.
const BYTES_MIN: usize = 16 << 10;
/// What an answer takes beside its set and its text, about.
const ENTRY_BYTES: usize = 128;

/// Answers by question. When they take too much, those not asked for since the last time that happened go.
#[derive(Debug)]
pub(super) struct Answers {
    bytes_max: usize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_text: HashMap<Box<str>, Answer>,
    len_bytes: usize,
}

#[derive(Debug)]
struct Answer {
    set: Set,
    len_bytes: usize,
    is_used: bool,
}

impl Answers {
    /// None yet, for an index of this size.
    pub(super) fn new(index_bytes: usize) -> Self {
        Self { bytes_max: (index_bytes / INDEX_PART).max(BYTES_MIN), known: Mutex::default() }
    }

    /// The answer to a question, worked out when it is not known.
    pub(super) fn get(&self, text: &str, work_out: impl FnOnce() -> Set) -> Set {
        if let Some(answer) = self.lock().by_text.get_mut(text) {
            answer.is_used = true;
            return answer.set.clone();
        }
        let set = work_out();
        let len_bytes = set.serialized_size() + text.len() + ENTRY_BYTES;
        // One that would push out half of the others is not worth it.
        if len_bytes <= self.bytes_max / 2 {
            self.lock().add(text, Answer { set: set.clone(), len_bytes, is_used: false }, self.bytes_max);
        }
        set
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn add(&mut self, text: &str, answer: Answer, bytes_max: usize) {
        if self.len_bytes + answer.len_bytes > bytes_max {
            self.by_text.retain(|_, answer| std::mem::take(&mut answer.is_used));
            self.count();
        }
        if self.len_bytes + answer.len_bytes > bytes_max {
            self.by_text.clear();
            self.len_bytes = 0;
        }
        self.len_bytes += answer.len_bytes;
        if let Some(before) = self.by_text.insert(text.into(), answer) {
            self.len_bytes -= before.len_bytes;
        }
    }

    fn count(&mut self) {
        self.len_bytes = self.by_text.values().map(|answer| answer.len_bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_remembered_within_bounds() {
        let answers = Answers::new(0);
        let often: Set = (0..100).collect();
        assert_eq!(answers.get("often", || often.clone()), often);
        for i in 0..1000u32 {
            assert_eq!(answers.get("often", || panic!("forgotten at {i}")), often);
            let set: Set = (i..i + 100).step_by(2).collect();
            assert_eq!(answers.get(&i.to_string(), || set.clone()), set);
            assert!(answers.lock().len_bytes <= BYTES_MIN);
        }
        let mut asked = false;
        let large: Set = (0..20_000).step_by(2).collect();
        answers.get("large", || large.clone());
        answers.get("large", || {
            asked = true;
            large.clone()
        });
        assert!(asked, "too large to remember");
    }
}
