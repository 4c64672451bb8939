//! JSON written straight into bytes: an answer of thousands of series is not made a tree of values first.

use serde_json::Value;

/// What can stand in JSON text by itself.
pub trait Put {
    /// Appends it.
    fn put(&self, out: &mut Vec<u8>);
}

// serde_json knows how numbers and texts are written: NaN and infinities have no JSON and are null.
macro_rules! by_serde {
    ($($kind:ty),*) => {
        $(impl Put for $kind {
            #[inline]
            fn put(&self, out: &mut Vec<u8>) {
                serde_json::to_writer(out, self).expect("bytes in memory take everything");
            }
        })*
    };
}
by_serde!(bool, u8, u32, u64, usize, i64, f64, str, String, Value);

impl<T: Put + ?Sized> Put for &T {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.put(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

/// An object that is being written.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

/// Appends an object of the members that `write` puts into it.
pub fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, is_empty: true });
    out.push(b'}');
}

/// Appends a list, each of whose items is appended by `each`.
pub fn list<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        each(out, item);
    }
    out.push(b']');
}

impl Object<'_> {
    /// Begins a member, whose value is to be appended.
    pub fn member(&mut self, name: &str) -> &mut Vec<u8> {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        name.put(self.out);
        self.out.push(b':');
        self.out
    }

    /// Adds a member.
    pub fn put(&mut self, name: &str, value: impl Put) -> &mut Self {
        value.put(self.member(name));
        self
    }

    /// Adds an object.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        object(self.member(name), write);
        self
    }

    /// Adds an object, or null when there is nothing to make it of.
    pub fn object_of<T>(
        &mut self,
        name: &str,
        of: Option<T>,
        write: impl FnOnce(&mut Object<'_>, T),
    ) -> &mut Self {
        match of {
            Some(of) => self.object(name, |object| write(object, of)),
            None => self.put(name, None::<bool>),
        }
    }

    /// Adds a list.
    pub fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        each: impl FnMut(&mut Vec<u8>, T),
    ) -> &mut Self {
        list(self.member(name), items, each);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_json() {
        let mut out = Vec::new();
        object(&mut out, |o| {
            o.put("a", 1u64).put("b \"quoted\"\n", "ä\u{1}\"").put("c", None::<f64>).put("d", Some(true));
            o.object("e", |_| ()).object_of("f", None::<u8>, |_, _| ());
            o.list("g", [1.5, f64::NAN, -0.0, f64::INFINITY, 1e300], |out, v| v.put(out));
            o.list("h", Vec::<i64>::new(), |out, v| v.put(out)).put("i", json!({ "x": [1] }));
        });
        let wanted = json!({
            "a": 1, "b \"quoted\"\n": "ä\u{1}\"", "c": null, "d": true, "e": {}, "f": null,
            "g": [1.5, null, -0.0, null, 1e300], "h": [], "i": { "x": [1] },
        });
        assert_eq!(String::from_utf8(out).unwrap(), wanted.to_string());
    }

    #[test]
    fn numbers_come_back_with_the_same_bits() {
        let mut random = stdx::random::Random::from_seed(3);
        let mut out = Vec::new();
        for _ in 0..20_000 {
            let value = f64::from_bits(random.below(u64::MAX));
            out.clear();
            value.put(&mut out);
            let read: Option<f64> = serde_json::from_slice::<Value>(&out).unwrap().as_f64();
            let wanted = value.is_finite().then(|| value.to_bits());
            // The reader itself may be off by the last bit; the standard library's is not.
            let text = std::str::from_utf8(&out).unwrap();
            assert_eq!(read.and_then(|_| text.parse().ok()).map(f64::to_bits), wanted, "{text}");
        }
    }
}
