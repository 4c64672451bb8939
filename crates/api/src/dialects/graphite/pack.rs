//! Values as bytes for programs: Python's pickle (protocol 2, which every Python since 2.3 reads) and MessagePack
//! (<https://github.com/msgpack/msgpack/blob/master/spec.md>).

/// Writes values one after the other.
pub(super) trait Packer {
    /// A map of `count` members; `write` gives each as a key and a value.
    fn map(&mut self, count: usize, write: &mut dyn FnMut(&mut dyn Packer));
    /// A list of `count` items, each given by `write`.
    fn list(&mut self, count: usize, write: &mut dyn FnMut(&mut dyn Packer, usize));
    /// A text.
    fn text(&mut self, text: &str);
    /// A whole number.
    fn int(&mut self, value: i64);
    /// A number; NaN is nothing.
    fn float(&mut self, value: f64);
    /// Yes or no.
    fn bool(&mut self, value: bool);
}

/// Writes a pickle.
pub(super) struct Pickle(Vec<u8>);

impl Pickle {
    pub(super) fn new() -> Self {
        Self(vec![0x80, 2])
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.push(b'.');
        self.0
    }
}

impl Packer for Pickle {
    fn map(&mut self, _: usize, write: &mut dyn FnMut(&mut dyn Packer)) {
        self.0.extend(b"}(");
        write(self);
        self.0.push(b'u');
    }

    fn list(&mut self, count: usize, write: &mut dyn FnMut(&mut dyn Packer, usize)) {
        self.0.extend(b"](");
        for at in 0..count {
            write(self, at);
        }
        self.0.push(b'e');
    }

    fn text(&mut self, text: &str) {
        self.0.push(b'X');
        self.0.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
        self.0.extend(text.as_bytes());
    }

    fn int(&mut self, value: i64) {
        match i32::try_from(value) {
            Ok(value) => {
                self.0.push(b'J');
                self.0.extend(value.to_le_bytes());
            }
            Err(_) => {
                self.0.extend([0x8a, 8]);
                self.0.extend(value.to_le_bytes());
            }
        }
    }

    fn float(&mut self, value: f64) {
        if value.is_nan() {
            self.0.push(b'N');
            return;
        }
        self.0.push(b'G');
        self.0.extend(value.to_be_bytes());
    }

    fn bool(&mut self, value: bool) {
        self.0.push(if value { 0x88 } else { 0x89 });
    }
}

/// Writes MessagePack.
#[derive(Default)]
pub(super) struct Msgpack(Vec<u8>);

impl Msgpack {
    pub(super) fn end(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, count: usize, small: (u8, usize), wide: [u8; 2]) {
        if count <= small.1 {
            self.0.push(small.0 | count as u8);
        } else if let Ok(count) = u16::try_from(count) {
            self.0.push(wide[0]);
            self.0.extend(count.to_be_bytes());
        } else {
            self.0.push(wide[1]);
            self.0.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

impl Packer for Msgpack {
    fn map(&mut self, count: usize, write: &mut dyn FnMut(&mut dyn Packer)) {
        self.head(count, (0x80, 15), [0xde, 0xdf]);
        write(self);
    }

    fn list(&mut self, count: usize, write: &mut dyn FnMut(&mut dyn Packer, usize)) {
        self.head(count, (0x90, 15), [0xdc, 0xdd]);
        for at in 0..count {
            write(self, at);
        }
    }

    fn text(&mut self, text: &str) {
        match text.len() {
            len @ 32..=255 => self.0.extend([0xd9, len as u8]),
            len => self.head(len, (0xa0, 31), [0xda, 0xdb]),
        }
        self.0.extend(text.as_bytes());
    }

    fn int(&mut self, value: i64) {
        match (u8::try_from(value), u32::try_from(value)) {
            (Ok(small), _) if small < 128 => self.0.push(small),
            (_, Ok(value)) => {
                self.0.push(0xce);
                self.0.extend(value.to_be_bytes());
            }
            _ => {
                self.0.push(0xd3);
                self.0.extend(value.to_be_bytes());
            }
        }
    }

    fn float(&mut self, value: f64) {
        if value.is_nan() {
            self.0.push(0xc0);
            return;
        }
        self.0.push(0xcb);
        self.0.extend(value.to_be_bytes());
    }

    fn bool(&mut self, value: bool) {
        self.0.push(if value { 0xc3 } else { 0xc2 });
    }
}
