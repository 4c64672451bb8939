use super::*;
use crate::tests::{NOW_MS, dump};
use proptest::prelude::*;
use stdx::varint;

type SeriesIn<'a> = (&'a [(&'a str, &'a str)], &'a [(i64, f64)]);

pub(crate) fn bytes_field(number: u64, bytes: &[u8], out: &mut Vec<u8>) {
    varint::write_u64(out, number << 3 | 2);
    varint::write_bytes(out, bytes);
}

pub(crate) fn label(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut label = Vec::new();
    bytes_field(1, name, &mut label);
    bytes_field(2, value, &mut label);
    label
}

pub(crate) fn sample_message(time_ms: i64, value: f64) -> Vec<u8> {
    let mut sample = vec![1 << 3 | 1];
    sample.extend_from_slice(&value.to_le_bytes());
    sample.push(2 << 3);
    varint::write_u64(&mut sample, time_ms as u64);
    sample
}

pub(crate) fn series_message(labels: &[(&str, &str)], samples: &[(i64, f64)]) -> Vec<u8> {
    let mut series = Vec::new();
    for (name, value) in labels {
        bytes_field(1, &label(name.as_bytes(), value.as_bytes()), &mut series);
    }
    for (time_ms, value) in samples {
        bytes_field(2, &sample_message(*time_ms, *value), &mut series);
    }
    series
}

/// A request as Prometheus writes it.
pub(crate) fn request(all: &[SeriesIn<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (labels, samples) in all {
        bytes_field(1, &series_message(labels, samples), &mut out);
    }
    out
}

fn metadata_message(kind: u64, name: &str, help: &str, unit: &str) -> Vec<u8> {
    let mut out = vec![1 << 3];
    varint::write_u64(&mut out, kind);
    bytes_field(2, name.as_bytes(), &mut out);
    bytes_field(4, help.as_bytes(), &mut out);
    bytes_field(5, unit.as_bytes(), &mut out);
    out
}

fn decoded(input: &[u8]) -> String {
    let mut batch = Batch::new();
    let report = decode(input, &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

#[test]
fn labels_are_sorted_and_everything_else_is_counted() {
    let mut series =
        series_message(&[("z", "1"), ("__name__", "up"), ("a", "")], &[(5, 1.0), (6, f64::INFINITY)]);
    bytes_field(3, b"exemplar", &mut series);
    series.extend([9 << 3 | 5, 1, 2, 3, 4]);
    let mut input = Vec::new();
    bytes_field(1, &series, &mut input);
    bytes_field(3, &metadata_message(1, "up", "Whether it is up.", ""), &mut input);
    bytes_field(3, &metadata_message(3, "lat", "How long.", "seconds"), &mut input);
    assert_eq!(
        decoded(&input),
        "2 accepted, 0 rejected, 1 skipped\n\
         5 unknown up{z=\"1\"} 1\n\
         6 unknown up{z=\"1\"} inf\n\
         about up counter \"\" \"Whether it is up.\"\n\
         about lat unknown \"seconds\" \"How long.\"\n"
    );
}

#[test]
fn a_bad_series_is_refused_alone() {
    let mut input = request(&[(&[("a", "1"), ("a", "2")], &[(1, 1.0), (2, 2.0)])]);
    bytes_field(1, &[0x0a, 0x7f], &mut input);
    let mut not_utf8 = Vec::new();
    bytes_field(1, &label(b"a", b"\xff"), &mut not_utf8);
    bytes_field(2, &sample_message(1, 1.0), &mut not_utf8);
    bytes_field(1, &not_utf8, &mut input);
    let long = "x".repeat(model::limits::LABEL_VALUE_BYTES_MAX + 1);
    input.extend(request(&[(&[("a", long.as_str())], &[(1, 1.0)]), (&[("ok", "1")], &[(1, -2.5)])]));
    assert_eq!(
        decoded(&input),
        "1 accepted, 5 rejected, 0 skipped\n\
         rejected item 1: label `a` is given twice\n\
         rejected item 2: broken at byte 0 of the series\n\
         rejected item 3: label `a` is not UTF-8\n\
         rejected item 4: the value of label `a` is longer than 2048 bytes\n\
         1 unknown {ok=\"1\"} -2.5\n"
    );
}

#[test]
fn a_broken_frame_refuses_everything() {
    let mut input = request(&[(&[("a", "1")], &[(1, 1.0)])]);
    let len = input.len();
    input.extend([1 << 3 | 2, 100, 0]);
    assert_eq!(
        decoded(&input),
        format!("0 accepted, 1 rejected, 0 skipped\nrejected byte {len}: not a remote-write message\n")
    );
    assert_eq!(decoded(b""), "0 accepted, 0 rejected, 0 skipped\n");
}

/// The fixtures are bytes, so here is how they are made: `WINDHOVER_BLESS=1` writes them.
#[test]
fn the_fixtures_are_made_of_this() {
    let mut mixed = request(&[
        (
            &[("__name__", "node_load1"), ("instance", "web1:9100"), ("job", "node")],
            &[(NOW_MS, 0.42), (NOW_MS + 15_000, 0.4)],
        ),
        (&[("job", "node"), ("instance", "web1:9100"), ("__name__", "up")], &[(NOW_MS, model::STALE)]),
        (&[("__name__", "温度"), ("host", "büro")], &[(-1, -273.15)]),
        (&[("a", "1"), ("a", "2")], &[(NOW_MS, 1.0)]),
    ]);
    bytes_field(3, &metadata_message(2, "node_load1", "1m load average.", ""), &mut mixed);
    let mut broken = request(&[(&[("__name__", "up")], &[(NOW_MS, 1.0)])]);
    broken.truncate(broken.len() - 1);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/wire/remote_write");
    for (name, bytes) in [("mixed", mixed), ("broken", broken)] {
        let path = format!("{folder}/{name}.in");
        if std::env::var_os("WINDHOVER_BLESS").is_some() {
            std::fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{path}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        labels in prop::collection::btree_map("[a-zA-Z_:é]{1,9}", ".{1,12}", 1..8).prop_map(|m| m.into_iter().collect::<Vec<_>>()).prop_shuffle(),
        samples in prop::collection::vec((any::<i64>(), any::<f64>()), 1..5),
    ) {
        let pairs: Vec<_> = labels.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let input = request(&[(&pairs, &samples)]);
        let mut batch = Batch::new();
        let report = decode(&input, &Context::at(0), &mut batch);
        prop_assert!(report.is_clean(), "{report}");
        let wanted = model::Labels::from_pairs(pairs).unwrap();
        prop_assert_eq!(batch.dictionary.labels(Slot(0)), wanted);
        let got: Vec<_> = batch.groups().flat_map(|r| r.values.iter().map(move |v| (r.time_ms, v.to_bits()))).collect();
        let sent: Vec<_> = samples.iter().map(|(t, v)| (*t, v.to_bits())).collect();
        prop_assert_eq!(got, sent);
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        decoded(&bytes);
    }
}

mod encoding {
    use super::super::{Encoder, decode, encode::classic};
    use crate::Context;
    use model::{Batch, Kind, Labels, Slot};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_message_reads_back_the_same(rows in prop::collection::vec((0..4u32, any::<i64>(), any::<f64>()), 1..30)) {
            let mut batch = Batch::new();
            for n in 0..4 {
                let (name, job) = (format!("up_{n}"), "x".repeat(n * 90));
                let labels = Labels::from_pairs([("__name__", name.as_str()), ("Zone", "ä"), ("job", job.as_str())]);
                batch.dictionary.add(&labels.unwrap(), Kind::Unknown);
            }
            rows.iter().for_each(|(n, time_ms, value)| batch.sample(Slot(*n), *time_ms, *value));
            let (mut bytes, mut back) = (Vec::new(), Batch::new());
            Encoder::new(false).encode(&batch, &mut bytes);
            prop_assert!(decode(&bytes, &Context::at(0), &mut back).is_clean());
            let all = |batch: &Batch| -> Vec<(Labels, i64, u64)> {
                batch.groups().flat_map(|g| {
                    g.slots.iter().zip(g.values).map(move |(s, v)| (batch.dictionary.labels(*s), g.time_ms, v.to_bits())).collect::<Vec<_>>()
                }).collect()
            };
            prop_assert_eq!(all(&back), all(&batch));
        }
    }

    #[test]
    fn names_that_a_classic_receiver_refuses_are_changed() {
        assert_eq!(
            [classic("a.b-c", true), classic("9x", true), classic("a:b", false)],
            ["a_b_c", "_9x", "a_b"]
        );
    }
}
