//! Turns a file of this machine (64 bit, little endian) into that of another.

use crate::formats::rrd::layout::{Layout, NAME_BYTES, Order, READING_BYTES, SLOTS};

pub(super) struct Converter<'a> {
    bytes: &'a [u8],
    at: usize,
    to: Layout,
    out: Vec<u8>,
    start: usize,
}

/// The same file as `to` would have written it, of `version`.
pub(super) fn convert(bytes: &[u8], to: Layout, version: u8) -> Vec<u8> {
    let mut c = Converter { bytes, at: 0, to, out: Vec::new(), start: 0 };
    c.copy(4);
    c.out.extend(format!("{version:04}\0").bytes());
    c.at = 16;
    c.double();
    let [sources, archives, _] = [(); 3].map(|()| c.word());
    c.slots(&[]);
    for _ in 0..sources {
        c.begin();
        c.copy(2 * NAME_BYTES);
        // The heartbeat is the one whole number among the parameters.
        c.slots(&[0]);
    }
    let mut rows = 0;
    for _ in 0..archives {
        c.begin();
        c.copy(NAME_BYTES);
        rows += c.word();
        c.word();
        c.slots(&[]);
    }
    c.begin();
    c.update(version);
    for _ in 0..sources {
        c.begin();
        c.copy(READING_BYTES);
        c.slots(&[0]);
    }
    for _ in 0..archives * sources {
        c.begin();
        c.slots(&[1]);
    }
    for _ in 0..archives {
        c.begin();
        c.word();
    }
    for _ in 0..rows * sources {
        c.begin();
        c.double();
    }
    assert_eq!(c.at, bytes.len(), "the whole file was converted");
    c.out
}

impl Converter<'_> {
    fn begin(&mut self) {
        self.start = self.out.len();
    }

    fn copy(&mut self, length: usize) {
        self.out.extend_from_slice(&self.bytes[self.at..self.at + length]);
        self.at += length;
    }

    fn pad(&mut self, align: usize) {
        self.at = self.at.next_multiple_of(8);
        let length = (self.out.len() - self.start).next_multiple_of(align);
        self.out.resize(self.start + length, 0);
    }

    fn integer(&mut self, width: usize) -> u64 {
        let number = u64::from_le_bytes(self.bytes[self.at..self.at + 8].try_into().unwrap());
        self.at += 8;
        match self.to.order {
            Order::Little => self.out.extend_from_slice(&number.to_le_bytes()[..width]),
            Order::Big => self.out.extend_from_slice(&number.to_be_bytes()[8 - width..]),
        }
        number
    }

    fn word(&mut self) -> u64 {
        self.pad(self.to.word);
        self.integer(self.to.word)
    }

    fn double(&mut self) {
        self.pad(self.to.align);
        self.integer(8);
    }

    fn slots(&mut self, whole: &[usize]) {
        self.pad(self.to.align);
        for slot in 0..SLOTS {
            if whole.contains(&slot) {
                self.integer(self.to.word);
                let length = self.out.len() + 8 - self.to.word;
                self.out.resize(length, 0);
            } else {
                self.integer(8);
            }
        }
    }

    fn update(&mut self, version: u8) {
        self.pad(self.to.time);
        self.integer(self.to.time);
        if version < 3 {
            self.at += 8;
        } else {
            self.integer(self.to.word);
            self.pad(self.to.time.min(self.to.align));
        }
    }
}
