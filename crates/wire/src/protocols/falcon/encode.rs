//! Batches as Open-Falcon's JSON array of items.

use crate::Heads;
use model::{Batch, HOST, Kind, Labels, NAME};
use std::io::Write;

/// Writes arrays; remembers what of an item stays the same.
#[derive(Debug)]
pub struct Encoder {
    heads: Heads,
    host: String,
    step_s: u32,
}

impl Encoder {
    /// Items with this step in seconds; series without a host are of `host`.
    pub fn new(host: &str, step_s: u32) -> Self {
        Self { heads: Heads::default(), host: host.to_owned(), step_s: step_s.max(1) }
    }

    /// Appends an array of all finite rows; gives the number of the others. A single NaN would have the original refuse
    /// everything that comes with it.
    pub fn encode(&mut self, batch: &Batch, out: &mut Vec<u8>) -> u64 {
        let (mut left_out, mut separator) = (0, b'[');
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                if !value.is_finite() {
                    left_out += 1;
                    continue;
                }
                out.push(std::mem::replace(&mut separator, b','));
                let (host, step_s, kind) = (&self.host, self.step_s, batch.dictionary.kind(slot));
                let write = |labels: &Labels, out: &mut Vec<u8>| write_head(labels, kind, host, step_s, out);
                out.extend_from_slice(self.heads.of(&batch.dictionary, slot, write));
                let _infallible = write!(out, "{value},\"timestamp\":{}}}", rows.time_ms.div_euclid(1000));
            }
        }
        if separator == b'[' {
            out.push(b'[');
        }
        out.push(b']');
        left_out
    }
}

fn write_head(labels: &Labels, kind: Kind, host: &str, step_s: u32, out: &mut Vec<u8>) {
    let host = if labels.host().is_empty() { host } else { labels.host() };
    let counter = match kind {
        Kind::Counter => "COUNTER",
        Kind::Derive => "DERIVE",
        Kind::Gauge | Kind::Absolute | Kind::Unknown => "GAUGE",
    };
    let tags: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != NAME && *name != HOST)
        .map(|(name, value)| format!("{}={}", tag(name, true), tag(value, false)))
        .collect();
    let _infallible = write!(
        out,
        "{{\"endpoint\":{},\"metric\":{},\"step\":{step_s},\"counterType\":\"{counter}\",\"tags\":{},\"value\":",
        quoted(host),
        quoted(labels.name()),
        quoted(&tags.join(","))
    );
}

/// A part of the tags, in which blanks, commas and, in names, equal signs have no place.
fn tag(text: &str, is_name: bool) -> String {
    text.chars()
        .map(|c| if c.is_whitespace() || c == ',' || (is_name && c == '=') { '_' } else { c })
        .collect()
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use crate::protocols::falcon;
    use model::Slot;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn items_read_back_the_same(
            rows in prop::collection::vec((0..3u32, 1..30_000_000i64, any::<f64>()), 1..30),
            value in "[a-z=/\"\\\\é]{1,9}",
        ) {
            let mut batch = Batch::new();
            for (n, kind) in [Kind::Gauge, Kind::Counter, Kind::Derive].into_iter().enumerate() {
                let name = format!("cpu.{n}");
                let labels = [(NAME, name.as_str()), (HOST, "web1"), ("mount", value.as_str()), ("a", "1")];
                batch.dictionary.add(&Labels::from_pairs(labels).unwrap(), kind);
            }
            rows.iter().for_each(|(n, minute, value)| batch.sample(Slot(*n), *minute * 60_000, *value));
            let (mut text, mut back) = (Vec::new(), Batch::new());
            let left_out = Encoder::new("", 60).encode(&batch, &mut text);
            let report = falcon::decode(&text, &Context::at(1_700_000_000_000), &mut back);
            prop_assert!(report.is_clean(), "{:?} {}", report, String::from_utf8_lossy(&text));
            let all = |batch: &Batch| -> Vec<(Labels, Kind, i64, u64)> {
                batch.groups().flat_map(|g| {
                    g.slots.iter().zip(g.values).filter(|(_, v)| v.is_finite())
                        .map(move |(s, v)| (batch.dictionary.labels(*s), batch.dictionary.kind(*s), g.time_ms, v.to_bits()))
                        .collect::<Vec<_>>()
                }).collect()
            };
            prop_assert_eq!(all(&back), all(&batch));
            prop_assert_eq!(left_out as usize, rows.iter().filter(|r| !r.2.is_finite()).count());
        }
    }
}
