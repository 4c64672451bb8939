//! Room in lists whose length is known beforehand.

/// Makes room for `count` items and an eighth more, where growing by doubling might hold twice of what is needed.
pub(crate) fn make<T>(list: &mut Vec<T>, count: usize) {
    if count > list.capacity() {
        list.reserve_exact(count + count / 8 - list.len());
    }
}
