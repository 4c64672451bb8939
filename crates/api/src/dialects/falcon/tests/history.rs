use super::*;

#[test]
fn a_history_is_a_full_grid_inside_the_span() {
    let house = House::with(
        Kind::Gauge,
        &[(T, 1.0), (T + 60, 2.0), (T + 180, f64::NAN), (T + 240, STALE), (T + 300, 6.0)],
    );
    let all = [
        (0, Some(1.0)),
        (60, Some(2.0)),
        (120, None),
        (180, None),
        (240, None),
        (300, Some(6.0)),
        (360, None),
    ];
    for (start, end, rows) in [
        (T, T + 360, 0..7),
        (T - 59, T + 419, 0..7),
        (T + 1, T + 359, 1..6),
        (T + 60, T + 60, 1..2),
        (T + 61, T + 119, 0..0),
        (T + 60, T, 0..0),
    ] {
        assert_eq!(house.history(start, end, "AVERAGE"), all[rows], "{} {}", start - T, end - T);
    }
}

#[test]
fn counters_are_read_as_rates_at_the_end_of_their_step() {
    let samples =
        [(T, 60.0), (T + 60, 120.0), (T + 120, 420.0), (T + 180, 120.0), (T + 240, 180.0), (T + 360, 300.0)];
    let rates = [
        (0, None),
        (60, Some(1.0)),
        (120, Some(5.0)),
        (180, None),
        (240, Some(1.0)),
        (300, None),
        (360, None),
    ];
    for kind in [Kind::Counter, Kind::Derive] {
        let house = House::with(kind, &samples);
        assert_eq!(house.history(T, T + 360, "AVERAGE"), rates);
        // The sample before the span gives the first its rate.
        assert_eq!(house.history(T + 120, T + 180, "MAX"), rates[2..4]);
        let info = house.post("/graph/info", r#"[{"endpoint":"h","counter":"m"}]"#).1;
        assert_eq!(info[0]["consolFun"], "DERIVE");
    }
    for kind in [Kind::Gauge, Kind::Unknown, Kind::Absolute] {
        assert_eq!(House::with(kind, &samples).history(T + 60, T + 60, ""), [(60, Some(120.0))]);
    }
}

#[test]
fn values_within_a_step_and_in_longer_rows_are_consolidated() {
    // A step of a second; from an age of 720 seconds on five of them make a row.
    let seconds: Vec<_> = (0..=1000).map(|i| (T + i, i as f64)).collect();
    let house = House::with(Kind::Gauge, &seconds);
    for (cf, wanted) in [("AVERAGE", 3.0), ("MAX", 5.0), ("MIN", 1.0), ("max", 5.0)] {
        assert_eq!(house.history(T + 1, T + 9, cf), [(5, Some(wanted))], "{cf}");
    }
    assert_eq!(house.history(T + 300, T + 301, "MAX"), [(300, Some(300.0)), (301, Some(301.0))]);
    // Two senders: several samples in a step.
    let mut crowded: Vec<_> = (0..50).map(|i| (T + i * 10, i as f64)).collect();
    crowded.extend([(T + 501, 1.0), (T + 504, 3.0), (T + 508, 8.0)]);
    let house = House::with(Kind::Gauge, &crowded);
    for (cf, wanted) in [("AVERAGE", 4.0), ("MAX", 8.0), ("MIN", 1.0)] {
        assert_eq!(house.history(T + 500, T + 500, cf), [(500, Some(wanted))], "{cf}");
    }
}

#[test]
fn the_age_of_the_start_tells_how_many_steps_make_a_row() {
    for (age_steps, steps) in [
        (0, 1),
        (720, 1),
        (721, 5),
        (2880, 5),
        (2881, 20),
        (10_080, 20),
        (10_081, 180),
        (137_880, 180),
        (137_881, 720),
    ] {
        let grid = super::super::Grid::new(T - age_steps * 60, T, 60, T + 59);
        let mut times = grid.times_s();
        let row_s = steps * 60;
        let first = times.next().unwrap();
        assert_eq!(
            (first % row_s, times.next().map_or(row_s, |second| second - first)),
            (0, row_s),
            "{age_steps}"
        );
    }
    for (start, end) in [(i64::MIN, i64::MAX), (0, i64::MAX), (T, i64::MIN), (i64::MAX, i64::MAX)] {
        assert!(super::super::Grid::new(start, end, 1, T).count <= 20_001);
    }
}

#[test]
fn times_that_are_a_little_off_still_make_rates() {
    let house = House::at(T + 60);
    let labels = Labels::from_pairs([("__name__", "m"), ("host", "h")]).unwrap();
    let times_ms = [7, 15_020, 30_001, 45_011].map(|ms| T * 1000 + ms);
    house.store.insert(&labels, Kind::Counter, times_ms.iter().map(|&ms| (ms, (ms - T * 1000) as f64)));
    assert_eq!(
        house.history(T + 15, T + 45, "AVERAGE"),
        [(15, Some(1000.0)), (30, Some(1000.0)), (45, Some(1000.0))]
    );
    assert_eq!(house.lasts("h", "m"), [(T + 45, 1000.0), (T + 45, 45_011.0)]);
}

#[test]
fn the_kind_may_be_known_of_the_metric_alone() {
    let house = House::with(Kind::Unknown, &minutes(5));
    let mut batch = Batch::new();
    let description = model::Description { metric: "m".into(), kind: Kind::Counter, ..Default::default() };
    batch.dictionary.describe(description);
    house.store.push(&batch).unwrap();
    assert_eq!(house.history(T + 60, T + 60, "AVERAGE"), [(60, Some(1.0 / 60.0))]);
}
