//! Histograms that were stored as numbers come back as they were.

use super::*;
use model::histogram::classic::{COUNTS, ENDED};
use model::memory::MemoryStore;
use model::{Histogram, Kind, Labels, STALE};
use std::sync::Arc;

/// Stores a histogram as doors do.
pub(crate) fn store(store: &MemoryStore, labels: &Labels, time_ms: i64, histogram: &Histogram) {
    let number = |value: f64| if value == f64::INFINITY { "+Inf".to_owned() } else { value.to_string() };
    let put = |suffix: &str, more: &[(&str, &str)], value: f64| {
        let name = format!("{}{suffix}", labels.name());
        let own = labels.iter().filter(|(name, _)| *name != NAME).chain([(NAME, name.as_str())]);
        let labels = Labels::from_pairs(own.chain(more.iter().copied())).unwrap();
        store.insert(&labels, Kind::Counter, [(time_ms, value)]);
    };
    if histogram.is_stale() {
        put("_count", &[], STALE);
        put("", &[(NATIVE, ENDED)], STALE);
        return;
    }
    for bound in histogram.cumulative() {
        if bound.le.is_finite() {
            put("_bucket", &[("le", &number(bound.le))], bound.total);
        }
        if let Some(count) = bound.count {
            put("", &[(NATIVE, COUNTS), ("le", &number(bound.le))], count);
        }
    }
    put("_bucket", &[("le", "+Inf")], histogram.count);
    put("_count", &[], histogram.count);
    put("_sum", &[], histogram.sum);
    put("", &[(NATIVE, &histogram.marker())], histogram.zero_count);
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied()).unwrap()
}

const ALL: TimeRange = TimeRange { start_ms: 0, end_ms: i64::MAX };

type Read = Vec<(Labels, Vec<(i64, String)>)>;

fn read(source: &dyn Source, matchers: &[Matcher], range: TimeRange) -> Read {
    let found = source.select(matchers, range, 100).unwrap().series;
    let ids: Vec<SeriesId> = found.iter().map(|series| series.id).collect();
    let mut out: Vec<_> = found.iter().map(|series| (series.labels.clone(), Vec::new())).collect();
    let place = |id: SeriesId| ids.binary_search(&id).unwrap();
    let mut numbers = |id, Chunk::Samples { times_ms, values }: Chunk<'_>| {
        let texts = times_ms.iter().zip(values).map(|(time, value)| (*time, value.to_string()));
        out[place(id)].1.extend(texts);
        ControlFlow::Continue(())
    };
    source.read(&ids, range, &mut numbers).unwrap();
    let mut histograms = |id, times_ms: &[i64], histograms: &[Arc<Histogram>]| {
        let texts = times_ms.iter().zip(histograms).map(|(time, value)| (*time, value.to_notation()));
        out[place(id)].1.extend(texts);
    };
    source.read_histograms(&ids, range, &mut histograms).unwrap();
    out
}

#[test]
fn histograms_come_back_as_they_were() {
    let texts = [
        "{{sum:3 count:7 z_bucket:2 z_bucket_w:0.001 buckets:[1 3] n_buckets:[1]}}",
        "{{sum:4 count:9 z_bucket:2 z_bucket_w:0.001 buckets:[1 4 0 1] n_buckets:[1]}}",
        // Coarser, then anew, then with listed bounds, then with counts that sums do not tell.
        "{{schema:-1 sum:4 count:9 z_bucket:2 z_bucket_w:0.25 buckets:[1 4 1] n_buckets:[1]}}",
        "{{schema:-1 sum:1 count:1 z_bucket_w:0.25 buckets:[1]}}",
        "{{schema:-53 sum:1 count:3 buckets:[1 2] custom_values:[0.5 10]}}",
        "{{count:100000000000000000 buckets:[0.1 0.2 100000000000000000 0.7] counter_reset_hint:gauge}}",
    ];
    let inner = MemoryStore::new();
    let (a, b) = (labels(&[(NAME, "lat"), ("a", "1")]), labels(&[(NAME, "lat"), ("a", "2")]));
    for (at, text) in texts.iter().enumerate() {
        let histogram = Histogram::parse(text).unwrap();
        store(&inner, &a, 1000 * at as i64, &histogram);
        store(&inner, &b, 1000 * at as i64, &histogram);
    }
    inner.insert(&labels(&[(NAME, "lat"), ("a", "3")]), Kind::Gauge, [(5, 1.5)]);
    inner.insert(&b, Kind::Gauge, [(7, 2.5)]);
    let mut wanted: Vec<(i64, String)> =
        (0..).zip(texts).map(|(at, text)| (1000 * at, text.to_owned())).collect();
    wanted[1].1 = wanted[1].1.replace("}}", " counter_reset_hint:not_reset}}");
    let source = Joined::new(&inner);
    let mut found = read(&source, &[Matcher::equal(NAME, "lat")], ALL);
    found.sort();
    assert_eq!(found[0], (a.clone(), wanted.clone()));
    assert_eq!(found[2], (labels(&[(NAME, "lat"), ("a", "3")]), vec![(5, "1.5".to_owned())]));
    let mixed: Vec<_> = [(7, "2.5".to_owned())].into_iter().chain(wanted.clone()).collect();
    assert_eq!(found[1], (b, mixed));
    // What is known of the sample before is known of the first, too.
    let one = [Matcher::equal(NAME, "lat"), Matcher::equal("a", "1")];
    assert_eq!(read(&source, &one, TimeRange::new(1000, 2000)), [(a, vec![wanted[1].clone()])]);
    assert!(!source.label_names(&one, ALL, 10).unwrap().contains(&NATIVE.to_owned()));
    assert!(source.label_values(NATIVE, &[], ALL, 10).unwrap().is_empty());
    // Classic series stay what they were.
    let classic = read(&source, &[Matcher::equal(NAME, "lat_bucket"), Matcher::equal("a", "1")], ALL);
    assert_eq!(classic.iter().map(|(_, samples)| samples.len()).max(), Some(6), "the infinite bound");
}

#[test]
fn the_end_of_a_histogram_is_told() {
    let inner = MemoryStore::new();
    let name = labels(&[(NAME, "lat")]);
    store(&inner, &name, 1000, &Histogram::parse("{{sum:3 count:1 buckets:[1]}}").unwrap());
    store(&inner, &name, 2000, &Histogram::stale());
    let source = Joined::new(&inner);
    let found = source.select(&[Matcher::equal(NAME, "lat")], ALL, 10).unwrap().series;
    assert_eq!(found.len(), 1);
    let mut ends = Vec::new();
    source
        .read(&[found[0].id], ALL, &mut |_, Chunk::Samples { times_ms, values }| {
            ends.extend(times_ms.iter().copied().zip(values.iter().map(|value| value.to_bits())));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(ends, [(2000, STALE.to_bits())]);
    let histograms = read(&source, &[Matcher::equal(NAME, "lat")], TimeRange::new(0, 1500));
    assert_eq!(histograms[0].1, [(1000, "{{sum:3 count:1 buckets:[1]}}".to_owned())]);
}
