use super::*;
use crate::protocols::remote_write::decode;
use crate::protocols::remote_write::tests::{bytes_field, label, request, sample_message, series_message};
use crate::tests::{NOW_MS, dump};
use proptest::prelude::*;

type Labels<'a> = &'a [(&'a str, &'a str)];

const A: Labels<'_> = &[("__name__", "up"), ("instance", "a:1")];
const A_LONGER: Labels<'_> = &[("__name__", "up"), ("instance", "a:1"), ("job", "x")];
const B: Labels<'_> = &[("__name__", "up"), ("instance", "b:1")];
const UNSORTED: Labels<'_> = &[("z", "1"), ("__name__", "up")];
const DOUBLE: Labels<'_> = &[("a", "1"), ("a", "2")];

fn one_sample(order: &[Labels<'_>], value: f64) -> Vec<u8> {
    let samples = [(NOW_MS, value)];
    let all: Vec<_> = order.iter().map(|labels| (*labels, &samples[..])).collect();
    request(&all)
}

/// Whether a series has a field 4.
fn has_histogram(input: &[u8]) -> bool {
    let series = Fields::new(input).map_while(Result::ok).filter_map(|field| match field.value {
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    });
    series.into_iter().any(|bytes| Fields::new(bytes).map_while(Result::ok).any(|field| field.number == 4))
}

/// What the batch has and what was reported must be as if nothing had been remembered.
fn check(sender: &mut Sender, input: &[u8], context: &Context<'_>) {
    let mut plain = Batch::new();
    let expected = decode(input, context, &mut plain);
    match sender.decode(input, context) {
        Some(report) => assert_eq!(dump(sender.batch(), &report), dump(&plain, &expected)),
        None => assert!(!is_series_only(input) || has_histogram(input)),
    }
}

#[test]
fn a_series_keeps_its_slot_in_any_order_and_cut() {
    let (mut sender, context) = (Sender::default(), Context::at(NOW_MS));
    let id = sender.batch().dictionary.id();
    let requests: &[&[Labels<'_>]] = &[
        &[A, B, UNSORTED],
        &[A, B],
        &[UNSORTED, A, B],
        &[B, A, A_LONGER, UNSORTED],
        &[A, A_LONGER, A, A],
        &[],
        &[DOUBLE, A, DOUBLE, A_LONGER],
    ];
    for (value, order) in requests.iter().enumerate() {
        check(&mut sender, &one_sample(order, value as f64), &context);
    }
    assert_eq!((sender.batch().dictionary.len(), sender.batch().dictionary.id()), (4, id));
}

#[test]
fn other_rules_for_labels_start_over() {
    let mut sender = Sender::default();
    let input = one_sample(&[A, B], 1.0);
    let plain = Context::at(NOW_MS);
    let hosts = Context { host_from_instance: true, ..plain };
    let extra = Context { extra_labels: &[("dc", "x")], ..hosts };
    let other = Context { extra_labels: &[("dc", "y")], ..hosts };
    for context in [plain, hosts, extra, extra, other, plain] {
        check(&mut sender, &input, &context);
        assert_eq!(sender.batch().dictionary.len(), 2);
    }
}

#[test]
fn what_is_broken_on_the_way_is_refused_as_ever() {
    let (mut sender, context) = (Sender::default(), Context::at(NOW_MS));
    let good = one_sample(&[A, B], 1.0);
    let mut broken_sample = one_sample(&[A], 1.0);
    let mut series = series_message(B, &[(1, 1.0), (2, 2.0)]);
    series.extend([2 << 3 | 2, 9]);
    bytes_field(1, &series, &mut broken_sample);
    bytes_field(1, &series_message(A_LONGER, &[(3, 3.0)]), &mut broken_sample);
    let mut late_label = one_sample(&[A], 1.0);
    let mut series = series_message(B, &[(1, 1.0)]);
    bytes_field(1, &label(b"zone", b"1"), &mut series);
    bytes_field(3, b"exemplar", &mut series);
    bytes_field(1, &series, &mut late_label);
    let mut described = good.clone();
    bytes_field(3, b"", &mut described);
    let mut no_labels = Vec::new();
    bytes_field(1, &series_message(&[], &[(5, 1.0)]), &mut no_labels);
    bytes_field(1, &series_message(A, &[]), &mut no_labels);
    let cut = &good[..good.len() - 1];
    for _ in 0..3 {
        for input in [&good, &broken_sample, &late_label, &described, &no_labels, &cut.to_vec()] {
            check(&mut sender, input, &context);
        }
    }
}

#[test]
fn a_tag_in_a_longer_form_does_not_hide_a_label() {
    let (mut sender, context) = (Sender::default(), Context::at(NOW_MS));
    let mut series = series_message(A, &[]);
    series.extend([0x8a, 0x00]); // field 1 with a zero too many
    stdx::varint::write_bytes(&mut series, &label(b"job", b"x"));
    bytes_field(2, &sample_message(1, 1.0), &mut series);
    let mut input = one_sample(&[A, A], 1.0);
    bytes_field(1, &series, &mut input);
    for _ in 0..3 {
        check(&mut sender, &input, &context);
    }
}

#[test]
fn memory_is_counted() {
    let (mut sender, context) = (Sender::default(), Context::at(NOW_MS));
    let long = "x".repeat(1000);
    let names: Vec<String> = (0..1000).map(|i| format!("m{i}")).collect();
    for name in &names {
        sender.decode(&one_sample(&[&[("__name__", name), ("long", &long)]], 1.0), &context);
    }
    assert!((2_000_000..8_000_000).contains(&sender.memory_bytes()), "{}", sender.memory_bytes());
}

proptest! {
    #[test]
    fn any_stream_is_read_as_without_memory(
        requests in prop::collection::vec(prop::collection::vec((0usize..8, 0usize..3), 0..12), 1..12),
        flips in prop::collection::vec((0usize..12, any::<prop::sample::Index>(), any::<u8>()), 0..6),
        hosts: bool,
    ) {
        let extra = [("host", "own"), ("job", "y")];
        let pool: [&[(&str, &str)]; 8] =
            [A, B, A_LONGER, UNSORTED, DOUBLE, &[], &[("__name__", "up")], &[("a", ""), ("instance", "[::1]:9")]];
        let context = Context { host_from_instance: hosts, extra_labels: &extra[..usize::from(hosts)], ..Context::at(0) };
        let mut sender = Sender::default();
        for (number, order) in requests.iter().enumerate() {
            let samples = [(1, 1.5), (2, f64::NAN), (3, -0.0)];
            let all: Vec<_> = order.iter().map(|&(who, count)| (pool[who], &samples[..count])).collect();
            let mut input = request(&all);
            for (_, at, byte) in flips.iter().filter(|flip| flip.0 == number) {
                if !input.is_empty() {
                    let at = at.index(input.len());
                    input[at] = *byte;
                }
            }
            check(&mut sender, &input, &context);
        }
    }
}
