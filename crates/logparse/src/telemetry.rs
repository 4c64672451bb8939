//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static FILES: Gauge = Gauge::new("windhover_logparse_files", "Log files that are followed.");
pub(crate) static LINES: Counter =
    Counter::new("windhover_logparse_lines_total", "Lines read, whatever became of them.");
pub(crate) static BYTES: Counter = Counter::new("windhover_logparse_bytes_total", "Bytes read.");
pub(crate) static UNMATCHED: Counter =
    Counter::new("windhover_logparse_unmatched_total", "Lines that do not have their file's format.");
pub(crate) static TOO_LONG: Counter = Counter::new(
    "windhover_logparse_too_long_total",
    "Lines left out because they are longer than a line may be.",
);
pub(crate) static NO_ENVELOPE: Counter = Counter::new(
    "windhover_logparse_no_envelope_total",
    "Lines that do not have the envelope of their container's runtime: torn ones, after a crash.",
);
pub(crate) static JOURNAL_DAMAGED: Counter = Counter::new(
    "windhover_logparse_journal_damaged_total",
    "Entries of the journal left out because their file is damaged there.",
);
pub(crate) static UNITS_FOLDED: Counter = Counter::new(
    "windhover_logparse_units_folded_total",
    "Looks at a unit that is counted as `~other` because there were too many.",
);
pub(crate) static URLS_FOLDED: Counter = Counter::new(
    "windhover_logparse_urls_folded_total",
    "URLs that gave up their place among those that are watched; what was counted of them went to all others.",
);
pub(crate) static URLS_REPLACED: Counter = Counter::new(
    "windhover_logparse_urls_replaced_total",
    "URLs whose series ended because another one has more requests.",
);
pub(crate) static WORDS_FOLDED: Counter = Counter::new(
    "windhover_logparse_words_folded_total",
    "Upstreams, protocols and words of caches counted as `~other` because there were too many.",
);
pub(crate) static PAIRS_FOLDED: Counter = Counter::new(
    "windhover_logparse_pairs_folded_total",
    "Requests counted without method and status, of a URL or of a file, because there were too many pairs of them.",
);
pub(crate) static FILES_REFUSED: Counter = Counter::new(
    "windhover_logparse_files_refused_total",
    "Files not followed because a pattern fits more than are allowed.",
);
pub(crate) static ROTATIONS: Counter = Counter::new(
    "windhover_logparse_rotations_total",
    "Times a file was replaced by a new one, or began anew.",
);
pub(crate) static RECOVERED_BYTES: Counter = Counter::new(
    "windhover_logparse_recovered_bytes_total",
    "Bytes read from copies and packed files after their file had been rotated.",
);
pub(crate) static LOST: Counter = Counter::new(
    "windhover_logparse_lost_total",
    "Flushes that were not taken; sums make up for them with the next.",
);

/// The numbers of this file.
pub static TELEMETRY: &[Item] = &[
    Item::Gauge(&FILES),
    Item::Counter(&LINES),
    Item::Counter(&BYTES),
    Item::Counter(&UNMATCHED),
    Item::Counter(&TOO_LONG),
    Item::Counter(&NO_ENVELOPE),
    Item::Counter(&JOURNAL_DAMAGED),
    Item::Counter(&UNITS_FOLDED),
    Item::Counter(&URLS_FOLDED),
    Item::Counter(&URLS_REPLACED),
    Item::Counter(&WORDS_FOLDED),
    Item::Counter(&PAIRS_FOLDED),
    Item::Counter(&FILES_REFUSED),
    Item::Counter(&ROTATIONS),
    Item::Counter(&RECOVERED_BYTES),
    Item::Counter(&LOST),
];
