//! Jump consistent hash (Lamping and Veach 2014): no table, and almost nothing moves when a node is added at the end.

use super::fnv::fnv1a_64;
use super::rendezvous::mix;

/// The bucket of a key among `buckets`.
///
/// # Panics
/// When there is no bucket.
pub fn jump(mut key: u64, buckets: u32) -> u32 {
    assert!(buckets > 0, "a key needs a bucket");
    let (mut bucket, mut next) = (0i64, 0i64);
    while next < i64::from(buckets) {
        bucket = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((bucket + 1) as f64 * ((1u64 << 31) as f64 / ((key >> 33) + 1) as f64)) as i64;
    }
    bucket as u32
}

/// All of `count` nodes: the key's bucket first, then the buckets that further draws of the same key give.
pub(super) fn order(key: &[u8], count: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..count).collect();
    let (mut order, mut draw) = (Vec::with_capacity(count), fnv1a_64(key));
    while !left.is_empty() {
        let at = jump(draw, count as u32) as usize;
        // A node that was drawn already: the one at the same place among those left.
        let at = left.iter().position(|&node| node == at).unwrap_or(at % left.len());
        order.push(left.remove(at));
        draw = mix(draw);
    }
    order
}
