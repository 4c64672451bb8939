//! What is answered from summaries and rows is what the samples come to.

use super::rig::{MINUTE_MS, Rig, START_MS, batch};
use crate::Store;
use model::memory::MemoryStore;
use model::{Aspects, Detail, Rolled, Row, RowBuilder, Sink, Source, TierChoice, TimeRange};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use stdx::random::Random;

/// What each bucket of each series comes to, and how many rows were given.
pub(super) fn folded(
    source: &dyn Source,
    range: TimeRange,
    detail: &Detail<'_>,
) -> (BTreeMap<(String, i64), Row>, usize) {
    let found = source.select(&[], range, usize::MAX).unwrap().series;
    let (mut buckets, mut rows_given) = (BTreeMap::new(), 0);
    for series in found {
        let mut builders: BTreeMap<i64, RowBuilder> = BTreeMap::new();
        let (mut pieces, mut rows_of) = (Vec::new(), BTreeMap::new());
        let mut visit = |_, piece: Rolled<'_>| {
            match piece {
                Rolled::Rows(rows) => {
                    rows_given += rows.len();
                    pieces.extend(rows.iter().map(|row| (row.span.start_ms, row.sum)));
                    rows_of.extend(rows.iter().map(|row| (row.span.start_ms, *row)));
                }
                Rolled::Table(table) => {
                    rows_given += table.len();
                    pieces.extend(table.rows().map(|row| (row.span.start_ms, row.sum)));
                    rows_of.extend(table.rows().map(|row| (row.span.start_ms, row)));
                }
                Rolled::Samples { times_ms, values } => {
                    pieces.extend(times_ms.iter().copied().zip(values.iter().copied()));
                }
            }
            ControlFlow::Continue(())
        };
        source.read_rolled(&[series.id], range, detail, &mut visit).unwrap();
        assert!(pieces.is_sorted_by_key(|(time_ms, _)| *time_ms), "in order of time");
        for (time_ms, value) in pieces {
            let after = detail.edges_ms.partition_point(|&edge| edge <= time_ms);
            let span = TimeRange::new(detail.edges_ms[after - 1], detail.edges_ms[after]);
            let builder = builders.entry(span.start_ms).or_insert_with(|| RowBuilder::new(span, series.kind));
            match rows_of.get(&time_ms) {
                Some(row) => builder.add_row(row),
                None => builder.add_samples(&[time_ms], &[value]),
            }
        }
        for (start_ms, builder) in builders {
            let key = (format!("{:?}", series.labels), start_ms);
            buckets.extend(builder.finish().map(|row| (key, row)));
        }
    }
    (buckets, rows_given)
}

fn close(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

/// Compares what the aspects promise: all but sums and growth to the bit.
pub(super) fn assert_agree(
    store: &dyn Source,
    model: &dyn Source,
    range: TimeRange,
    detail: &Detail<'_>,
) -> usize {
    let (found, rows) = folded(store, range, detail);
    let plain = Detail { tier: TierChoice::Only(0), ..*detail };
    let (wanted, _) = folded(model, range, &plain);
    let has = |aspect| detail.aspects.contains(aspect);
    // Markers alone say something about growth only.
    let says = |row: &Row| row.count > 0 || has(Aspects::GROWTH);
    let [found, wanted] = [found, wanted].map(|mut buckets| {
        buckets.retain(|_, row| says(row));
        buckets
    });
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (key, wanted) in wanted {
        let row = &found[&key];
        let at = format!("{key:?} {row:?} {wanted:?}");
        assert_eq!(row.count, wanted.count, "{at}");
        let same = |aspect, a: f64, b: f64| assert!(!has(aspect) || a.to_bits() == b.to_bits(), "{at}");
        same(Aspects::MIN, row.min, wanted.min);
        same(Aspects::MAX, row.max, wanted.max);
        same(Aspects::FIRST, row.first, wanted.first);
        same(Aspects::LAST, row.last, wanted.last);
        assert!(!has(Aspects::SUM) || close(row.sum, wanted.sum), "{at}");
        if has(Aspects::GROWTH) {
            assert!(close(row.increase, wanted.increase), "{at}");
            assert_eq!((row.first_ms, row.last_ms), (wanted.first_ms, wanted.last_ms), "{at}");
            assert_eq!(row.covered_ms, wanted.covered_ms, "{at}");
            assert_eq!(
                (row.ended_before, row.ended_after),
                (wanted.ended_before, wanted.ended_after),
                "{at}"
            );
        }
    }
    rows
}

pub(super) const ALL: [Aspects; 10] = [
    Aspects::COUNT,
    Aspects::SUM,
    Aspects::MIN,
    Aspects::MAX,
    Aspects::FIRST,
    Aspects::LAST,
    Aspects::GROWTH,
    Aspects::SAMPLES,
    Aspects::END,
    Aspects::GROWTH.and(Aspects::RESETS),
];

/// One minute of a few series: constants, a counter with resets, fractions, markers and other NaN, gaps.
pub(super) fn minute(minute: i64, random: &mut Random) -> Vec<(&'static str, i64, f64)> {
    let t = START_MS + minute * MINUTE_MS;
    let mut samples = Vec::new();
    for second in [0, 15_000, 30_000 + random.below(3) as i64, 45_000] {
        let at = t + second;
        let count = (minute % 170 * 60_000 + second) as f64;
        samples.push(("__name__=up,host=a", at, 1.0));
        samples.push(("__name__=requests_total,host=a", at, count));
        samples.push(("__name__=load,host=a", at, random.below(500) as f64 / 100.0));
        samples.push(("__name__=ratio,host=b", at, 1.0 / (random.below(1 << 30) + 3) as f64));
        if minute % 97 == 0 && second == 15_000 {
            samples.push(("__name__=requests_total,host=a", at + 1, model::STALE));
            samples.push(("__name__=odd,host=b", at, f64::NAN));
        }
        if minute % 13 == 0 {
            samples.push(("__name__=odd,host=b", at + 5, -0.0));
        }
    }
    samples
}

pub(super) fn fill(rig: &Rig, store: &Store, model: &MemoryStore, minutes: std::ops::Range<i64>) {
    let mut random = Random::from_seed(minutes.start as u64 + 1);
    for at in minutes {
        let batch = batch(&minute(at, &mut random));
        rig.clock.set_ms(START_MS + (at + 1) * MINUTE_MS);
        store.push(&batch).unwrap();
        model.push(&batch).unwrap();
        if at % 30 == 29 {
            store.tick(START_MS + (at + 1) * MINUTE_MS).unwrap();
        }
    }
}

pub(super) fn edges(range: TimeRange, step_ms: i64) -> Vec<i64> {
    let start_ms = range.start_ms.div_euclid(step_ms) * step_ms;
    (0..).map(|i| start_ms + i * step_ms).take_while(|edge| edge - step_ms < range.end_ms).collect()
}

#[test]
fn summaries_say_what_samples_come_to() {
    let rig = Rig::new();
    let (store, model) = (rig.open(), MemoryStore::new());
    fill(&rig, &store, &model, 0..1500);
    let range = TimeRange::new(START_MS, START_MS + 1500 * MINUTE_MS);
    let mut given = [0; ALL.len()];
    for step_ms in [MINUTE_MS, 30 * MINUTE_MS, 240 * MINUTE_MS, 1440 * MINUTE_MS] {
        for (aspects, given) in ALL.into_iter().zip(&mut given) {
            let edges_ms = edges(range, step_ms);
            let detail = Detail { edges_ms: &edges_ms, aspects, tier: TierChoice::Only(0) };
            *given += assert_agree(&store, &model, range, &detail);
            let odd = TimeRange::new(range.start_ms + 100_001, range.end_ms - 7_777_777);
            assert_agree(&store, &model, odd, &detail);
        }
    }
    assert!(given[..7].iter().all(|given| *given > 0), "{given:?}");
    assert_eq!(given[7], 0, "samples where these are wanted");
}
