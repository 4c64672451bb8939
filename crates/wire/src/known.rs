//! Series by what a sender writes for them. Senders repeat themselves, so what stands for a series (a path, a metric with
//! its tags) is unescaped, sorted and checked once, and after that costs one look into a table.

use hashbrown::HashMap;
use model::{Batch, Slot};

/// Most bytes of texts that are kept; series beyond are made anew each time.
const TEXT_BYTES_MAX: usize = 32 << 20;

/// The series of a batch's dictionary by their texts. It follows the dictionary: when that is cleared, so is this.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_text: HashMap<Box<[u8]>, Slot>,
    text_bytes: usize,
    dictionary: u64,
}

impl Known {
    /// To be called before the first look into a batch that was out of sight.
    pub(crate) fn follow(&mut self, out: &Batch) {
        let id = out.dictionary.id();
        if std::mem::replace(&mut self.dictionary, id) != id {
            // Not only emptied: who spoke of many series once need not do so again.
            self.by_text = HashMap::new();
            self.text_bytes = 0;
        }
    }

    /// The series of a text, if it was seen before.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<Slot> {
        self.by_text.get(text).copied()
    }

    /// Remembers a series.
    pub(crate) fn insert(&mut self, text: &[u8], slot: Slot) {
        if self.text_bytes + text.len() <= TEXT_BYTES_MAX {
            self.text_bytes += text.len();
            self.by_text.insert(text.into(), slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_ends_with_the_dictionary() {
        let (mut known, mut batch) = (Known::default(), Batch::new());
        known.follow(&batch);
        known.insert(b"a", Slot(3));
        known.follow(&batch);
        assert_eq!((known.get(b"a"), known.get(b"b")), (Some(Slot(3)), None));
        batch.clear();
        known.follow(&batch);
        assert_eq!(known.get(b"a"), None);
    }

    #[test]
    fn texts_are_kept_up_to_a_limit() {
        let mut known = Known::default();
        let text = vec![b'x'; TEXT_BYTES_MAX];
        known.insert(&text[1..], Slot(0));
        known.insert(b"yy", Slot(1));
        known.insert(b"z", Slot(2));
        assert_eq!(
            (known.get(&text[1..]), known.get(b"yy"), known.get(b"z")),
            (Some(Slot(0)), None, Some(Slot(2)))
        );
    }
}
