//! Which blocks may be forgotten.

use model::TimeRange;

/// What is asked about a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) sequence: u64,
    pub(crate) range: TimeRange,
    pub(crate) len_bytes: u64,
}

/// Blocks to forget: all whose samples are older than `oldest_ms`, and the oldest ones while all together take more
/// than `bytes_max`.
pub(crate) fn expired(blocks: &[Candidate], oldest_ms: i64, bytes_max: u64) -> Vec<u64> {
    let mut by_age = blocks.to_vec();
    by_age.sort_by_key(|block| (block.range.end_ms, block.sequence));
    let mut left: u64 = by_age.iter().map(|block| block.len_bytes).sum();
    let mut forget = Vec::new();
    for block in by_age {
        if block.range.end_ms <= oldest_ms || left > bytes_max {
            left -= block.len_bytes;
            forget.push(block.sequence);
        }
    }
    forget
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_and_the_oldest_go() {
        let block = |sequence, end_ms, len_bytes| Candidate {
            sequence,
            range: TimeRange::new(end_ms - 10, end_ms),
            len_bytes,
        };
        let blocks = [block(3, 300, 10), block(1, 100, 10), block(2, 200, 10)];
        let cases = [
            (i64::MIN, u64::MAX, vec![]),
            (100, u64::MAX, vec![1]),
            (99, u64::MAX, vec![]),
            (i64::MIN, 25, vec![1]),
            (i64::MIN, 10, vec![1, 2]),
            (i64::MIN, 0, vec![1, 2, 3]),
            (200, 15, vec![1, 2]),
        ];
        for (oldest_ms, bytes_max, forgotten) in cases {
            assert_eq!(expired(&blocks, oldest_ms, bytes_max), forgotten, "{oldest_ms} {bytes_max}");
        }
    }
}
