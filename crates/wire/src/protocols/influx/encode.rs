//! Batches as Influx lines: the metric is the measurement, labels are tags, the value is the field `value`.

use crate::Heads;
use model::{Batch, Labels, NAME};
use std::io::Write;

/// Writes lines; remembers measurements and tags of a dictionary.
#[derive(Debug, Default)]
pub struct Encoder {
    heads: Heads,
}

impl Encoder {
    /// Appends a line for each finite row, times in nanoseconds; gives the number of rows that have none.
    pub fn encode(&mut self, batch: &Batch, out: &mut Vec<u8>) -> u64 {
        let mut left_out = 0;
        for rows in batch.groups() {
            let time = rows.time_ms.checked_mul(1_000_000);
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let (true, Some(time)) = (value.is_finite(), time) else {
                    left_out += 1;
                    continue;
                };
                out.extend_from_slice(self.heads.of(&batch.dictionary, slot, write_head));
                let _infallible = writeln!(out, " value={value} {time}");
            }
        }
        left_out
    }
}

fn write_head(labels: &Labels, out: &mut Vec<u8>) {
    escape(labels.name(), b", ", out);
    for (name, value) in labels.iter().filter(|(name, _)| *name != NAME) {
        out.push(b',');
        escape(name, b",= ", out);
        out.push(b'=');
        escape(value, b",= ", out);
    }
}

/// A text in which these bytes keep their meaning only behind a backslash. A line end, which no backslash helps, and a
/// backslash at the end, which would take the next byte's meaning away, become `_`.
fn escape(text: &str, special: &[u8], out: &mut Vec<u8>) {
    let last = text.len().wrapping_sub(1);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => out.push(b'_'),
            b'\\' if at == last || special.contains(&text.as_bytes()[at + 1]) => out.push(b'_'),
            byte => {
                if special.contains(&byte) {
                    out.push(b'\\');
                }
                out.push(byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use crate::protocols::influx;
    use model::{Kind, Slot};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_read_back_the_same(
            rows in prop::collection::vec((0..3u32, 0..4_000_000_000_000i64, any::<f64>()), 1..30),
            texts in prop::collection::vec("[a-zA-Z, =.\\-äé\"]{1,8}", 6),
        ) {
            let mut batch = Batch::new();
            for n in 0..3 {
                let name = format!("m{}", texts[n]);
                let labels = Labels::from_pairs([(NAME, name.as_str()), ("host", texts[n + 3].as_str()), ("a b", "x")]);
                batch.dictionary.add(&labels.unwrap(), Kind::Gauge);
            }
            rows.iter().for_each(|(n, time_ms, value)| batch.sample(Slot(*n), *time_ms, *value));
            let (mut text, mut back) = (Vec::new(), Batch::new());
            let left_out = Encoder::default().encode(&batch, &mut text);
            let report = influx::decode(&text, &Context::at(0), &mut back);
            prop_assert!(report.is_clean(), "{:?} {}", report, String::from_utf8_lossy(&text));
            let all = |batch: &Batch| -> Vec<(Labels, i64, u64)> {
                batch.groups().flat_map(|g| {
                    g.slots.iter().zip(g.values).filter(|(_, v)| v.is_finite())
                        .map(move |(s, v)| (batch.dictionary.labels(*s), g.time_ms, v.to_bits())).collect::<Vec<_>>()
                }).collect()
            };
            prop_assert_eq!(all(&back), all(&batch));
            prop_assert_eq!(left_out as usize, rows.iter().filter(|r| !r.2.is_finite()).count());
        }
    }
}
