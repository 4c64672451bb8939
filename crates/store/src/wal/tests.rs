use super::record::{Decoded, Decoder, Encoder, Unreadable};
use super::segment::{HEADER_BYTES, Header, Part, Parts, RECORD_HEADER_BYTES, header, read_header};
use model::{Description, Kind, Labels, SeriesId};
use proptest::prelude::*;

/// A record of one group, its rows as (id, value, value before).
fn record(time_ms: i64, rows: &[(u64, f64, f64)], fresh: bool) -> Vec<u8> {
    let mut encoder = Encoder::default();
    let rows: Vec<_> = rows.iter().copied().map(bits).collect();
    encoder.group(time_ms, &rows);
    encoder.finish(fresh).to_vec()
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
    let bytes = encoder.finish(true).to_vec();
    let mut decoded = Decoded::default();
    Decoder::default().decode(&bytes[RECORD_HEADER_BYTES..], &mut decoded).unwrap();
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
fn what_follows_a_lost_record_waits_for_a_fresh_one() {
    let payload = |bytes: &[u8]| bytes[RECORD_HEADER_BYTES..].to_vec();
    let mut decoder = Decoder::default();
    let mut decoded = Decoded::default();
    decoder.decode(&payload(&record(1, &[(1, 5.0, 0.0)], true)), &mut decoded).unwrap();
    decoder.lose();
    let astray = decoder.decode(&payload(&record(2, &[(1, 6.0, 5.5)], false)), &mut decoded);
    assert_eq!(astray, Err(Unreadable::Astray));
    assert!(decoded.samples.is_empty());
    decoder.decode(&payload(&record(3, &[(1, 7.0, 0.0)], true)), &mut decoded).unwrap();
    assert_eq!(samples(&decoded), [(1, 3, 7.0)]);
}

fn segment_of(records: &[Vec<u8>]) -> Vec<u8> {
    [header(1).to_vec(), records.concat()].concat()
}

#[test]
fn damage_is_stepped_over_and_a_torn_end_is_seen() {
    let records = [record(1, &[(1, 1.0, 0.0)], true), record(2, &[(1, 2.0, 1.0)], true)];
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
    assert_eq!(read_header(&header(3), 3), Header::Known);
    assert_eq!(read_header(&header(3), 4), Header::Unreadable);
    assert_eq!(read_header(b"", 4), Header::Unreadable);
    let mut newer = header(3);
    newer[6] = 9;
    assert_eq!(read_header(&newer, 3), Header::Newer(9));
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
        let bytes = encoder.finish(true).to_vec();
        let mut decoded = Decoded::default();
        prop_assert_eq!(Decoder::default().decode(&bytes[RECORD_HEADER_BYTES..], &mut decoded), Ok(()));
        let back: Vec<_> = decoded.samples.iter().map(|(id, s)| (id.0, s.value.to_bits())).collect();
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn any_payload_is_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..200), fresh: bool) {
        if bytes.len() > 2 {
            (bytes[0], bytes[1]) = (1, u8::from(fresh));
        }
        let _ = Decoder::default().decode(&bytes, &mut Decoded::default());
    }
}
