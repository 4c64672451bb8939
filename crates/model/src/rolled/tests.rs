//! Rows of rows are the rows of the samples.

use super::*;
use crate::STALE;

fn row(span: TimeRange, kind: Kind, samples: &[(i64, f64)]) -> Option<Row> {
    let inside = samples.iter().filter(|(time_ms, _)| span.contains(*time_ms));
    let (times_ms, values): (Vec<i64>, Vec<f64>) = inside.copied().unzip();
    let mut builder = RowBuilder::new(span, kind);
    builder.add_samples(&times_ms, &values);
    builder.finish()
}

#[test]
fn a_row_says_what_its_samples_come_to() {
    let samples = [(3, 5.0), (5, f64::NAN), (6, 9.0), (7, 2.0), (8, STALE), (9, 4.0)];
    let row = row(TimeRange::new(0, 10), Kind::Counter, &samples).unwrap();
    assert_eq!((row.count, row.min, row.max, row.sum), (4, 2.0, 9.0, 20.0));
    assert_eq!((row.first_ms, row.first, row.last_ms, row.last), (3, 5.0, 9, 4.0));
    assert_eq!((row.increase, row.covered_ms), (4.0 + 2.0, 4));
    assert_eq!((row.ended_before, row.ended_after), (false, false));
}

#[test]
fn rows_of_rows_are_rows_of_samples() {
    let mut random = numbers(7);
    for round in 0..2000 {
        let kind = Kind::ALL[round % 5];
        let samples: Vec<(i64, f64)> = (0..60)
            .filter_map(|time_ms| {
                let value = match random() % 12 {
                    0..=3 => return None,
                    4 => STALE,
                    5 => f64::NAN,
                    n => (n * (random() % 50)) as f64,
                };
                Some((time_ms, value))
            })
            .collect();
        let span = TimeRange::new(0, 60);
        let mut builder = RowBuilder::new(span, kind);
        for start_ms in (0..60).step_by(5) {
            if let Some(row) = row(TimeRange::new(start_ms, start_ms + 5), kind, &samples) {
                builder.add_row(&row);
            }
        }
        let (found, wanted) = (builder.finish(), row(span, kind, &samples));
        assert_eq!(format!("{found:?}"), format!("{wanted:?}"), "{samples:?}");
    }
}

// A xorshift generator: this crate has no other.
fn numbers(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 16
    }
}

#[test]
fn sums_keep_what_rounding_takes() {
    let span = TimeRange::new(0, 100);
    let tenths: Vec<(i64, f64)> = (0..100).map(|i| (i, 0.1)).collect();
    assert_eq!(row(span, Kind::Gauge, &tenths).unwrap().sum, 10.0);
    let large = row(span, Kind::Gauge, &[(0, 1e100), (1, 1.0), (2, -1e100)]).unwrap();
    assert_eq!(large.sum, 1.0);
    assert_eq!(row(span, Kind::Gauge, &[(0, f64::INFINITY), (1, 1.0)]).unwrap().sum, f64::INFINITY);
}

#[test]
fn spans_between_two_edges_are_enclosed() {
    let detail = Detail { edges_ms: &[0, 10, 20], aspects: Aspects::COUNT, tier: TierChoice::Auto };
    let encloses = |start, end| detail.encloses(TimeRange::new(start, end));
    assert!(encloses(0, 10) && encloses(12, 20) && encloses(-5, 0) && encloses(20, 90));
    assert!(!encloses(9, 11) && !encloses(0, 20) && !encloses(-1, 1) && !encloses(19, 21));
}

#[test]
fn tiers_have_names() {
    for (tier_ms, name) in
        [(0, "raw"), (60_000, "60s"), (3_600_000, "1h"), (86_400_000, "1d"), (1500, "1500ms")]
    {
        assert_eq!(tier_name(tier_ms), name);
        assert_eq!(TierChoice::parse(name), Some(TierChoice::Only(tier_ms)));
    }
    assert_eq!(TierChoice::parse("auto"), Some(TierChoice::Auto));
    for bad in ["", "rough", "1", "0s", "99999d"] {
        assert_eq!(TierChoice::parse(bad), None, "{bad}");
    }
}

#[test]
fn rows_of_a_table_are_rows() {
    let mut table = Table { row_ms: 10, ..Table::default() };
    table.starts_ms = vec![0, 10, 30, 40];
    table.counts = vec![2, 0, 1, 5];
    table.sums = vec![3.0, 9.0, 4.0, 5.0];
    table.ended = vec![0, 2, 1, 3];
    let first = table.row(0);
    assert_eq!((first.span, first.count, first.sum), (TimeRange::new(0, 10), 2, 3.0));
    assert_eq!((first.first_ms, first.last_ms), (0, 9), "where nobody asked, from end to end");
    assert!(first.max.is_nan() && first.first.is_nan());
    // What columns say of a row without samples means nothing, but where a series ended.
    let empty = Row { ended_after: true, ..Row::empty(TimeRange::new(10, 20)) };
    assert_eq!(format!("{:?}", table.row(1)), format!("{empty:?}"));
    assert_eq!(table.rows().len(), 4);
    // As a run of samples, whose windows begin a millisecond later.
    table.shift_ms = Some(1);
    table.lasts_ms = vec![7, 10, 38, 49];
    assert_eq!(table.row(2).span, TimeRange::new(31, 39));
    table.keep(1, 1..3);
    assert_eq!((&table.starts_ms[..], &table.counts[..]), (&[0, 30, 40][..], &[2, 1, 5][..]));
    assert_eq!((&table.sums[..], &table.ended[..]), (&[3.0, 4.0, 5.0][..], &[0, 1, 3][..]));
    assert!(table.mins.is_empty());
    table.clear();
    assert!(table.is_empty() && table.sums.is_empty() && table.shift_ms.is_none());
}
