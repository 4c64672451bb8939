//! Batches as OpenTSDB takes them: the JSON of its HTTP put, or telnet lines. Labels are tags; what OpenTSDB does not allow in
//! names and values becomes `_`, and a series without tags has that of its host, because there must be one.

use crate::Heads;
use model::{Batch, Labels, NAME};
use std::io::Write;

/// Writes samples; remembers how the series of a dictionary are called.
#[derive(Debug)]
pub struct Encoder {
    heads: Heads,
    host: String,
    is_json: bool,
}

impl Encoder {
    /// A JSON array of points, for `/api/put`; `host` is the tag of series without tags.
    pub fn json(host: &str) -> Self {
        Self { heads: Heads::default(), host: host.to_owned(), is_json: true }
    }

    /// Lines `put metric time value tag=value …`.
    pub fn lines(host: &str) -> Self {
        Self { is_json: false, ..Self::json(host) }
    }

    /// Appends all finite rows, times in milliseconds; nothing when there is none. Gives the number of the others.
    pub fn encode(&mut self, batch: &Batch, out: &mut Vec<u8>) -> u64 {
        let (mut left_out, mut separator) = (0, b'[');
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                if !value.is_finite() {
                    left_out += 1;
                    continue;
                }
                let (host, is_json) = (self.host.as_str(), self.is_json);
                let write = |labels: &Labels, out: &mut Vec<u8>| match is_json {
                    true => write_json(labels, host, out),
                    false => write_line(labels, host, out),
                };
                let head = self.heads.of(&batch.dictionary, slot, write);
                if is_json {
                    out.push(std::mem::replace(&mut separator, b','));
                    out.extend_from_slice(head);
                    let _infallible = write!(out, "\"timestamp\":{},\"value\":{value}}}", rows.time_ms);
                } else {
                    // `name` and `tags`, a blank between, which no name has.
                    let cut = head.iter().position(|byte| *byte == b' ').unwrap_or(head.len());
                    out.extend_from_slice(b"put ");
                    out.extend_from_slice(&head[..cut]);
                    let _infallible = write!(out, " {} {value}", rows.time_ms);
                    out.extend_from_slice(&head[cut..]);
                    out.push(b'\n');
                }
            }
        }
        if separator == b',' {
            out.push(b']');
        }
        left_out
    }
}

/// What OpenTSDB allows in names and values.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || "-_./".contains(c) { c } else { '_' }).collect()
}

/// Labels as tags; there must be one.
fn tags(labels: &Labels, host: &str) -> Vec<(String, String)> {
    let pairs = labels.iter().filter(|(name, _)| *name != NAME);
    let mut tags: Vec<_> = pairs.map(|(name, value)| (clean(name), clean(value))).collect();
    if tags.is_empty() {
        tags.push(("host".to_owned(), clean(host)));
    }
    tags
}

fn write_json(labels: &Labels, host: &str, out: &mut Vec<u8>) {
    let tags = tags(labels, host).into_iter().map(|(name, value)| format!("\"{name}\":\"{value}\""));
    let tags = tags.collect::<Vec<_>>().join(",");
    let _infallible = write!(out, "{{\"metric\":\"{}\",\"tags\":{{{tags}}},", clean(labels.name()));
}

fn write_line(labels: &Labels, host: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(clean(labels.name()).as_bytes());
    tags(labels, host)
        .iter()
        .for_each(|(name, value)| out.extend_from_slice(format!(" {name}={value}").as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use crate::protocols::opentsdb;
    use model::{Kind, Slot};
    use proptest::prelude::*;

    fn rows(batch: &Batch) -> Vec<(Labels, i64, u64)> {
        batch
            .groups()
            .flat_map(|g| {
                let row = move |(s, v): (&Slot, &f64)| (batch.dictionary.labels(*s), g.time_ms, v.to_bits());
                g.slots.iter().zip(g.values).filter(|(_, v)| v.is_finite()).map(row).collect::<Vec<_>>()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn points_and_lines_read_back_the_same(
            points in prop::collection::vec((0..2u32, 1_000_000_000_000..4_000_000_000_000i64, any::<f64>()), 0..30),
            names in prop::collection::vec("[a-zA-Z0-9_./-]{1,8}", 4),
        ) {
            let mut batch = Batch::new();
            for n in 0..2 {
                let name = format!("m{n}{}", names[n]);
                let pairs = [(NAME, name.as_str()), ("host", names[n + 2].as_str())];
                batch.dictionary.add(&Labels::from_pairs(pairs).unwrap(), Kind::Unknown);
            }
            points.iter().for_each(|(slot, time_ms, value)| batch.sample(Slot(*slot), *time_ms, *value));
            for (mut encoder, decode) in [
                (Encoder::json("me"), opentsdb::decode as fn(&[u8], &Context<'_>, &mut Batch) -> model::Report),
                (Encoder::lines("me"), opentsdb::decode),
            ] {
                let (mut text, mut back) = (Vec::new(), Batch::new());
                let left_out = encoder.encode(&batch, &mut text);
                if !text.is_empty() {
                    let report = decode(&text, &Context::at(0), &mut back);
                    prop_assert!(report.is_clean(), "{:?} {}", report, String::from_utf8_lossy(&text));
                }
                prop_assert_eq!(rows(&batch), rows(&back));
                prop_assert_eq!(left_out as usize, batch.len() - back.len());
            }
        }
    }

    #[test]
    fn a_series_without_tags_has_its_host_and_names_are_what_opentsdb_allows() {
        let mut batch = Batch::new();
        batch.dictionary.add(&Labels::from_pairs([(NAME, "a b:c")]).unwrap(), Kind::Gauge);
        batch.sample(Slot(0), 5, 1.5);
        let mut text = Vec::new();
        Encoder::lines("web 1").encode(&batch, &mut text);
        Encoder::json("web 1").encode(&batch, &mut text);
        let wanted = "put a_b_c 5 1.5 host=web_1\n[{\"metric\":\"a_b_c\",\"tags\":{\"host\":\"web_1\"},\"timestamp\":5,\"value\":1.5}]";
        assert_eq!(String::from_utf8(text).unwrap(), wanted);
    }
}
