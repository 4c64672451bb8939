use super::*;
use crate::protocols::remote_write::tests::{bytes_field, sample_message};
use crate::tests::{NOW_MS, dump};
use proptest::prelude::*;
use stdx::varint;

/// Labels in a list of their own, and samples.
type Named<'a> = (Vec<(&'a str, &'a str)>, &'a [(i64, f64)]);
type Labels<'a> = &'a [(&'a str, &'a str)];

/// Texts that stand once.
#[derive(Default)]
struct Symbols(Vec<String>);

impl Symbols {
    fn place(&mut self, text: &str) -> u64 {
        if self.0.is_empty() {
            self.0.push(String::new());
        }
        let at = self.0.iter().position(|known| known == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        at as u64
    }
}

fn series_message(symbols: &mut Symbols, labels: Labels<'_>, samples: &[(i64, f64)]) -> Vec<u8> {
    let (mut out, mut places) = (Vec::new(), Vec::new());
    for (name, value) in labels {
        varint::write_u64(&mut places, symbols.place(name));
        varint::write_u64(&mut places, symbols.place(value));
    }
    bytes_field(1, &places, &mut out);
    for (time_ms, value) in samples {
        bytes_field(2, &sample_message(*time_ms, *value), &mut out);
    }
    out
}

fn message(symbols: &Symbols, series: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    symbols.0.iter().for_each(|text| bytes_field(4, text.as_bytes(), &mut out));
    series.iter().for_each(|series| bytes_field(5, series, &mut out));
    out
}

/// A request as Prometheus writes it.
pub(crate) fn request(all: &[(Labels<'_>, &[(i64, f64)])]) -> Vec<u8> {
    let mut symbols = Symbols::default();
    let series: Vec<_> =
        all.iter().map(|(labels, samples)| series_message(&mut symbols, labels, samples)).collect();
    message(&symbols, &series)
}

fn decoded(input: &[u8]) -> String {
    let mut batch = Batch::new();
    let report = decode(input, &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

fn varint_field(number: u64, value: u64, out: &mut Vec<u8>) {
    varint::write_u64(out, number << 3);
    varint::write_u64(out, value);
}

fn double_field(number: u64, value: f64, out: &mut Vec<u8>) {
    varint::write_u64(out, number << 3 | 1);
    out.extend(value.to_le_bytes());
}

/// Zero bucket 1, buckets 1, 2 and 4 with 2, 3 and 1, negative bucket 1 with 1.
fn histogram_message() -> Vec<u8> {
    let mut out = Vec::new();
    varint_field(1, 8, &mut out);
    double_field(3, 12.5, &mut out);
    varint_field(4, 0, &mut out);
    double_field(5, 0.25, &mut out);
    varint_field(6, 1, &mut out);
    for (spans, deltas, side) in [(8, 9, &[(2u64, 1u64)][..]), (11, 12, &[(2, 2), (2, 1)])] {
        for (offset, length) in side {
            let mut span = Vec::new();
            varint_field(1, *offset, &mut span);
            varint_field(2, *length, &mut span);
            bytes_field(spans, &span, &mut out);
        }
        // Differences 2, 1, -2 as zigzag, or 1.
        bytes_field(deltas, if deltas == 12 { &[4, 2, 3] } else { &[2] }, &mut out);
    }
    varint_field(15, 7000, &mut out);
    out
}

#[test]
fn metadata_give_kinds_and_histograms_become_buckets() {
    let mut symbols = Symbols::default();
    let mut counter = series_message(&mut symbols, &[("__name__", "hits_total"), ("a", "b")], &[(5, 1.0)]);
    let mut metadata = Vec::new();
    varint_field(1, 1, &mut metadata);
    varint_field(3, symbols.place("How often."), &mut metadata);
    bytes_field(5, &metadata, &mut counter);
    bytes_field(4, b"exemplar", &mut counter);
    let mut histogram = series_message(&mut symbols, &[("__name__", "lat"), ("a", "b")], &[]);
    bytes_field(3, &histogram_message(), &mut histogram);
    let input = message(&symbols, &[counter, histogram]);
    let bucket = |le: &str, n: u32| format!("7000 counter lat_bucket{{a=\"b\",le=\"{le}\"}} {n}\n");
    let buckets: String = [("-1", 1), ("0.25", 2), ("2", 4), ("4", 7), ("16", 8), ("+Inf", 8)]
        .map(|(le, n)| bucket(le, n))
        .concat();
    let beside = "7000 gauge lat{__native__=\"0/2.5e-1\",a=\"b\"} 1\n";
    assert_eq!(
        decoded(&input),
        format!(
            "10 accepted, 0 rejected, 1 skipped\n5 counter hits_total{{a=\"b\"}} 1\n{buckets}\
             7000 counter lat_count{{a=\"b\"}} 8\n7000 counter lat_sum{{a=\"b\"}} 12.5\n{beside}\
             about hits_total counter \"\" \"How often.\"\n"
        )
    );
    let (_, written) = decode_counting(&input, &Context::at(0), &mut Batch::new());
    assert_eq!(written, Written { samples: 1, histograms: 1 });
    // Version 1 carries the same message.
    let mut series =
        crate::protocols::remote_write::tests::series_message(&[("__name__", "lat"), ("a", "b")], &[]);
    bytes_field(4, &histogram_message(), &mut series);
    let mut old = Vec::new();
    bytes_field(1, &series, &mut old);
    let mut batch = Batch::new();
    let report = crate::protocols::remote_write::decode(&old, &Context::at(0), &mut batch);
    let wanted = format!(
        "9 accepted, 0 rejected, 0 skipped\n{buckets}7000 counter lat_count{{a=\"b\"}} 8\n\
         7000 counter lat_sum{{a=\"b\"}} 12.5\n{beside}"
    );
    assert_eq!(dump(&batch, &report), wanted);
    let mut sender = crate::protocols::remote_write::Sender::default();
    assert_eq!(sender.decode(&old, &Context::at(0)), None, "left to the plain decoder");
}

#[test]
fn what_is_wrong_costs_its_series() {
    let mut symbols = Symbols::default();
    let good = series_message(&mut symbols, &[("__name__", "up")], &[(1, 1.0)]);
    let mut missing = Vec::new();
    bytes_field(1, &[1, 99], &mut missing);
    bytes_field(2, &sample_message(1, 1.0), &mut missing);
    let mut odd = Vec::new();
    bytes_field(1, &[1], &mut odd);
    let mut uneven = series_message(&mut symbols, &[("__name__", "h")], &[(1, 1.0)]);
    let mut histogram = histogram_message();
    bytes_field(12, &[2], &mut histogram);
    bytes_field(3, &histogram, &mut uneven);
    assert_eq!(
        decoded(&message(&symbols, &[missing, odd, uneven, good])),
        "2 accepted, 3 rejected, 0 skipped\nrejected item 1: there is no symbol 99\n\
         rejected item 2: a label without a value\nrejected item 3: a histogram with more counts than buckets\n\
         1 unknown h 1\n1 unknown up 1\n"
    );
    assert!(decoded(b"\x22\x01a").contains("the first symbol is not empty"));
    assert!(decoded(b"\xff").contains("rejected byte 0: not a remote-write message"));
}

proptest! {
    /// What version 1 says in its way, version 2 says in its own: the same samples come out.
    #[test]
    fn both_versions_say_the_same(
        all in proptest::collection::vec(
            (proptest::collection::btree_map("[a-z]{1,3}", "[a-zäß]{0,3}", 0..4), proptest::collection::vec((any::<i64>(), any::<f64>()), 0..3)),
            0..5
        )
    ) {
        let named: Vec<Named<'_>> = all.iter().map(|(labels, samples)| {
            let labels = std::iter::once(("__name__", "m")).chain(labels.iter().map(|(n, v)| (n.as_str(), v.as_str())));
            (labels.collect(), samples.as_slice())
        }).collect();
        let given: Vec<(Labels<'_>, &[(i64, f64)])> = named.iter().map(|(l, s)| (l.as_slice(), *s)).collect();
        let (mut old, mut new) = (Batch::new(), Batch::new());
        let context = Context::at(0);
        let report = crate::protocols::remote_write::decode(&crate::protocols::remote_write::tests::request(&given), &context, &mut old);
        let (again, written) = decode_counting(&request(&given), &context, &mut new);
        prop_assert_eq!(dump(&old, &report), dump(&new, &again));
        prop_assert_eq!(written.samples, report.accepted);
    }
}
