//! Batches as remote-write 1.0 messages, before snappy.

use crate::Heads;
use model::{Batch, Labels, NAME};
use stdx::varint;

/// Writes messages; remembers the labels of a dictionary in their protobuf form.
#[derive(Debug, Default)]
pub struct Encoder {
    heads: Heads,
    utf8: bool,
}

impl Encoder {
    /// With `utf8` names go as they are, as Prometheus 3 takes them; without, what a classic name cannot have becomes
    /// `_`, because a receiver of version 2 refuses the whole message for one such name.
    pub fn new(utf8: bool) -> Self {
        Self { heads: Heads::default(), utf8 }
    }

    /// Appends a message with all rows: a `TimeSeries` of one sample for each, in the order of the batch.
    pub fn encode(&mut self, batch: &Batch, out: &mut Vec<u8>) {
        let utf8 = self.utf8;
        for rows in batch.groups() {
            let mut sample = [0u8; 22];
            let sample_len = write_time(&mut sample, rows.time_ms);
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let head =
                    self.heads.of(&batch.dictionary, slot, |labels, out| write_labels(labels, utf8, out));
                sample[3..11].copy_from_slice(&value.to_le_bytes());
                out.push(0x0a);
                varint::write_u64(out, (head.len() + sample_len) as u64);
                out.extend_from_slice(head);
                out.extend_from_slice(&sample[..sample_len]);
            }
        }
    }
}

/// A `Sample` field with this time and room for its value from byte 3 on; gives its length.
fn write_time(sample: &mut [u8; 22], time_ms: i64) -> usize {
    let mut time = Vec::with_capacity(10);
    varint::write_u64(&mut time, time_ms as u64);
    sample[0] = 0x12;
    sample[1] = (10 + time.len()) as u8;
    sample[2] = 0x09;
    sample[11] = 0x10;
    sample[12..12 + time.len()].copy_from_slice(&time);
    12 + time.len()
}

fn write_labels(labels: &Labels, utf8: bool, out: &mut Vec<u8>) {
    // Sorted by name, as the specification wants: a name that was changed may have moved.
    let mut pairs: Vec<(String, &str)> = labels
        .iter()
        .map(|(name, value)| {
            (if utf8 || name == NAME { name.to_owned() } else { classic(name, false) }, value)
        })
        .collect();
    pairs.sort();
    pairs.dedup_by(|a, b| a.0 == b.0);
    for (name, value) in pairs {
        let metric = (name == NAME && !utf8).then(|| classic(value, true));
        let value = metric.as_deref().unwrap_or(value);
        out.push(0x0a);
        varint::write_u64(out, (bytes_len(&name) + bytes_len(value) + 2) as u64);
        out.push(0x0a);
        varint::write_bytes(out, name.as_bytes());
        out.push(0x12);
        varint::write_bytes(out, value.as_bytes());
    }
}

/// Length of a text with its length before it.
fn bytes_len(text: &str) -> usize {
    let mut len = Vec::with_capacity(10);
    varint::write_u64(&mut len, text.len() as u64);
    len.len() + text.len()
}

/// A name as Prometheus had them before version 3: `[a-zA-Z_:][a-zA-Z0-9_:]*`, of labels without the colon.
pub fn classic(name: &str, colon: bool) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':');
    let mut text: String = name.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
        text.insert(0, '_');
    }
    text
}
