//! How large a label set may be. Doors refuse what is larger, with the reason and a count.

/// Most labels of one series, the metric name among them.
pub const LABELS_MAX: usize = 64;
/// Longest label name, in bytes.
pub const LABEL_NAME_BYTES_MAX: usize = 200;
/// Longest label value, in bytes.
pub const LABEL_VALUE_BYTES_MAX: usize = 2048;
/// Longest encoded label set, in bytes.
pub const KEY_BYTES_MAX: usize = 8192;
