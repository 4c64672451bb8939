use super::*;

fn ms(text: &str) -> i64 {
    model::timetext::parse(text, 0, &Zone::utc()).unwrap()
}

fn spec(from: &str, to: &str, interval: &str, align: Align, zone: &str) -> GridSpec {
    GridSpec {
        interval: Interval::parse(interval),
        align,
        zone: Zone::named(zone).unwrap(),
        ..GridSpec::new(ms(from), ms(to))
    }
}

#[test]
fn buckets_stay_where_they_are_while_a_window_moves() {
    for second in 0..10 {
        let from = format!("2026-11-21T10:00:0{second}Z");
        let grid = Grid::new(&spec(&from, "2026-11-21T10:01:00Z", "5s", Align::Interval, "UTC")).unwrap();
        assert_eq!(grid.start_ms() % 5000, 0);
        assert!(grid.start_ms() <= ms(&from) && grid.edge_ms(1) > ms(&from));
        assert_eq!(grid.edge_ms(grid.len()), ms("2026-11-21T10:01:00Z"));
    }
}

#[test]
fn three_hours_start_at_local_midnight() {
    let grid = Grid::new(&spec(
        "2026-11-21T10:00:00Z",
        "2026-11-22T10:00:00Z",
        "3h",
        Align::Interval,
        "Asia/Kolkata",
    ));
    // 15:30 in Kolkata: the bucket began at 15:00.
    assert_eq!(grid.unwrap().start_ms(), ms("2026-11-21T09:30:00Z"));
}

#[test]
fn days_follow_the_calendar_and_tell_when_they_differ() {
    let even =
        Grid::new(&spec("2026-11-20T23:00:00Z", "2026-11-25T23:00:00Z", "1d", Align::Unit, "Europe/Berlin"));
    assert_eq!(even.unwrap().step_ms(), Some(86_400_000));
    let odd = spec("2026-10-24T10:00:00Z", "2026-10-26T22:00:00Z", "1d", Align::Unit, "Europe/Berlin");
    let odd = Grid::new(&odd).unwrap();
    assert_eq!(odd.step_ms(), None);
    let wanted = ["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"].map(ms);
    assert_eq!(odd.times_ms(), wanted);
    let months =
        Grid::new(&spec("2026-01-31T00:00:00Z", "2026-04-30T00:00:00Z", "1M", Align::Unit, "UTC")).unwrap();
    assert_eq!(months.times_ms(), ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"].map(ms));
}

#[test]
fn a_chosen_interval_never_makes_more_buckets_than_allowed() {
    for minutes in 1..2000 {
        let range = GridSpec { buckets_target: 600, ..GridSpec::new(0, minutes * 60_000) };
        assert!(Grid::new(&range).unwrap().len() <= BUCKETS_MAX + 1, "{minutes} min");
    }
    assert!(Grid::new(&GridSpec::new(5, 5)).is_err());
}

#[test]
fn extreme_ranges_do_not_panic() {
    for (from, to) in [(i64::MIN, i64::MAX), (0, i64::MAX), (i64::MIN, 0), (i64::MAX - 1, i64::MAX)] {
        for interval in [None, Interval::parse("1d"), Interval::parse("1s"), Interval::parse("1000000y")] {
            let _ = Grid::new(&GridSpec { interval, ..GridSpec::new(from, to) });
        }
    }
}
