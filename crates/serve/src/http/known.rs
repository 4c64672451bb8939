//! Which requests took long the last time they were made. Of a dashboard's questions only the numbers differ, so these do
//! not count.

use std::sync::atomic::{AtomicU64, Ordering};

/// Places for shapes; two that share one forget each other.
const PLACES: usize = 1024;
/// So much of a body is looked at.
const BODY_BYTES: usize = 2048;

/// The shapes of requests that took long.
pub(super) struct Known {
    places: Box<[AtomicU64]>,
}

impl Known {
    pub(super) fn nothing() -> Self {
        Self { places: (0..PLACES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Whether requests of this shape take long, as far as is known.
    pub(super) fn is_long(&self, shape: u64) -> bool {
        self.place(shape).load(Ordering::Relaxed) == shape
    }

    /// How it was this time.
    pub(super) fn learn(&self, shape: u64, is_long: bool) {
        let place = self.place(shape);
        match (is_long, place.load(Ordering::Relaxed) == shape) {
            (true, false) => place.store(shape, Ordering::Relaxed),
            (false, true) => place.store(0, Ordering::Relaxed),
            _ => {}
        }
    }

    fn place(&self, shape: u64) -> &AtomicU64 {
        &self.places[(shape >> 32) as usize % PLACES]
    }
}

/// What a request is like but for its numbers (FNV-1a).
pub(super) fn shape(path: &str, query: &str, body: &[u8]) -> u64 {
    let body = &body[..body.len().min(BODY_BYTES)];
    let parts = [path.as_bytes(), query.as_bytes(), body];
    let bytes = parts.into_iter().flat_map(|part| part.iter().chain(b"\n"));
    let mut is_digit = false;
    let mut shape = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        if byte.is_ascii_digit() {
            is_digit = true;
            continue;
        }
        if std::mem::take(&mut is_digit) {
            shape = (shape ^ u64::from(b'0')).wrapping_mul(0x100_0000_01b3);
        }
        shape = (shape ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    }
    // 0 is an empty place.
    shape.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_what_is_asked_without_its_numbers() {
        let one = shape("/query", "a{host=\"web1\"}&start=17", b"");
        assert_eq!(one, shape("/query", "a{host=\"web23\"}&start=1800", b""));
        assert_ne!(one, shape("/query", "b{host=\"web1\"}&start=17", b""));
        assert_ne!(shape("/a", "b", b""), shape("/a", "", b"b"));
    }

    #[test]
    fn what_took_long_is_known_until_it_does_not() {
        let (known, shape) = (Known::nothing(), shape("/a", "", b""));
        known.learn(shape, false);
        assert!(!known.is_long(shape));
        known.learn(shape, true);
        assert!(known.is_long(shape) && !known.is_long(shape ^ 1));
        known.learn(shape ^ 1, false);
        assert!(known.is_long(shape));
        known.learn(shape, false);
        assert!(!known.is_long(shape));
    }
}
