//! When what a shard writes to the log starts over: values often, so that a damaged record costs little; labels rarely,
//! because they are long.

/// Values start over after so many bytes of log …
const FRESH_EVERY_BYTES: u64 = 512 << 10;
/// … and so many for each series, as a series' value must be referred to some times to be worth it …
const FRESH_EVERY_SERIES_BYTES: u64 = 64;
/// … and at the latest after this time, in milliseconds.
const FRESH_EVERY_MS: i64 = 10 * 60_000;
/// Labels are written again after this many bytes of log …
const DEFINE_EVERY_BYTES: u64 = 64 << 20;
/// … and not before the log is so many times as long as they are.
const DEFINE_EVERY_PART: u64 = 4;

/// Numbers under which something was written; what was written under another must not be referred to.
#[derive(Debug)]
pub(crate) struct Epochs {
    definitions: u32,
    values: u32,
    /// Values start over with the next record.
    is_over: bool,
    /// Bytes since values started over, and when that was.
    fresh_bytes: u64,
    fresh_ms: i64,
    /// Bytes since labels started over, and how many of them were labels.
    bytes: u64,
    defined_bytes: u64,
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            definitions: 1,
            values: 1,
            is_over: true,
            fresh_bytes: 0,
            fresh_ms: 0,
            bytes: 0,
            defined_bytes: 0,
        }
    }
}

impl Epochs {
    /// Of labels.
    pub(crate) fn definitions(&self) -> u32 {
        self.definitions
    }

    /// Of values.
    pub(crate) fn values(&self) -> u32 {
        self.values
    }

    /// Begins a record at a time, of a shard of so many series; true when it must be fresh.
    pub(crate) fn begin(&mut self, now_ms: i64, series: usize) -> bool {
        if self.bytes > DEFINE_EVERY_BYTES.max(DEFINE_EVERY_PART * self.defined_bytes) {
            self.start_over();
        }
        let bytes_max = FRESH_EVERY_BYTES.max(FRESH_EVERY_SERIES_BYTES * series as u64);
        let is_recent = (0..FRESH_EVERY_MS).contains(&now_ms.saturating_sub(self.fresh_ms));
        let is_fresh = self.is_over || self.fresh_bytes >= bytes_max || !is_recent;
        if is_fresh {
            (self.is_over, self.fresh_bytes, self.fresh_ms) = (false, 0, now_ms);
            self.values += 1;
        }
        is_fresh
    }

    /// A record of so many bytes was written, so many of them labels.
    pub(crate) fn wrote(&mut self, bytes: u64, defined_bytes: u64) {
        self.fresh_bytes += bytes;
        self.bytes += bytes;
        self.defined_bytes += defined_bytes;
    }

    /// The next record needs nothing from before it.
    pub(crate) fn start_over(&mut self) {
        self.definitions += 1;
        self.is_over = true;
        self.bytes = 0;
        self.defined_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels of 400 MB, a twelfth of it with each record, then records of a megabyte without end.
    #[test]
    fn repeated_labels_are_a_fraction_of_the_log() {
        let (mut epochs, mut all, mut labels) = (Epochs::default(), 0u64, 0u64);
        let (mut defined, mut under) = (0, 0);
        for _ in 0..10_000 {
            epochs.begin(0, 1000);
            if epochs.definitions() != under {
                (under, defined) = (epochs.definitions(), 0);
            }
            let now = if defined < 12 { 33 << 20 } else { 0 };
            defined += 1;
            epochs.wrote(now + (1 << 20), now);
            all += now + (1 << 20);
            labels += now;
        }
        assert!(labels * 3 < all, "{labels} of {all}");
        assert!(under >= 5, "and they are repeated");
    }

    #[test]
    fn values_start_over_after_so_many_bytes_or_so_long() {
        let mut epochs = Epochs::default();
        let fresh: Vec<bool> = (0..9)
            .map(|_| {
                let fresh = epochs.begin(5, 1000);
                epochs.wrote(200 << 10, 0);
                fresh
            })
            .collect();
        assert_eq!(fresh, [true, false, false, true, false, false, true, false, false]);
        epochs.start_over();
        assert!(epochs.begin(5, 1000));
        assert!(!epochs.begin(5 + FRESH_EVERY_MS - 1, 1000));
        assert!(epochs.begin(5 + FRESH_EVERY_MS, 1000));
        epochs.wrote(600 << 10, 0);
        assert!(!epochs.begin(6 + FRESH_EVERY_MS, 100_000), "many series wait for more");
        assert!(epochs.begin(6 + FRESH_EVERY_MS, 1000));
        assert!(epochs.begin(0, 1000), "the clock was set back");
    }
}
