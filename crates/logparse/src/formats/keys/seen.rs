//! Keys in the order in which they came in the line before: lines of one program mostly have the same ones, so the next
//! is the one that came next, and is known at the first look.

use crate::field::Field;

/// Most keys that are remembered; others are looked up each time.
const KEYS_MAX: usize = 64;

/// What a key stands for: a field and the seconds of its unit, or nothing of ours.
pub(crate) type Meaning = Option<(Field, f64)>;

#[derive(Debug)]
struct Key {
    path: Box<[u8]>,
    /// How much of the path is the key by itself.
    key_len: usize,
    meaning: Meaning,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    keys: Vec<Key>,
    next: usize,
}

impl Seen {
    /// A line begins.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.next = 0;
    }

    /// What a key means, which is looked up where it has not come before.
    #[inline]
    pub(crate) fn find(
        &mut self,
        path: &[u8],
        key: &[u8],
        look_up: impl FnOnce(&[u8], &[u8]) -> Meaning,
    ) -> Meaning {
        let is_it = |seen: &Key| seen.key_len == key.len() && *seen.path == *path;
        if let Some(seen) = self.keys.get(self.next)
            && is_it(seen)
        {
            self.next += 1;
            return seen.meaning;
        }
        let (before, after) = self.keys.split_at(self.next.min(self.keys.len()));
        if let Some(at) = after.iter().position(is_it) {
            self.next += at + 1;
            return after[at].meaning;
        }
        if let Some(at) = before.iter().position(is_it) {
            self.next = at + 1;
            return before[at].meaning;
        }
        let meaning = look_up(path, key);
        if self.keys.len() < KEYS_MAX {
            // Where it came, so that the order becomes that of the lines.
            let at = self.next.min(self.keys.len());
            self.keys.insert(at, Key { path: path.into(), key_len: key.len(), meaning });
            self.next = at + 1;
        }
        meaning
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_looked_up_once_in_whatever_order_they_come() {
        let (mut seen, mut looked_up) = (Seen::default(), 0);
        let lines: [&[&str]; 4] = [&["a", "b", "c.d"], &["a", "x", "b"], &["c.d", "a"], &["x", "x", "b"]];
        for line in lines {
            seen.begin();
            for path in line {
                let wanted = (*path == "b").then_some((Field::Url, 1.0));
                let key = path.rsplit('.').next().unwrap();
                let found = seen.find(path.as_bytes(), key.as_bytes(), |_, _| {
                    looked_up += 1;
                    wanted
                });
                assert_eq!(found, wanted);
            }
        }
        assert_eq!(looked_up, 4);
        // The same path as one key is another one.
        assert_eq!(seen.find(b"c.d", b"c.d", |_, _| Some((Field::Status, 1.0))), Some((Field::Status, 1.0)));
    }

    #[test]
    fn ever_new_keys_are_bounded() {
        let mut seen = Seen::default();
        for i in 0..1000u32 {
            let key = i.to_le_bytes();
            seen.find(&key, &key, |_, _| None);
        }
        assert_eq!(seen.keys.len(), KEYS_MAX);
    }
}
