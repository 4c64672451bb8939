use super::*;
use crate::head::buffer::Buffer;
use crate::head::column::{Newest, Run};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::random::Random;

fn samples(column: ColumnRef<'_>, start_ms: i64, end_ms: i64) -> Vec<(i64, f64)> {
    let mut all = BTreeMap::new();
    // What is in a spare buffer must not come back.
    let mut spare = vec![Buffer { times_ms: vec![7; 9], values: vec![7.0; 9] }];
    column.runs(start_ms, end_ms, &mut spare, |run, _| {
        let buffer = match run {
            Run::Chunk(chunk) => chunk.decode(),
            Run::Open(buffer) => buffer,
        };
        all.extend(buffer.times_ms.into_iter().zip(buffer.values));
    });
    all.range(start_ms..end_ms).map(|(t, v)| (*t, *v)).collect()
}

/// Every order of arrival ends as a map would have it, through chunk ends, late runs, windows and freezing.
#[test]
fn a_column_is_a_sorted_map() {
    let mut known = 0;
    for seed in 0..30 {
        let mut random = Random::from_seed(seed);
        let mut head = Head::new(1000);
        head.grow(1);
        let mut map: BTreeMap<i64, f64> = BTreeMap::new();
        let mut stored = BTreeMap::new();
        let mut newest = 0;
        for step in 0..2000 {
            newest += random.below(3) as i64;
            let time_ms = match random.below(10) {
                0 => random.below(newest as u64 + 1) as i64,
                1 => newest - random.below(300) as i64,
                _ => newest,
            };
            let value = match random.below(40) {
                0 => f64::from_bits(random.next_u64() >> 1 & !(1 << 62)), // no NaN, which is not itself
                1 => random.below(100) as f64 / 8.0,
                _ => random.below(3) as f64,
            };
            let old = map.get(&time_ms).copied();
            let is_newest = map.last_key_value().is_none_or(|(last, _)| time_ms > *last);
            let outcome = head.insert(0, time_ms, value);
            let expected = match old {
                None if is_newest => Outcome::New,
                None => Outcome::Late,
                Some(old) if old == value => Outcome::Duplicate,
                Some(_) => Outcome::Conflict,
            };
            assert_eq!(outcome, expected, "seed {seed} step {step}");
            map.insert(time_ms, value);
            if random.below(500) == 0 {
                let after_ms = if random.below(2) == 0 { -5 } else { newest + 1 };
                freeze_check(&mut head, &mut map, &mut stored, after_ms);
            }
            if random.below(100) == 0 {
                let start = random.below(newest as u64 + 1) as i64;
                let end = start + random.below(500) as i64;
                let wanted: Vec<_> = map.range(start..end).map(|(t, v)| (*t, *v)).collect();
                let column = head.column(0).unwrap();
                assert!(wanted.is_empty() || column.touches(start, end), "seed {seed} step {step}");
                let newest =
                    |map: &BTreeMap<i64, f64>| map.range(start..end).map(|(t, v)| (*t, *v)).next_back();
                let (stored, live) = (newest(&stored), newest(&map));
                match column.newest(start, end, i64::MIN) {
                    Newest::Unknown => {}
                    Newest::UnlessStored(sample) => assert_eq!(Some(sample), live, "seed {seed} step {step}"),
                    Newest::Known(sample) => {
                        known += 1;
                        let is_live = live.map(|(t, _)| t) >= stored.map(|(t, _)| t);
                        assert_eq!(sample, if is_live { live } else { stored }, "seed {seed} step {step}");
                    }
                }
                assert_eq!(samples(column, start, end), wanted, "seed {seed} step {step}");
            }
        }
        assert_eq!(head.samples(), map.len() as u64);
        assert!(map.first_key_value().is_none_or(|(first, _)| *first >= head.oldest_ms()));
    }
    assert!(known > 50, "{known}");
}

/// What comes after the line is not frozen, even when its column was not looked at yet.
fn freeze_check(
    head: &mut Head,
    map: &mut BTreeMap<i64, f64>,
    stored: &mut BTreeMap<i64, f64>,
    after_ms: i64,
) {
    head.cut(stored.last_key_value().map_or(i64::MIN, |(last, _)| *last));
    head.insert(0, after_ms, 9.0);
    head.freeze(0..512);
    head.froze();
    let frozen: usize = head.column(0).unwrap().frozen().iter().map(|c| c.len()).sum();
    assert_eq!(frozen, map.len());
    assert_eq!(head.thaw(), [false]);
    assert_eq!(head.oldest_ms(), after_ms);
    stored.append(map);
    map.insert(after_ms, 9.0);
}

#[test]
fn a_column_that_had_nothing_frozen_is_idle() {
    let mut head = Head::new(7_200_000);
    head.grow(2);
    head.insert(1, 5, 1.0);
    head.cut(i64::MIN);
    head.freeze(0..2);
    head.froze();
    assert_eq!(head.thaw(), [true, false]);
    assert_eq!((head.thaw(), head.samples()), (vec![true, true], 0));
}

#[test]
fn series_scraped_together_share_their_times() {
    let mut head = Head::new(7_200_000);
    head.grow(2);
    for i in 0..600 {
        head.insert(0, i * 1003 + i % 7, i as f64);
        head.insert(1, i * 1003 + i % 7, (i % 5) as f64);
    }
    let coded = |ordinal| {
        let mut first = None;
        head.column(ordinal).unwrap().runs(0, i64::MAX, &mut Vec::new(), |run, _| {
            first = first.or(match run {
                Run::Chunk(chunk) => Some(Arc::as_ptr(chunk.times())),
                Run::Open(_) => None,
            });
        });
        first.unwrap()
    };
    assert_eq!(coded(0), coded(1));
}
