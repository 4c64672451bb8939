use super::*;
use crate::tests::Recorder;
use std::sync::Mutex;

const START_MS: i64 = 1_700_000_003_000;

struct House {
    aggregator: Aggregator,
    sink: Recorder,
    events: Arc<Mutex<Vec<String>>>,
}

impl House {
    fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::for_host("h");
        options.quantiles = vec![0.5, 0.99];
        change(&mut options);
        options.check().unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = events.clone();
        let tell: Tell = Arc::new(move |event| {
            told.lock().unwrap().push(String::from_utf8_lossy(event.title).into_owned())
        });
        Self { aggregator: Aggregator::new(options, START_MS, tell), sink: Recorder::default(), events }
    }

    fn new() -> Self {
        Self::with(|_| {})
    }

    fn take(&mut self, packet: &str) {
        self.aggregator.take(packet.as_bytes(), "10.0.0.9:4000".parse().ok());
    }

    /// Flushes at so many seconds after the first whole interval; the times in the rows are counted so too.
    fn flush(&mut self, second: i64) -> Vec<String> {
        const ZERO_MS: i64 = 1_700_000_010_000;
        self.aggregator.flush(ZERO_MS + second * 1000, &self.sink);
        self.aggregator.tally().begin_interval();
        let rows = self.sink.take().into_iter().map(|row| {
            let (time_ms, rest) = row.split_once(' ').unwrap();
            format!("{} {rest}", (time_ms.parse::<i64>().unwrap() - ZERO_MS) / 1000)
        });
        rows.collect()
    }

    /// The problem that is told after a packet.
    fn problem(&mut self, packet: &str) -> String {
        self.take(packet);
        let problem = self.aggregator.tally().problem();
        self.flush(0);
        problem
    }
}

#[test]
fn counters_grow_and_show_what_they_began_with() {
    let mut house = House::new();
    house.take("gorets:1|c\ngorets:1|c|@0.1\n");
    // The start of the door was 7 s before the first flush.
    assert_eq!(house.flush(0), [r#"-7 counter gorets{host="h"} 0"#, r#"0 counter gorets{host="h"} 11"#]);
    house.take("gorets:2:3|c");
    assert_eq!(house.flush(10), [r#"10 counter gorets{host="h"} 16"#]);
    assert_eq!(house.flush(20), [r#"20 counter gorets{host="h"} 16"#]);
    assert_eq!(
        house.problem("gorets:-1|c"),
        "1 refused since the last flush, the first line 1 from 10.0.0.9:4000: the counter `gorets` cannot shrink; make it a gauge"
    );
}

#[test]
fn gauges_are_set_and_changed() {
    let mut house = House::new();
    house.take("a:-4|g\nb:10|g\nb:-3|g\nb:+1|g\nc:333|g\nc:5|g");
    assert_eq!(
        house.flush(0),
        [r#"0 gauge a{host="h"} -4"#, r#"0 gauge b{host="h"} 8"#, r#"0 gauge c{host="h"} 5"#]
    );
    house.take("a:+0|g\nb:0|g\nb:-7|g");
    assert_eq!(house.flush(10)[..2], [r#"10 gauge a{host="h"} -4"#, r#"10 gauge b{host="h"} -7"#]);
}

#[test]
fn sets_count_members_of_a_flush() {
    let mut house = House::new();
    house.take("u:1|s\nu:2|s\nu:1|s\nu:a:b|s");
    assert_eq!(house.flush(0), [r#"0 gauge u{host="h"} 3"#]);
    assert_eq!(house.flush(10), [r#"10 gauge u{host="h"} 0"#]);
}

#[test]
fn times_have_counts_bounds_and_quantiles() {
    let mut house = House::with(|options| options.bounds = vec![10.0, 100.0]);
    house.take("t:320|ms|#b:2\nt:10|ms|@0.5|#b:2\nt:20:30|h|#b:2");
    let rows = house.flush(0);
    assert_eq!(
        rows[..5],
        [
            r#"-7 counter t_count{b="2",host="h"} 0"#,
            r#"-7 counter t_sum{b="2",host="h"} 0"#,
            r#"-7 counter t_bucket{b="2",host="h",le="10"} 0"#,
            r#"-7 counter t_bucket{b="2",host="h",le="100"} 0"#,
            r#"-7 counter t_bucket{b="2",host="h",le="+Inf"} 0"#,
        ]
    );
    assert_eq!(
        rows[5..7],
        [r#"0 counter t_count{b="2",host="h"} 5"#, r#"0 counter t_sum{b="2",host="h"} 390"#]
    );
    assert_eq!(
        rows[7..12],
        [
            r#"0 counter t_bucket{b="2",host="h",le="10"} 2"#,
            r#"0 counter t_bucket{b="2",host="h",le="100"} 4"#,
            r#"0 counter t_bucket{b="2",host="h",le="+Inf"} 5"#,
            r#"0 gauge t_min{b="2",host="h"} 10"#,
            r#"0 gauge t_max{b="2",host="h"} 320"#,
        ]
    );
    // 10 10 20 30 320, and no quantile is above the largest.
    assert!(rows[12].starts_with(r#"0 gauge t{b="2",host="h",quantile="0.5"} 20.1"#), "{rows:?}");
    assert_eq!(rows[13], r#"0 gauge t{b="2",host="h",quantile="0.99"} 320"#);
    assert_eq!(rows.len(), 14);
    // A flush without values ends what was only true of those.
    let rows = house.flush(10);
    assert_eq!(rows.iter().filter(|row| row.ends_with("stale")).count(), 4, "{rows:?}");
    assert_eq!(house.flush(20).len(), 5);
}

#[test]
fn ways_to_write_the_same_tags_are_one_series() {
    let mut house = House::new();
    for _ in 0..2 {
        house.take("n:1|c|#a:1,b:2\nn:1|c|#b:2,a:1\nn;a=1;b=2:1|c\nn,b=2:1|c|#a:1\n n:1|c|#a:1,b:2,");
    }
    assert_eq!(house.flush(0)[1..], [r#"0 counter n{a="1",b="2",host="h"} 10"#]);
}

#[test]
fn a_name_has_one_class() {
    let mut house = House::new();
    house.take("x:1|c\nt:5|ms\nt_count:1|g\nx:5|g\nx:7|g");
    let problem = house.aggregator.tally().problem();
    assert!(
        problem.contains("3 refused") && problem.contains("`t_count`: the name is a time or histogram"),
        "{problem}"
    );
    let rows = house.flush(0);
    assert!(rows.contains(&r#"0 counter x{host="h"} 1"#.to_owned()), "{rows:?}");
    // A name can be a counter and a time: their rows have different names.
    assert_eq!(house.problem("t:1|c"), "");
}

#[test]
fn what_is_idle_falls_silent_goes_on_where_it_was_and_is_forgotten() {
    let mut house = House::with(|options| options.idle_flushes = 2);
    house.take("c:5|c\ng:7|g\nt:1|ms");
    house.flush(0);
    house.flush(10);
    assert_eq!(house.flush(20).len(), 4);
    let rows = house.flush(30);
    assert_eq!(
        rows,
        [
            r#"30 counter c{host="h"} stale"#,
            r#"30 gauge g{host="h"} stale"#,
            r#"30 counter t_count{host="h"} stale"#,
            r#"30 counter t_sum{host="h"} stale"#,
        ]
    );
    assert_eq!(house.flush(40), [""; 0]);
    house.take("c:1|c\ng:+1|g");
    assert_eq!(
        house.flush(50),
        [r#"40 counter c{host="h"} 5"#, r#"50 counter c{host="h"} 6"#, r#"50 gauge g{host="h"} 8"#]
    );
    for i in 0..2 * i64::from(FORGET_FACTOR) + 2 {
        house.flush(60 + 10 * i);
    }
    assert!(house.aggregator.is_empty());
    house.take("c:1|c");
    assert_eq!(house.flush(1000).last().unwrap(), r#"1000 counter c{host="h"} 1"#);
}

#[test]
fn samples_with_times_keep_them() {
    let mut house = House::new();
    house.take("g:5|g|T1700000001\nn:2|c|T1700000002\nn:3|c|T1700000002\nn:1|c|@0.5|T1700000001\nm:1|ms|T1");
    let rows = house.flush(0);
    assert_eq!(
        rows[..3],
        [r#"-9 gauge g{host="h"} 5"#, r#"-9 absolute n{host="h"} 2"#, r#"-8 absolute n{host="h"} 5"#,]
    );
    assert!(rows[3..].iter().all(|row| row.contains(" m")), "{rows:?}");
}

#[test]
fn checks_become_states_and_events_are_told() {
    let mut house = House::new();
    house.take("_sc|Redis connection|2|#env:dev|m:no\n_sc|disk|0|h:web1\n_e{2,1}:hi|x");
    assert_eq!(
        house.flush(0),
        [
            r#"0 gauge check_state{check="Redis connection",env="dev",host="h"} 2"#,
            r#"0 gauge check_state{check="disk",host="web1"} 0"#,
        ]
    );
    assert_eq!(*house.events.lock().unwrap(), ["hi"]);
    house.take(&"_e{2,1}:hi|x\n".repeat(1000));
    assert_eq!(house.events.lock().unwrap().len() as u64, 1 + EVENTS_TOLD_MAX);
}

#[test]
fn there_is_room_for_so_many_series_and_no_more() {
    let mut house = House::with(|options| (options.series_max, options.idle_flushes) = (10, 1));
    (0..1000).for_each(|i| house.take(&format!("n{i}:1|c")));
    assert_eq!(house.aggregator.len(), 10);
    let problem = house.aggregator.tally().problem();
    assert!(
        problem.contains("990 refused") && problem.contains("`n10`: no room for more series"),
        "{problem}"
    );
    house.flush(0);
    // Those that fell silent make room for others.
    house.flush(10);
    house.flush(20);
    house.take("new:1|c");
    house.flush(30);
    house.take("new:1|c");
    assert_eq!(house.flush(40)[1], r#"40 counter new{host="h"} 1"#);
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut house = House::with(|options| options.memory_bytes_max = 1 << 20);
    for i in 0..200_000 {
        house.take(&format!("some.quite.long.name.{i}:1|ms|#tag:{i},other:value"));
    }
    let held = house.aggregator.memory_bytes();
    assert!(held < 2 << 20, "{held}");
    assert!(house.aggregator.len() > 1000);
}

#[test]
fn a_sink_that_takes_nothing_costs_no_count() {
    let mut house = House::new();
    house.take("c:5|c\nn:1|c|T1700000001");
    house.sink.answer(Some(model::PushError::Busy("full".to_owned())));
    house.flush(0);
    assert_eq!(house.aggregator.tally().lost, 3);
    house.sink.answer(None);
    house.take("c:1|c");
    assert_eq!(
        house.flush(10),
        [r#"-9 absolute n{host="h"} 1"#, r#"-7 counter c{host="h"} 0"#, r#"10 counter c{host="h"} 6"#,]
    );
}

#[test]
fn names_outside_the_limits_are_told() {
    let mut house = House::new();
    assert!(
        house.problem(&format!("n:1|c|#k:{}", "v".repeat(3000))).contains("is longer than"),
        "long value"
    );
    assert!(house.problem("n\u{1}:1|c").contains("without control characters"));
    assert!(house.problem(";a=b:1|c").contains("the name is empty"));
}
