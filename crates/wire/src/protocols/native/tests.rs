use super::*;
use model::{Batch, Description, Kind, Labels, Report, STALE, Slot};
use proptest::prelude::*;
use stdx::random::Random;

/// (labels, kind, time, bits of the value), in the order they came.
type Row = (Labels, Kind, i64, u64);

fn rows_of(batch: &Batch) -> Vec<Row> {
    let of_group = |rows: model::Rows<'_>| -> Vec<Row> {
        let row = |(&slot, value): (&Slot, &f64)| {
            (batch.dictionary.labels(slot), batch.dictionary.kind(slot), rows.time_ms, value.to_bits())
        };
        rows.slots.iter().zip(rows.values).map(row).collect()
    };
    batch.groups().flat_map(of_group).collect()
}

/// A sender and a receiver of one stream.
#[derive(Default)]
struct Pair {
    encoder: Encoder,
    decoder: Decoder,
    received: Batch,
}

impl Pair {
    /// Sends the rows of a batch and gives what arrives, and the bytes it took.
    fn pass(&mut self, batch: &Batch) -> (Vec<Row>, usize) {
        let mut bytes = Vec::new();
        let progress = self.encoder.encode(batch, 0, &mut bytes);
        assert_eq!(progress.rows, batch.len());
        let (mut rest, mut frames) = (bytes.as_slice(), 0);
        while !rest.is_empty() {
            let payload = frame::take(&mut rest).unwrap();
            let mut report = Report::default();
            self.decoder.decode(payload, &mut self.received, &mut report).unwrap();
            assert!(report.is_clean(), "{report}");
            frames += 1;
        }
        assert_eq!(frames, progress.frames);
        let rows = rows_of(&self.received);
        self.received.clear_rows();
        (rows, bytes.len())
    }
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| (a.2, &a.0, a.3).cmp(&(b.2, &b.0, b.3)));
    rows
}

fn series(n: usize) -> Labels {
    Labels::from_pairs([("__name__", "cpu_seconds"), ("host", "web1"), ("core", &n.to_string())]).unwrap()
}

fn batch_of(series_count: usize) -> Batch {
    let mut batch = Batch::new();
    for n in 0..series_count {
        batch.dictionary.add(&series(n), Kind::ALL[n % 5]);
    }
    batch
}

#[test]
fn a_body_looks_as_it_is_drawn() {
    let mut batch = Batch::new();
    let labels = Labels::from_pairs([("__name__", "up")]).unwrap();
    let slot = batch.dictionary.add(&labels, Kind::Gauge);
    batch.sample(slot, 1000, 1.0);
    batch.sample(slot, 2000, 1.0);
    let mut body = Vec::new();
    Header { agent: AgentId([7; 16]), stream: 5, first: 0, host: "a" }.encode(&mut body);
    let header_len = body.len();
    Encoder::new().encode(&batch, 0, &mut body);
    assert_eq!(body[..5], *b"WHNP\x01");
    assert_eq!(body[5..21], [7; 16]);
    assert_eq!(body[21..37], [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(body[37..39], [1, b'a']);
    let mut rest = &body[header_len..];
    let series = frame::take(&mut rest).unwrap();
    assert_eq!(series, [&[1, 0, 1, 1, 0, 12, 8][..], b"__name__\x02up"].concat());
    assert_eq!(frame::take(&mut rest).unwrap(), [3, 0xd0, 0x0f, 0, 1, 0, 0, 8]);
    assert_eq!(
        frame::take(&mut rest).unwrap(),
        [3, 0xd0, 0x0f, 0, 1, 0, 1],
        "an unchanged value takes no byte"
    );
    assert!(rest.is_empty());
}

#[test]
fn values_of_every_sort_come_back_to_the_bit() {
    let mut values =
        vec![0.0, -0.0, 1.0, -1.0, 0.37, 12_345.67, 0.001, 45.5, 1e300, f64::MIN_POSITIVE, 5e-324];
    values.extend([f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, STALE, f64::MAX, f64::MIN]);
    values.extend([9_007_199_254_740_991.0, 9_007_199_254_740_992.0, 9_007_199_254_740_994.0]);
    let mut random = Random::from_seed(1);
    values.extend((0..2000).map(|_| f64::from_bits(random.next_u64())));
    values.extend((0..200).map(|n| f64::from_bits(1u64.rotate_left(n) | 1u64.rotate_left(3 * n))));
    for &before in &values[..60] {
        for &value in &values {
            let mut bytes = Vec::new();
            value::encode(&mut bytes, before, value);
            let mut cursor = Cursor::new(&bytes);
            let back = value::decode(&mut cursor, before).unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{value:?} after {before:?}");
            assert!(cursor.rest.is_empty() && bytes.len() <= 9);
        }
    }
}

#[test]
fn small_steps_of_counters_ticks_and_milliseconds_take_few_bytes() {
    let cases = [
        (1e12, 1e12 + 9.0, 1),
        (512.25, 512.31, 1),
        (0.37, 0.41, 1),
        (88.125, 90.001, 2),
        (4e9, 4e9 + 65_536.0, 3),
    ];
    for (before, value, len) in cases {
        let mut bytes = Vec::new();
        value::encode(&mut bytes, before, value);
        assert_eq!(bytes.len(), len, "{before} to {value}");
    }
}

#[test]
fn a_quiet_scrape_is_tiny_and_a_busy_one_small() {
    let mut batch = batch_of(500);
    let mut pair = Pair::default();
    let mut lens = Vec::new();
    for tick in 0..3 {
        batch.clear_rows();
        for n in 0..500 {
            let step = if tick == 2 { 0 } else { tick };
            batch.sample(Slot(n), 1_700_000_000_000 + tick * 1000, f64::from(n) * 1e6 + (step * 7) as f64);
        }
        lens.push(pair.pass(&batch).1);
        batch.clear_rows();
    }
    assert!(lens[1] < 600, "{lens:?}");
    batch.begin(1_700_000_003_000);
    (0..500).for_each(|n| batch.push(Slot(n), f64::from(n) * 1e6));
    assert!(pair.pass(&batch).1 < 25);
}

#[test]
fn a_slot_given_twice_at_one_time_goes_into_two_frames() {
    let mut batch = batch_of(2);
    batch.begin(5);
    for (slot, value) in [(1, 1.0), (0, 2.0), (1, 3.0)] {
        batch.push(Slot(slot), value);
    }
    let (rows, _) = Pair::default().pass(&batch);
    assert_eq!(sorted(rows), sorted(rows_of(&batch)));
}

#[test]
fn producers_with_dictionaries_of_their_own_share_a_stream_until_it_is_full() {
    let (mut pair, mut encoder_full) = (Pair::default(), false);
    for n in 0..=encoder::DICTIONARIES_MAX {
        let mut batch = batch_of(3);
        batch.sample(Slot(2), n as i64, n as f64);
        if n == encoder::DICTIONARIES_MAX {
            let progress = pair.encoder.encode(&batch, 0, &mut Vec::new());
            encoder_full = progress == Progress { rows: 0, frames: 0 };
            break;
        }
        assert_eq!(pair.pass(&batch).0, rows_of(&batch));
    }
    assert!(encoder_full);
    assert_eq!(pair.encoder.slots(), encoder::DICTIONARIES_MAX, "a series that is never sent takes no slot");
}

#[test]
fn a_batch_of_more_series_than_a_stream_may_have_goes_into_two_streams() {
    let mut batch = Batch::new();
    batch.begin(1);
    for n in 0..SLOTS_MAX + 10 {
        let labels = Labels::from_pairs([("n", n.to_string().as_str())]).unwrap();
        let slot = batch.dictionary.add(&labels, Kind::Gauge);
        batch.push(slot, n as f64);
    }
    let (mut encoder, mut out, mut seen) = (Encoder::new(), Vec::new(), 0);
    let first = encoder.encode(&batch, 0, &mut out);
    assert_eq!(first.rows, SLOTS_MAX);
    for from in [0, first.rows] {
        let mut body = Vec::new();
        Header { agent: AgentId([0; 16]), stream: 1, first: 0, host: "" }.encode(&mut body);
        encoder.clear();
        let progress = encoder.encode(&batch, from, &mut body);
        decode_body(&body, &mut Report::default(), &mut |batch| seen += batch.len()).unwrap();
        assert_eq!(progress.rows, if from == 0 { SLOTS_MAX } else { batch.len() });
    }
    assert_eq!(seen, batch.len());
}

#[test]
fn descriptions_travel_once_and_long_ones_are_cut() {
    let mut batch = batch_of(1);
    let help = "é".repeat(TEXT_BYTES_MAX);
    let description =
        Description { metric: "up".into(), kind: Kind::Gauge, unit: "bytes".into(), help: help.into() };
    batch.dictionary.describe(description.clone());
    batch.sample(Slot(0), 1, 1.0);
    let mut pair = Pair::default();
    pair.pass(&batch);
    pair.pass(&batch);
    let got = pair.received.dictionary.descriptions();
    assert_eq!(
        (got.len(), &got[0].metric, &got[0].unit, got[0].kind),
        (1, &description.metric, &description.unit, description.kind)
    );
    assert_eq!(got[0].help, "é".repeat(TEXT_BYTES_MAX / 2));
}

#[test]
fn a_series_with_bad_labels_costs_itself_only() {
    let mut payload = vec![SERIES, 0, 2];
    payload.extend([Kind::Gauge as u8, 0, 2, 1, b'a']); // a name without a value
    payload.extend([Kind::Gauge as u8, 0, 4, 1, b'a', 1, b'1']);
    let (mut decoder, mut batch, mut report) = (Decoder::new(), Batch::new(), Report::default());
    decoder.decode(&payload, &mut batch, &mut report).unwrap();
    decoder.decode(&[SCRAPE, 2, 0, 2, 0, 0, 4 << 2, 6 << 2], &mut batch, &mut report).unwrap();
    let labels = Labels::from_pairs([("a", "1")]).unwrap();
    assert_eq!(rows_of(&batch), [(labels, Kind::Gauge, 1, 3f64.to_bits())]);
    assert_eq!(report.rejected, 2, "the entry and its sample: {report}");
}

#[test]
fn frames_that_say_nothing_of_samples_are_passed_over_even_if_nobody_knows_them_yet() {
    for payload in [&[4u8, 0xff][..], &[5], &[6, 1, 2], &[255]] {
        let (mut decoder, mut batch, mut report) = (Decoder::new(), Batch::new(), Report::default());
        assert_eq!(decoder.decode(payload, &mut batch, &mut report), Ok(0));
        assert!(batch.is_empty() && report.is_clean() && is_apart(payload));
    }
    assert!(!is_apart(&[SCRAPE]) && !is_apart(&[]));
}

#[test]
fn nonsense_is_refused_at_its_place_and_leaves_no_row() {
    let entry = [SERIES, 0, 1, 0, 0, 4, 1, b'a', 1, b'1'];
    let cases: &[(&[u8], usize, &str)] = &[
        (&[0], 0, "an unknown kind of frame"),
        (&[SERIES, 3], 2, "entries that do not follow the slots before"),
        (&[SERIES, 1, 0xff, 0xff, 0x7f], 2, "more series than a stream may have"),
        (&[SERIES, 1, 1, 9], 3, "an unknown kind of series"),
        (&[SERIES, 1, 1, 0, 1], 4, "more shared bytes than the key before has"),
        (&[SERIES, 1, 1, 0, 0, 9], 6, "ends early"),
        (&[SERIES, 1, 0, 0], 3, "bytes after the end"),
        (&[SCRAPE, 0, 2], 2, "a slot that no entry named"),
        (&[SCRAPE, 0, 0, 2], 3, "a slot that no entry named"),
        (&[SCRAPE, 0, 0, 1, 2, 2], 5, "a bitmap with bits past its end"),
        (&[SCRAPE, 0, 0, 1, 3, 2], 5, "more members than numbers"),
        (&[SCRAPE, 0, 0, 1, 3, 1, 1], 6, "a list past its end"),
        (&[SCRAPE, 0, 0, 1, 7], 5, "an unknown form of set"),
        (&[SCRAPE, 0, 0, 1, 0, 0, 0xff, 0], 7, "a value of more than 64 bits"),
        (&[SCRAPE, 0, 0, 1, 0, 1, 0], 6, "bytes after the end"),
        (&[DESCRIPTIONS, 1, 0, 1, 0xff], 3, "a text that is not UTF-8"),
        (&[DESCRIPTIONS, 2, 0, 0, 0, 0], 6, "ends early"),
    ];
    for (payload, byte, reason) in cases {
        let (mut decoder, mut batch, mut report) = (Decoder::new(), Batch::new(), Report::default());
        decoder.decode(&entry, &mut batch, &mut report).unwrap();
        let got = decoder.decode(payload, &mut batch, &mut report);
        assert_eq!(got, Err(Malformed { byte: *byte, reason }), "{payload:?}");
        assert!(batch.is_empty());
    }
}

#[test]
fn headers_come_back_and_changed_ones_are_refused() {
    let mut bytes = Vec::new();
    let header = Header { agent: AgentId(*b"0123456789abcdef"), stream: u64::MAX, first: 77, host: "wéb" };
    header.encode(&mut bytes);
    assert_eq!(Header::decode(&bytes), Ok((header, &[][..])));
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(Header::decode(&changed).is_err(), "bit {at}");
    }
    assert!((0..bytes.len()).all(|len| Header::decode(&bytes[..len]).is_err()));
    assert_eq!(AgentId::parse(&header.agent.to_string()), Some(header.agent));
    assert_eq!(AgentId::parse("+1234567890123456789012345678901"), None);
}

/// What one producer says at one time: which one, when, and the slots with the bits of their values.
type Tick = (usize, i64, Vec<(u32, u64)>);

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let value = prop_oneof![
        any::<u64>(),
        (0..5u64).prop_map(|n| (n as f64).to_bits()),
        any::<i32>().prop_map(|n| (f64::from(n) / 100.0).to_bits()),
        Just(STALE.to_bits()),
    ];
    let rows = prop::collection::vec((0..40u32, value), 0..60);
    prop::collection::vec((0..3usize, any::<i64>(), rows), 1..12)
}

proptest! {
    #[test]
    fn what_is_sent_arrives(ticks in ticks()) {
        let mut pair = Pair::default();
        let mut batches: Vec<Batch> = (0..3).map(|_| batch_of(1)).collect();
        for (producer, time_ms, rows) in ticks {
            let batch = &mut batches[producer];
            batch.clear_rows();
            batch.begin(time_ms);
            for (slot, bits) in rows {
                while batch.dictionary.len() <= slot as usize {
                    batch.dictionary.add(&series(producer * 1000 + batch.dictionary.len()), Kind::Counter);
                }
                batch.push(Slot(slot), f64::from_bits(bits));
            }
            let (got, _) = pair.pass(batch);
            prop_assert_eq!(sorted(got), sorted(rows_of(batch)));
        }
    }

    #[test]
    fn changed_bytes_never_panic(ticks in ticks(), seed in any::<u64>()) {
        let mut body = Vec::new();
        let (mut encoder, mut batch) = (Encoder::new(), batch_of(40));
        for (_, time_ms, rows) in ticks {
            batch.begin(time_ms);
            rows.iter().for_each(|&(slot, bits)| batch.push(Slot(slot), f64::from_bits(bits)));
        }
        encoder.encode(&batch, 0, &mut body);
        let mut random = Random::from_seed(seed);
        let (mut rest, mut decoder, mut received) = (body.as_slice(), Decoder::new(), Batch::new());
        while let Ok(payload) = frame::take(&mut rest) {
            let mut payload = payload.to_vec();
            for _ in 0..random.below(3) {
                let at = random.below(payload.len() as u64) as usize;
                payload[at] = random.next_u64() as u8;
            }
            payload.truncate(payload.len() - random.below(2).min(payload.len() as u64 - 1) as usize);
            let before = received.len();
            if decoder.decode(&payload, &mut received, &mut Report::default()).is_err() {
                prop_assert_eq!(received.len(), before);
            }
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut decoder = Decoder::new();
        let _ = decoder.decode(&bytes, &mut Batch::new(), &mut Report::default());
        let mut body = Vec::new();
        Header { agent: AgentId([0; 16]), stream: 0, first: 0, host: "" }.encode(&mut body);
        frame::write(&mut body, |out| out.extend_from_slice(&bytes));
        body.extend_from_slice(&bytes);
        let _ = decode_body(&body, &mut Report::default(), &mut |_| ());
    }
}
