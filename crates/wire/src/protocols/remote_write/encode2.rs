//! Batches as remote-write 2.0 messages, before snappy: each text once, in a table that a message brings along.
//!
//! ```text
//! Request    { 4: text*  5: TimeSeries* }           the first text is empty
//! TimeSeries { 1: packed places of names and values, in turn  2: Sample* }
//! ```

use model::{Batch, Dictionary, Slot};
use std::collections::HashMap;
use stdx::varint;

/// Writes messages.
#[derive(Debug, Default)]
pub struct Encoder2 {
    series: Vec<u8>,
    /// The places of the labels of a slot, by slot.
    refs: HashMap<u32, Vec<u8>>,
    sample: Vec<u8>,
}

impl Encoder2 {
    /// Appends a message with all rows, in the order of the batch.
    pub fn encode(&mut self, batch: &Batch, out: &mut Vec<u8>) {
        self.series.clear();
        self.refs.clear();
        let mut symbols: Vec<String> = vec![String::new()];
        let mut places: HashMap<String, u64> = HashMap::from([(String::new(), 0)]);
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let refs = self
                    .refs
                    .entry(slot.0)
                    .or_insert_with(|| refs(&batch.dictionary, slot, &mut symbols, &mut places));
                self.sample.clear();
                self.sample.push(0x09);
                self.sample.extend_from_slice(&value.to_le_bytes());
                self.sample.push(0x10);
                varint::write_u64(&mut self.sample, rows.time_ms as u64);
                // The sample is shorter than 128 bytes: its length is one byte.
                self.series.push(0x2a);
                varint::write_u64(&mut self.series, (refs.len() + 2 + self.sample.len()) as u64);
                self.series.extend_from_slice(refs);
                self.series.push(0x12);
                varint::write_bytes(&mut self.series, &self.sample);
            }
        }
        for symbol in &symbols {
            out.push(0x22);
            varint::write_bytes(out, symbol.as_bytes());
        }
        out.extend_from_slice(&self.series);
    }
}

/// The field of label references of a series.
fn refs(
    dictionary: &Dictionary,
    slot: Slot,
    symbols: &mut Vec<String>,
    places: &mut HashMap<String, u64>,
) -> Vec<u8> {
    let mut packed = Vec::new();
    for text in dictionary.labels(slot).iter().flat_map(|(name, value)| [name, value]) {
        let place = *places.entry(text.to_owned()).or_insert_with(|| {
            symbols.push(text.to_owned());
            symbols.len() as u64 - 1
        });
        varint::write_u64(&mut packed, place);
    }
    let mut field = vec![0x0a];
    varint::write_bytes(&mut field, &packed);
    field
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Kind, Labels};

    #[test]
    fn each_text_stands_once() {
        let mut batch = Batch::new();
        let labels = Labels::from_pairs([("__name__", "up"), ("a", "up")]).unwrap();
        let slot = batch.dictionary.add(&labels, Kind::Gauge);
        batch.sample(slot, 5, 1.0);
        let mut out = Vec::new();
        Encoder2::default().encode(&batch, &mut out);
        let mut wanted = b"\x22\x00\x22\x08__name__\x22\x02up\x22\x01a".to_vec();
        wanted.extend_from_slice(b"\x2a\x13\x0a\x04\x01\x02\x03\x02\x12\x0b\x09");
        wanted.extend_from_slice(&1.0f64.to_le_bytes());
        wanted.extend_from_slice(b"\x10\x05");
        assert_eq!(out, wanted);
    }
}
