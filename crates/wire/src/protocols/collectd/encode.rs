//! Batches as collectd's packets, for its `network` plugin to take.
//!
//! collectd has no labels: a list of values has a host, a plugin and a type, each of the last two with an instance. A
//! name that ends with one of collectd's types of a single value, of the same kind, is taken apart there (`disk_percent` is
//! plugin `disk`, type `percent`), so that what came from collectd goes back as it was; any other is the plugin, and the type says
//! what it is (`gauge`, `derive`, `absolute`). `plugin_instance` and `type_instance` are what they are called; the values of
//! further labels stand behind the type's instance. What grows are whole numbers there.

use super::super::putval::types::values_of;
use crate::Heads;
use model::{Batch, HOST, Kind, Labels, NAME};

/// Longest text of a part: collectd keeps 128 bytes with the NUL.
const TEXT_BYTES_MAX: usize = 127;
/// Bytes of a list of one value.
const VALUE_BYTES: usize = 4 + 2 + 1 + 8;
/// Bytes of a time, or an interval.
const NUMBER_BYTES: usize = 4 + 8;

/// Writes packets; remembers how the series of a dictionary are called.
#[derive(Debug)]
pub struct Encoder {
    heads: Heads,
    host: String,
    interval_s: u32,
    packet: Vec<u8>,
}

impl Encoder {
    /// For series without a host: `host`. The interval is what collectd takes for the time between two values.
    pub fn new(host: &str, interval_s: u32) -> Self {
        Self { heads: Heads::default(), host: host.to_owned(), interval_s, packet: Vec::new() }
    }

    /// Hands packets of at most `packet_bytes_max` bytes to `send`; gives the number of rows that have no place in one:
    /// they are not finite, or from before 1970, or their names are too long.
    ///
    /// # Errors
    /// What `send` says; the packets behind it are not made.
    pub fn encode<E>(
        &mut self,
        batch: &Batch,
        packet_bytes_max: usize,
        mut send: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut left_out = 0;
        self.packet.clear();
        let (host, interval) = (self.host.as_str(), u64::from(self.interval_s) << 30);
        for rows in batch.groups() {
            // Nearest tick that is not before the millisecond, so that it reads back the same.
            let ticks =
                u64::try_from(rows.time_ms).ok().map(|ms| ((u128::from(ms)) << 30).div_ceil(1000) as u64);
            let mut is_timed = false;
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                let kind = batch.dictionary.kind(slot);
                let head =
                    self.heads.of(&batch.dictionary, slot, |labels, out| write_head(labels, kind, host, out));
                let len = head.len() + VALUE_BYTES + 2 * NUMBER_BYTES;
                let (true, Some(ticks)) =
                    (value.is_finite() && !head.is_empty() && len <= packet_bytes_max, ticks)
                else {
                    left_out += 1;
                    continue;
                };
                if self.packet.len() + len > packet_bytes_max {
                    send(&self.packet)?;
                    self.packet.clear();
                    is_timed = false;
                }
                if !std::mem::replace(&mut is_timed, true) {
                    number(8, ticks, &mut self.packet);
                    number(9, interval, &mut self.packet);
                }
                self.packet.extend_from_slice(head);
                write_value(kind, value, &mut self.packet);
            }
        }
        if !self.packet.is_empty() {
            send(&self.packet)?;
        }
        Ok(left_out)
    }
}

fn begin(kind: u16, content_bytes: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&((content_bytes + 4) as u16).to_be_bytes());
}

fn number(kind: u16, value: u64, out: &mut Vec<u8>) {
    begin(kind, 8, out);
    out.extend_from_slice(&value.to_be_bytes());
}

/// A text, without what collectd's names of files and its identifiers are put together with.
fn text(kind: u16, text: &str, out: &mut Vec<u8>) {
    begin(kind, text.len() + 1, out);
    out.extend(text.bytes().map(|b| if b == b'/' || b == 0 { b'_' } else { b }));
    out.push(0);
}

/// Which of collectd's codes a kind has: 1 a gauge, 2 derive, 3 absolute.
fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Counter | Kind::Derive => 2,
        Kind::Absolute => 3,
        _ => 1,
    }
}

fn write_value(kind: Kind, value: f64, out: &mut Vec<u8>) {
    begin(6, VALUE_BYTES - 4, out);
    out.extend_from_slice(&[0, 1, code(kind)]);
    match code(kind) {
        1 => out.extend_from_slice(&value.to_le_bytes()),
        // Beyond their range numbers stay at its end.
        2 => out.extend_from_slice(&(value.round() as i64).to_be_bytes()),
        _ => out.extend_from_slice(&(value.round() as u64).to_be_bytes()),
    }
}

/// Plugin and type of a name; the type is the longest of one value and of this kind.
fn take_apart(name: &str, kind: Kind) -> (&str, &str) {
    let usual = ["gauge", "derive", "absolute"][usize::from(code(kind)) - 1];
    for (at, _) in name.match_indices('_') {
        let (plugin, tail) = (&name[..at], &name[at + 1..]);
        let mut values = values_of(tail).into_iter().flatten();
        let first = values.next().filter(|(value, its)| *value == "value" && code(*its) == code(kind));
        if !plugin.is_empty() && first.is_some() && values.next().is_none() {
            return (plugin, tail);
        }
    }
    (name, usual)
}

/// All parts that tell a series; nothing when one is too long.
fn write_head(labels: &Labels, kind: Kind, own_host: &str, out: &mut Vec<u8>) {
    let host = if labels.host().is_empty() { own_host } else { labels.host() };
    let (plugin, its_type) = take_apart(labels.name(), kind);
    // A dash ends a plugin where collectd puts the parts together.
    let plugin = plugin.replace('-', "_");
    let value = |wanted: &str| labels.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value);
    let mut instance = value("type_instance").to_owned();
    let known = [NAME, HOST, "plugin_instance", "type_instance"];
    for (_, value) in labels.iter().filter(|(name, _)| !known.contains(name)) {
        if !instance.is_empty() {
            instance.push('-');
        }
        instance.push_str(value);
    }
    let parts = [(0, host), (2, &plugin), (3, value("plugin_instance")), (4, its_type), (5, &instance)];
    if parts.iter().all(|(_, text)| text.len() <= TEXT_BYTES_MAX) {
        parts.iter().for_each(|(kind, words)| text(*kind, words, out));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;
    use crate::protocols::collectd::decode;
    use model::Slot;
    use proptest::prelude::*;

    fn packets(batch: &Batch, bytes_max: usize) -> (Vec<Vec<u8>>, u64) {
        let mut packets = Vec::new();
        let result: Result<u64, ()> = Encoder::new("me", 10).encode(batch, bytes_max, |packet| {
            packets.push(packet.to_vec());
            Ok(())
        });
        (packets, result.unwrap())
    }

    fn read(packets: &[Vec<u8>]) -> Batch {
        let mut back = Batch::new();
        for packet in packets {
            let report = decode(packet, &Context::at(0), &mut back);
            assert!(report.is_clean(), "{report:?}");
        }
        back
    }

    fn rows(batch: &Batch) -> Vec<(String, i64, u64)> {
        let row = |time, slot, value: &f64| {
            let kind = batch.dictionary.kind(slot);
            (format!("{kind:?} {}", batch.dictionary.labels(slot)), time, value.to_bits())
        };
        batch
            .groups()
            .flat_map(|g| {
                g.slots.iter().zip(g.values).map(move |(s, v)| row(g.time_ms, *s, v)).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn names_are_taken_apart_at_types_of_the_same_kind() {
        for (name, kind, wanted) in [
            ("disk_percent", Kind::Gauge, ("disk", "percent")),
            ("disk_percent", Kind::Counter, ("disk_percent", "derive")),
            ("a_b_cpu", Kind::Derive, ("a_b", "cpu")),
            ("load", Kind::Gauge, ("load", "gauge")),
            ("interface_if_octets_rx", Kind::Derive, ("interface_if_octets_rx", "derive")),
            ("_gauge", Kind::Gauge, ("_gauge", "gauge")),
            ("x", Kind::Absolute, ("x", "absolute")),
        ] {
            assert_eq!(take_apart(name, kind), wanted, "{name}");
        }
    }

    #[test]
    fn what_has_no_place_is_left_out_and_labels_go_behind_the_instance() {
        let mut batch = Batch::new();
        let long = "x".repeat(128);
        for (n, pairs) in [
            [(NAME, "q_gauge"), ("a", "1/2"), ("type_instance", "t")],
            [(NAME, "q_gauge"), ("a", long.as_str()), ("b", "")],
        ]
        .iter()
        .enumerate()
        {
            let slot = batch.dictionary.add(&Labels::from_pairs(pairs.iter().copied()).unwrap(), Kind::Gauge);
            assert_eq!(slot, Slot(n as u32));
        }
        batch.sample(Slot(0), 5, 1.0);
        batch.sample(Slot(1), 5, 1.0);
        batch.sample(Slot(0), 6, f64::NAN);
        batch.sample(Slot(0), -6, 1.0);
        let (packets, left_out) = packets(&batch, 1400);
        assert_eq!((packets.len(), left_out), (1, 3));
        assert_eq!(rows(&read(&packets))[0].0, "Gauge q_gauge{host=\"me\",type_instance=\"t-1_2\"}");
    }

    proptest! {
        #[test]
        fn packets_read_back_the_same(
            points in prop::collection::vec((0..4u32, 1..4_000_000_000_000i64, -1e15..1e15f64), 1..60),
            plugin in "[a-z]{1,9}", host in "[a-zäö.]{1,20}", instance in "[a-z0-9]{0,9}", bytes_max in 300..1500usize,
        ) {
            let mut batch = Batch::new();
            let kinds = [("gauge", Kind::Gauge), ("derive", Kind::Derive), ("percent", Kind::Gauge), ("absolute", Kind::Absolute)];
            for (its_type, kind) in kinds {
                let name = format!("{plugin}_{its_type}");
                let pairs = [(NAME, name.as_str()), (HOST, host.as_str()), ("plugin_instance", instance.as_str()), ("type_instance", instance.as_str())];
                batch.dictionary.add(&Labels::from_pairs(pairs).unwrap(), kind);
            }
            for (slot, time_ms, value) in points {
                let whole = slot % 2 == 1;
                let value = if slot == 3 { value.abs() } else { value };
                batch.sample(Slot(slot), time_ms, if whole { value.round() } else { value });
            }
            let (packets, left_out) = packets(&batch, bytes_max);
            prop_assert_eq!(left_out, 0);
            prop_assert!(packets.iter().all(|packet| packet.len() <= bytes_max));
            let plugin_is_type = kinds.iter().any(|(its_type, _)| *its_type == plugin);
            prop_assume!(!plugin_is_type);
            prop_assert_eq!(rows(&batch), rows(&read(&packets)));
        }
    }
}
