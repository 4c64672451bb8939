//! The numbers of a batch as people read them: a line each, in the order they came.

use model::{Batch, NAME, STALE};
use wire::protocols::prometheus_text::{write_number, write_series};

/// A line for each row: the series with its labels but those of `without`, and the value. Series that end are left out.
pub fn listing(batch: &Batch, without: &[&str]) -> String {
    let mut text = String::new();
    for rows in batch.groups() {
        for (&slot, &value) in rows.slots.iter().zip(rows.values) {
            if value.to_bits() == STALE.to_bits() {
                continue;
            }
            let labels = batch.dictionary.labels(slot);
            let kept = labels.iter().filter(|(name, _)| *name == NAME || !without.contains(name));
            // A set of labels stays one when some are taken away.
            let kept = model::Labels::from_pairs(kept).unwrap_or_default();
            write_series(&mut text, &kept);
            text.push(' ');
            write_number(&mut text, value);
            text.push('\n');
        }
    }
    text
}
