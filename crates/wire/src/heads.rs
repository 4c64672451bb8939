//! What an encoder writes for a series again and again: its name and labels in the words of a protocol, kept as bytes
//! while the batches that come speak of the same dictionary.

use model::{Dictionary, Labels, Slot};

/// A slot whose head was not written yet.
const UNMET: (u32, u32) = (u32::MAX, 0);

/// The heads of one dictionary's series. A head may be empty: the protocol has no words for the series.
#[derive(Debug, Default)]
pub struct Heads {
    dictionary: u64,
    spans: Vec<(u32, u32)>,
    bytes: Vec<u8>,
}

impl Heads {
    /// The head of a series, made by `write` when it is asked for the first time.
    #[inline]
    pub fn of(
        &mut self,
        dictionary: &Dictionary,
        slot: Slot,
        write: impl FnOnce(&Labels, &mut Vec<u8>),
    ) -> &[u8] {
        if self.dictionary != dictionary.id() {
            self.dictionary = dictionary.id();
            self.spans.clear();
            self.bytes.clear();
        }
        if self.spans.len() < dictionary.len() {
            self.spans.resize(dictionary.len(), UNMET);
        }
        let at = slot.0 as usize;
        if self.spans[at] == UNMET {
            let start = self.bytes.len() as u32;
            write(&dictionary.labels(slot), &mut self.bytes);
            self.spans[at] = (start, self.bytes.len() as u32);
        }
        let (start, end) = self.spans[at];
        &self.bytes[start as usize..end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Kind;

    #[test]
    fn a_head_is_written_once_while_the_dictionary_stays() {
        let mut dictionary = Dictionary::default();
        let a = dictionary.add(&Labels::from_pairs([("a", "1")]).unwrap(), Kind::Gauge);
        let (mut heads, mut times) = (Heads::default(), 0);
        let mut ask = |dictionary: &Dictionary, slot, times: &mut i32| {
            let head = heads.of(dictionary, slot, |labels, out| {
                *times += 1;
                out.extend_from_slice(labels.to_string().as_bytes());
            });
            String::from_utf8(head.to_vec()).unwrap()
        };
        assert_eq!(ask(&dictionary, a, &mut times), "{a=\"1\"}");
        assert_eq!((ask(&dictionary, a, &mut times).len(), times), (7, 1));
        let b = dictionary.add(&Labels::empty(), Kind::Gauge);
        assert_eq!((ask(&dictionary, b, &mut times).as_str(), times), ("{}", 2));
        assert_eq!((ask(&dictionary, a, &mut times).len(), times), (7, 2));
        dictionary.clear();
        let c = dictionary.add(&Labels::from_pairs([("c", "1")]).unwrap(), Kind::Gauge);
        assert_eq!((ask(&dictionary, c, &mut times).as_str(), times), ("{c=\"1\"}", 3));
    }
}
