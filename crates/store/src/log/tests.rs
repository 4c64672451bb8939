use super::record::{Decoded, Decoder, Encoder, Unreadable};
use super::segment::{HEADER_BYTES, Header, Part, Parts, VERSION, frame, header, read_frame, read_header};
use model::{Description, Kind, Labels, SeriesId};
use proptest::prelude::*;

/// A record of one group, its rows as (id, value, value before).
fn record(time_ms: i64, rows: &[(u64, f64, f64)], fresh: bool) -> Vec<u8> {
    let mut encoder = Encoder::default();
    let rows: Vec<_> = rows.iter().copied().map(bits).collect();
    encoder.group(time_ms, &rows);
    encoder.finish(0, fresh).to_vec()
}

fn samples(decoded: &Decoded) -> Vec<(u64, i64, f64)> {
    decoded.samples.iter().map(|(id, s)| (id.0, s.time_ms, s.value)).collect()
}

#[test]
fn a_record_comes_back_whole() {
    let labels = Labels::from_pairs([("__name__", "cpu"), ("host", "a")]).unwrap();
    let description = Description {
        metric: "cpu".into(),
        kind: Kind::Counter,
        unit: "seconds".into(),
        help: "Time spent.".into(),
    };
    let mut encoder = Encoder::default();
    encoder.define(SeriesId(7), Kind::Counter, labels.key());
    encoder.describe(&description);
    encoder.group(1000, &[(7, 1.5, 0.0), (8, 2.0, 0.0), (3, 0.0, 0.0)].map(bits));
    encoder.group(500, &[(7, 1.5, 1.5)].map(bits));
    let bytes = encoder.finish(3, true).to_vec();
    let mut decoded = Decoded::default();
    Decoder::default().decode(&bytes, &mut decoded).unwrap();
    assert_eq!(decoded.definitions, [(SeriesId(7), Kind::Counter, labels)]);
    assert_eq!(decoded.descriptions, [description]);
    assert_eq!(samples(&decoded), [(7, 1000, 1.5), (8, 1000, 2.0), (3, 1000, 0.0), (7, 500, 1.5)]);
}

fn bits((id, value, before): (u64, f64, f64)) -> (SeriesId, u64, u64) {
    (SeriesId(id), value.to_bits(), before.to_bits())
}

#[test]
fn an_unchanged_scrape_is_a_bit_a_series() {
    let rows: Vec<_> = (0..500).map(|id| (id, 1.25, 1.25)).collect();
    let len = record(1000, &rows, false).len();
    assert!(len < 500 / 8 + 40, "{len} bytes");
}

#[test]
fn shards_refer_only_to_their_own_records() {
    let of = |shard, fresh, rows: &[(u64, f64, f64)]| {
        let mut encoder = Encoder::default();
        let rows: Vec<_> = rows.iter().copied().map(bits).collect();
        encoder.group(1, &rows);
        encoder.finish(shard, fresh).to_vec()
    };
    let (mut decoder, mut decoded) = (Decoder::default(), Decoded::default());
    assert_eq!(decoder.decode(&of(1, false, &[(1, 1.0, 0.0)]), &mut decoded), Err(Unreadable::Astray));
    for (shard, id) in [(0, 1), (7, 2)] {
        decoder.decode(&of(shard, true, &[(id, 5.0, 0.0)]), &mut decoded).unwrap();
    }
    decoder.decode(&of(0, true, &[(1, 6.0, 0.0)]), &mut decoded).unwrap();
    decoder.decode(&of(7, false, &[(2, 5.5, 5.0)]), &mut decoded).unwrap();
    assert_eq!(samples(&decoded), [(2, 1, 5.5)], "a fresh record of another shard changes nothing");
    decoder.lose();
    decoder.decode(&of(0, true, &[(1, 7.0, 0.0)]), &mut decoded).unwrap();
    assert_eq!(decoder.decode(&of(7, false, &[(2, 5.5, 5.5)]), &mut decoded), Err(Unreadable::Astray));
}

#[test]
fn what_follows_a_lost_record_waits_for_a_fresh_one() {
    let mut decoder = Decoder::default();
    let mut decoded = Decoded::default();
    decoder.decode(&record(1, &[(1, 5.0, 0.0)], true), &mut decoded).unwrap();
    decoder.lose();
    let astray = decoder.decode(&record(2, &[(1, 6.0, 5.5)], false), &mut decoded);
    assert_eq!(astray, Err(Unreadable::Astray));
    assert!(decoded.samples.is_empty());
    decoder.decode(&record(3, &[(1, 7.0, 0.0)], true), &mut decoded).unwrap();
    assert_eq!(samples(&decoded), [(1, 3, 7.0)]);
}

fn framed(offset: u64, body: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    frame(&mut record, offset, 77, (offset == 0).then_some(5), offset, body);
    record
}

fn segment_of(records: &[Vec<u8>]) -> Vec<u8> {
    [header(VERSION, 0).to_vec(), records.concat()].concat()
}

#[test]
fn damage_is_stepped_over_and_a_torn_end_is_seen() {
    let records = [framed(0, b"one"), framed(1, b"two")];
    let whole = segment_of(&records);
    let second = HEADER_BYTES + records[0].len();
    for at in HEADER_BYTES..second {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let parts: Vec<_> = Parts::new(&bytes).collect();
        assert_eq!(parts[0], Part::Damage { offset: HEADER_BYTES, len_bytes: records[0].len() }, "{at}");
        assert!(matches!(parts[1], Part::Record { offset, .. } if offset == second));
    }
    for len in second + 1..whole.len() {
        let parts: Vec<_> = Parts::new(&whole[..len]).collect();
        assert_eq!(parts.last(), Some(&Part::Tail { offset: second }), "{len}");
        assert_eq!(parts.len(), 2);
    }
}

#[test]
fn headers_tell_ours_from_newer_and_foreign() {
    assert_eq!(read_header(&header(2, 3), 2, 3), Header::Known);
    assert_eq!(read_header(&header(2, 3), 2, 4), Header::Unreadable);
    assert_eq!(read_header(&header(1, 3), 2, 3), Header::Unreadable);
    assert_eq!(read_header(b"", 2, 4), Header::Unreadable);
    assert_eq!(read_header(&header(9, 3), 2, 3), Header::Newer(9));
}

proptest! {
    #[test]
    fn any_rows_come_back(rows in prop::collection::vec((any::<u64>(), any::<u64>()), 0..50), time_ms: i64) {
        let mut encoder = Encoder::default();
        let mut last = std::collections::HashMap::new();
        let coded: Vec<_> = rows
            .iter()
            .map(|&(id, v)| (SeriesId(id), v, last.insert(id, v).unwrap_or(0)))
            .collect();
        encoder.group(time_ms, &coded);
        let bytes = encoder.finish(0, true).to_vec();
        let mut decoded = Decoded::default();
        prop_assert_eq!(Decoder::default().decode(&bytes, &mut decoded), Ok(()));
        let back: Vec<_> = decoded.samples.iter().map(|(id, s)| (id.0, s.value.to_bits())).collect();
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn any_payload_is_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200), fresh: bool) {
        if bytes.len() > 2 {
            (bytes[0], bytes[1]) = (2 - bytes[0] % 2, u8::from(fresh));
        }
        let _ = Decoder::default().decode(&bytes, &mut Decoded::default());
        let _ = read_frame(&bytes);
    }

    #[test]
    fn any_frame_comes_back(offset in 0..u64::MAX, stored_ms: i64, producer: Option<u128>, n: u64, body: Vec<u8>) {
        let mut record = Vec::new();
        frame(&mut record, offset, stored_ms, producer, n, &body);
        let bytes = segment_of(&[record]);
        let Some(Part::Record { payload, .. }) = Parts::new(&bytes).next() else { panic!("no record") };
        let frame = read_frame(payload).unwrap();
        prop_assert_eq!((frame.offset, frame.stored_ms, frame.producer), (offset, stored_ms, producer));
        prop_assert_eq!((frame.n, frame.body), (n, body.as_slice()));
    }
}
