//! `.es()`.

use super::*;

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    insert(&store, "__name__=load1 host=web1", Kind::Gauge, 10_000, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    insert(&store, "__name__=load1 host=web2", Kind::Gauge, 10_000, &[3.0, 2.0, 1.0]);
    insert(&store, "__name__=load15 host=web1", Kind::Gauge, 10_000, &[9.0; 6]);
    let ticks: Vec<f64> = (0..61).map(f64::from).collect();
    insert(&store, "__name__=ticks_total host=web1 core=2", Kind::Counter, 1000, &ticks);
    insert(&store, "__name__=ticks_total host=web1 core=10", Kind::Counter, 1000, &ticks);
    store
}

#[test]
fn expressions_answer_with_columns() {
    let cases: &[(&str, &str, &[&str])] = &[
        (".es(metric=avg:load1)", "20s", &["avg(load1): 2 2.666667 5.5"]),
        (".es(metric=sum:load1)", "20s", &["sum(load1): 8 8 11"]),
        (".es(metric=min:load1)", "30s", &["min(load1): 1 4"]),
        (".es(metric=max:load1)", "30s", &["max(load1): 3 6"]),
        (".es(metric=first:load1, q=host:web1)", "30s", &["q:host:web1 > first(load1): 1 4"]),
        (".es(metric=last:load1)", "30s", &["last(load1): 1 6"]),
        (".es()", "60s", &["count: 135"]),
        (".es(metric=count:load1)", "20s", &["count: 4 3 2"]),
        (".es(metric=count:load1, q=host:web2)", "20s", &["q:host:web2 > count: 2 1 0"]),
        (".es(metric=cardinality:load1)", "60s", &["cardinality(load1): 6"]),
        (
            ".es('host:web1', metric='percentiles:load1:50,100')",
            "60s",
            &["q:host:web1 > percentiles(load1):50.0: 3.5", "q:host:web1 > percentiles(load1):100.0: 6"],
        ),
        (
            ".es(metric=avg:load1, split=host:5)",
            "30s",
            &["host:web1 > avg(load1): 2 5", "host:web2 > avg(load1): 2 -"],
        ),
        (".es(metric=avg:load1, split=host:1)", "30s", &["host:web1 > avg(load1): 2 5"]),
        (
            ".es(metric=avg:load*, split=host:9, split=metric:1)",
            "60s",
            &["host:web1 > __name__:load15 > avg(load*): 9", "host:web2 > __name__:load1 > avg(load*): 2"],
        ),
        (
            ".es(q=host:web1, q=host:web2, metric=min:load1, metric=max:load1)",
            "60s",
            &[
                "q:host:web1 > min(load1): 1",
                "q:host:web1 > max(load1): 6",
                "q:host:web2 > min(load1): 1",
                "q:host:web2 > max(load1): 3",
            ],
        ),
        (".es(metric=avg:load1, q=host:web1, offset=-20s)", "20s", &["q:host:web1 > avg(load1): - 1.5 3.5"]),
        (".es(metric=avg:load1, q=host:web1, offset=timerange:-1)", "30s", &[]),
        (".es(metric=avg:load1, q=host:web2, fit=carry)", "10s", &["q:host:web2 > avg(load1): 3 2 1 1 1 1"]),
        (".es(metric=avg:load1, q=host:web1)", "5s", &["q:host:web1 > avg(load1): 1 - 2 - 3 - 4 - 5 - 6 -"]),
        (
            ".es(metric=avg:load1, q=host:web1, interval=30s)",
            "10s",
            &["q:host:web1 > avg(load1): 2 2 5 5 5 5"],
        ),
        (
            ".es(metric=avg:load1, q=host:web2, interval=15s)",
            "10s",
            &["q:host:web2 > avg(load1): 2.5 1 1 - - -"],
        ),
        (".es(metric=rate:ticks_total)", "20s", &["rate(ticks_total): 2 2 2"]),
        (
            ".es(metric=increase:ticks_total, q=core:2)",
            "20s",
            &["q:core:2 > increase(ticks_total): 20 20 20"],
        ),
        (
            ".es(metric=rate:ticks_total, split=core:9)",
            "60s",
            &["core:2 > rate(ticks_total): 1", "core:10 > rate(ticks_total): 1"],
        ),
        (".es(metric=avg:load1).sum(1).label(x), .static(2)", "60s", &["x: 4", "2: 2"]),
        ("$l=.es(metric=avg:load1), $l, $l.multiply(2).label(twice)", "60s", &["avg(load1): 3", "twice: 6"]),
        (
            ".es(metric=avg:load1, split=host:2).subtract(.es(metric=min:load1, split=host:2))",
            "60s",
            &["web1: 2.5", "web2: 1"],
        ),
    ];
    let store = store();
    let mut wrong = Vec::new();
    for (text, interval, wanted) in cases {
        let found = one(&store, minute(interval), text).map(|frame| shown(&frame));
        if !found.as_ref().is_ok_and(|found| found == wanted) {
            wrong.push(format!("{text}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_second_buckets_over_a_one_second_counter_are_all_filled() {
    let store = store();
    let grid = GridSpec { to_ms: T0 + 40_000, ..GridSpec::new(T0 + 30_000, 0) };
    let grid = GridSpec { interval: Interval::parse("1s"), ..grid };
    let frame = one(&store, grid, ".es(metric=rate:ticks_total, q=core:2)").unwrap();
    assert_eq!(frame.series[0].values, vec![1.0; 10]);
}

#[test]
fn counters_that_reset_or_pause_or_go_stale() {
    let nan = f64::NAN;
    let cases: [(&str, Kind, &[f64], &str, &str); 6] = [
        ("reset", Kind::Counter, &[10.0, 20.0, 5.0, 6.0], "10s", "x: 10 5 1 - - -"),
        ("derive", Kind::Derive, &[10.0, 20.0, 5.0, 6.0], "10s", "x: 10 -15 1 - - -"),
        ("absolute", Kind::Absolute, &[10.0, 20.0, 5.0, 6.0], "10s", "x: 20 5 6 - - -"),
        ("nan", Kind::Counter, &[0.0, nan, 4.0], "10s", "x: 2 2 - - - -"),
        ("stale", Kind::Counter, &[0.0, model::STALE, 4.0, 5.0], "10s", "x: - - 1 - - -"),
        ("slow", Kind::Counter, &[0.0, 6.0], "1s", "x: 0.6 0.6"),
    ];
    for (name, kind, values, interval, wanted) in cases {
        let store = MemoryStore::new();
        insert(&store, "__name__=c", kind, 10_000, values);
        let frame = one(&store, minute(interval), ".es(metric=increase:c).label(x)").unwrap();
        assert!(shown(&frame)[0].starts_with(wanted), "{name}: {:?}", shown(&frame));
    }
}

#[test]
fn nothing_found_says_why() {
    let cases = [
        (".es(metric=avg:load17)", "No series is named load17 in this time range; nearest: load1, load15"),
        (".es(metric=avg:load1, q=host:wbe1)", "No series has host wbe1; nearest: web1"),
        (".es(q='hots:web1')", "No series has the label hots; nearest: host"),
        (".es(metric=avg:load15, q='host:web2 AND metric:load15')", "No series of load15 satisfies"),
        (".es(metric=avg:load1, split=rack:3)", "None of the 2 series found has the label rack to split by"),
        (".es(q='nowhere')", "No series satisfies q='nowhere'"),
    ];
    let store = store();
    for (text, wanted) in cases {
        let frame = one(&store, minute("10s"), text).unwrap();
        assert!(frame.series.is_empty() && frame.notes[0].starts_with(wanted), "{text}: {:?}", frame.notes);
    }
    let empty = one(&MemoryStore::new(), minute("10s"), ".es().sum(2)").unwrap();
    assert_eq!(empty.notes, ["The store has no samples in this time range"]);
}

#[test]
fn an_answer_that_looked_at_the_wrong_time_says_where_samples_are() {
    let store = store();
    let late = || GridSpec::new(T0 + 86_400_000, T0 + 86_460_000);
    let empty = one(&store, late(), ".es(metric=avg:load1)").unwrap();
    let wanted = "The store has no samples in this time range; the newest is of 2023-11-14";
    assert!(empty.notes[0].starts_with(wanted), "{:?}", empty.notes);
    insert(&store, "__name__=young", Kind::Gauge, 86_400_000, &[f64::NAN, 1.0]);
    let other = one(&store, late(), ".es(metric=avg:load1)").unwrap();
    let wanted = "load1 has no samples in this time range; the newest is of 2023-11-14";
    assert!(other.notes[0].starts_with(wanted), "{:?}", other.notes);
    let early = one(&store, GridSpec::new(T0 - 60_000, T0 - 1), ".es(metric=avg:load1)").unwrap();
    assert!(early.notes[0].contains("there are some outside of it, up to 2023-11-1"), "{:?}", early.notes);
}

#[test]
fn what_every_part_took_is_told() {
    let store = store();
    let answer = answer(&store, minute("10s"), &[".es(metric=avg:load1, split=host:5).abs(), .static(1)"]);
    assert_eq!(answer.reads.len(), 1);
    assert_eq!(
        (answer.reads[0].series_read, answer.reads[0].samples),
        (answer.stats.series, answer.stats.samples)
    );
    let given: Vec<u64> = answer.nodes.iter().map(|node| node.series).collect();
    assert_eq!(given, [2, 2, 1, 3]);
    assert_eq!(answer.nodes[1].values, 12);
}

#[test]
fn the_same_read_is_done_once() {
    let store = store();
    let texts = [".es(metric=avg:load1)", ".es(metric=avg:load1).sum(1), .es(metric=avg:load1)", "@1, @2:1"];
    let answer = answer(&store, minute("10s"), &texts);
    assert_eq!((answer.stats.series, answer.stats.samples), (2, 9));
    assert_eq!(answer.results[2].as_ref().unwrap().series.len(), 2);
}

#[test]
fn expressions_that_are_wrong_read_nothing() {
    let store = store();
    let answer = answer(&store, minute("10s"), &[".es(metric=avg:load1).nosuch()", "$x=.es(), .static(1)"]);
    assert_eq!((answer.stats.series, answer.stats.samples), (0, 0));
    assert!(answer.results[0].is_err() && answer.results[1].is_ok());
}

#[test]
fn the_latest_of_one_bucket_is_the_latest_number() {
    let store = store();
    insert(&store, "__name__=gone host=web1", Kind::Gauge, 10_000, &[7.0, 8.0, model::STALE]);
    insert(&store, "__name__=gone host=web2", Kind::Gauge, 10_000, &[f64::NAN; 2]);
    insert(&store, "__name__=gone host=web3", Kind::Gauge, 10_000, &[1.0, 2.0, 3.0, 4.0]);
    let frame = one(&store, minute("60s"), ".es(metric=last:gone, split=host:9)").unwrap();
    let wanted = ["host:web1 > last(gone): 8", "host:web2 > last(gone): -", "host:web3 > last(gone): 4"];
    assert_eq!(shown(&frame), wanted);
    // The same as with more buckets, where samples are read.
    let fine = one(&store, minute("30s"), ".es(metric=last:gone, split=host:9)").unwrap();
    assert_eq!(shown(&fine)[0], "host:web1 > last(gone): 8 -");
}

#[test]
fn series_stand_in_natural_order_of_their_split_values_whatever_the_metric() {
    let store = MemoryStore::new();
    for host in ["web10", "web2", "web1"] {
        for name in ["b", "a"] {
            insert(&store, &format!("__name__={name} host={host}"), Kind::Gauge, 10_000, &[1.0]);
        }
    }
    let frame = one(&store, minute("60s"), ".es(metric=avg:b, metric=avg:a, split=host:9)").unwrap();
    let labels: Vec<&str> = frame.series.iter().map(|s| s.label.as_str()).collect();
    let wanted = [
        "web1 > avg(b)",
        "web1 > avg(a)",
        "web2 > avg(b)",
        "web2 > avg(a)",
        "web10 > avg(b)",
        "web10 > avg(a)",
    ];
    assert_eq!(labels, wanted.map(|label| format!("host:{label}")));
    assert_eq!(frame.series[4].labels.get("host"), Some("web10"));
}

#[test]
fn several_metrics_of_one_read_are_kept_apart() {
    let store = store();
    let text = ".es(metric=avg:load15, metric=avg:nosuch, metric=max:load1, metric=avg:load*, q=host:web1)";
    let frame = one(&store, minute("60s"), text).unwrap();
    let wanted =
        ["q:host:web1 > avg(load15): 9", "q:host:web1 > max(load1): 6", "q:host:web1 > avg(load*): 6.25"];
    assert_eq!(shown(&frame), wanted);
    // The same with plain names only, which are looked for together, and with one of them twice.
    let text = ".es(metric=avg:load15, metric=avg:nosuch, metric=max:load1, q=host:web1)";
    let together = one(&store, minute("60s"), text).unwrap();
    assert_eq!(shown(&together), wanted[..2]);
    assert_eq!((together.notes.len(), &together.notes), (1, &frame.notes));
    let twice = one(&store, minute("60s"), ".es(metric=min:load1, metric=max:load1, q=host:web1)").unwrap();
    assert_eq!(shown(&twice), ["q:host:web1 > min(load1): 1", "q:host:web1 > max(load1): 6"]);
}

#[test]
fn promql_stands_among_other_series() {
    let store = MemoryStore::new();
    insert(&store, "__name__=load1 host=web1", Kind::Gauge, 10_000, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    insert(&store, "__name__=load1 host=web2", Kind::Gauge, 10_000, &[3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let text =
        ".promql('avg(load1)').multiply(10).label(x), .prometheus(query='load1{host=\"web2\"} - 1').label(y)";
    let frame = one(&store, minute("10s"), text).unwrap();
    assert_eq!(shown(&frame), ["x: 20 30 40 50 60 70", "y: 2 3 4 5 6 7"]);
    let divided =
        one(&store, minute("10s"), ".es(metric=sum:load1).divide(.promql('sum(load1)')).label(z)").unwrap();
    assert_eq!(shown(&divided), ["z: 1 1 1 1 1 1"]);
}

#[test]
fn what_native_histograms_are_put_together_from_is_hidden_from_all_but_who_names_it() {
    let store = MemoryStore::new();
    insert(&store, "__name__=latency __native__=3/1e-3 host=a", Kind::Gauge, 12_000, &[1.0; 5]);
    insert(&store, "__name__=latency_count host=a", Kind::Gauge, 12_000, &[2.0; 5]);
    let shown_of = |text: &str| shown(&one(&store, minute("12s"), text).unwrap());
    assert_eq!(shown_of(".es(q='host:a', metric='sum:latency*').label(x)"), ["x: 2 2 2 2 2"]);
    assert!(shown_of(".es(metric='sum:latency')").is_empty());
    let named = shown_of(".es(q='__native__:*', metric='sum:latency').label(x)");
    assert_eq!(named, ["x: 1 1 1 1 1"]);
    assert_eq!(shown_of(".graphite('a.latency*').label(x)"), ["x: 2 2 2 2 2"]);
}

#[test]
fn lists_of_several_searches_are_paired_by_them() {
    let store = MemoryStore::new();
    for (name, host, value) in [("used", "a", 2.0), ("used", "b", 6.0), ("all", "a", 4.0), ("all", "b", 8.0)]
    {
        insert(&store, &format!("__name__={name} host={host}"), Kind::Gauge, 12_000, &[value; 5]);
    }
    let list = |name: &str| format!(".es(q='host:a', q='host:b', metric=avg:{name})");
    let text = format!("{}.divide({})", list("used"), list("all"));
    let wanted = ["host:a: 0.5 0.5 0.5 0.5 0.5", "host:b: 0.75 0.75 0.75 0.75 0.75"];
    assert_eq!(shown(&one(&store, minute("12s"), &text).unwrap()), wanted);
}

#[test]
fn labels_of_sheets_made_for_kibana_always_begin_with_the_search() {
    let store = MemoryStore::new();
    insert(&store, "__name__=load host=a", Kind::Gauge, 12_000, &[2.0; 5]);
    let text = ".es(metric=avg:load, split=host:5).label('$1', '^.* > host:(\\S+) > .*')";
    let plan = timelion::plan(&[text], &signatures(FUNCTIONS));
    let labels = |compatible: bool| {
        let request = Request { compatible, ..Request::new(&plan, FUNCTIONS, minute("12s")) };
        let frame = run(&request, &store).unwrap().results.remove(0).unwrap();
        frame.series.into_iter().map(|series| series.label).collect::<Vec<_>>()
    };
    assert_eq!(labels(true), ["a"]);
    assert_eq!(labels(false), ["host:a > avg(load)"]);
}
