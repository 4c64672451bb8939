use super::*;
use crate::tests::{Text, problems};
use std::sync::mpsc;
use stdx::clock::SystemClock;

fn scheduler(root: &std::path::Path) -> Scheduler {
    let options = Options {
        labels: vec![("rack".to_owned(), "r1".to_owned()), ("mode".to_owned(), "x".to_owned())],
        ..Options::for_host("h")
    };
    Scheduler::new(Host::recorded(root), options).unwrap()
}

fn write(root: &std::path::Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn about<'a>(lines: &'a [String], metric: &str) -> Vec<&'a str> {
    lines.iter().map(String::as_str).filter(|line| line.split(['{', ' ']).next() == Some(metric)).collect()
}

#[test]
fn the_callers_labels_are_on_every_series_but_never_replace_a_collectors() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "proc/stat", "cpu 1 2\n");
    let text = Text::default();
    scheduler(root.path()).tick(1000, &text);
    let lines = text.take();
    assert_eq!(
        about(&lines, "cpu_seconds_total")[0],
        r#"cpu_seconds_total{host="h",mode="user",rack="r1"} 0.01"#
    );
    assert_eq!(about(&lines, "cpu_cores"), [r#"cpu_cores{host="h",mode="x",rack="r1"} 0"#]);
}

#[test]
fn a_device_that_goes_ends_its_series_once() {
    let root = tempfile::tempdir().unwrap();
    let text = Text::default();
    let mut scheduler = scheduler(root.path());
    let mut reads = |now_ms, diskstats: &str| {
        write(root.path(), "proc/diskstats", diskstats);
        scheduler.tick(now_ms, &text);
        let lines = text.take();
        about(&lines, "disk_reads_total")
            .iter()
            .map(|l| l.replace(r#"host="h",mode="x",rack="r1""#, ""))
            .collect::<Vec<_>>()
    };
    let name = |device: &str, value: &str| format!(r#"disk_reads_total{{device="{device}",}} {value}"#);
    assert_eq!(reads(1000, "8 0 sda 1\n8 16 sdb 2\n"), [name("sda", "1"), name("sdb", "2")]);
    assert_eq!(
        reads(2000, "8 0 sdb 3\n8 16 sdc 4\n"),
        [name("sdb", "3"), name("sdc", "4"), name("sda", "end")]
    );
    assert_eq!(reads(3000, "8 0 sdb 3\n8 16 sdc 5\n"), [name("sdb", "3"), name("sdc", "5")]);
}

#[test]
fn the_dictionary_is_renewed_when_most_of_it_is_dead() {
    let root = tempfile::tempdir().unwrap();
    let text = Text::default();
    let mut scheduler = scheduler(root.path());
    let mut ids = std::collections::BTreeSet::new();
    for round in 0..200 {
        write(root.path(), "proc/diskstats", &format!("8 0 sda{round} 1 2 3 4 5 6 7 8 9 10 11\n"));
        scheduler.tick(round * 1000, &text);
        ids.insert(scheduler.batch.dictionary.id());
        assert!(scheduler.batch.dictionary.len() < 600, "{}", scheduler.batch.dictionary.len());
        assert!(!scheduler.batch.dictionary.descriptions().is_empty());
        assert_eq!(about(&text.take(), "disk_reads_total")[0].split(' ').nth(1), Some("1"));
    }
    assert!((2..50).contains(&ids.len()), "{} dictionaries", ids.len());
}

#[test]
fn what_a_host_does_not_have_is_neither_measured_nor_described() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "proc/uptime", "5.0 1.0\n");
    let text = Text::default();
    let mut scheduler = scheduler(root.path());
    scheduler.tick(1000, &text);
    let lines = text.take();
    let told = |collector: &str| about(&lines, SUCCESS.name).iter().any(|line| line.contains(collector));
    assert!(told("\"uptime\"") && !told("\"zfs\""), "{lines:?}");
    let descriptions = scheduler.batch.dictionary.descriptions();
    let mut described: Vec<&str> = descriptions.iter().map(|known| &*known.metric).collect();
    let mut named: Vec<&str> = lines.iter().filter_map(|line| line.split(['{', ' ']).next()).collect();
    described.sort_unstable();
    named.sort_unstable();
    named.dedup();
    assert_eq!(described, named, "each metric that has a series, once");
    let count = described.len();
    scheduler.tick(2000, &text);
    assert_eq!(scheduler.batch.dictionary.descriptions().len(), count);
}

struct Faulty(u32);

impl Collector for Faulty {
    fn collect(&mut self, _: &mut Pass<'_>) -> Result<(), Error> {
        self.0 += 1;
        match self.0 {
            1 => Err(Error::Option("not today".to_owned())),
            2 => panic!("a defect, on purpose"),
            _ => Ok(()),
        }
    }
}

static FAULTY: Row =
    Row { name: "faulty", summary: "", interval_ms: 1000, metrics: &[], open: |_, _| Box::new(Faulty(10)) };

#[test]
fn a_collector_that_fails_or_panics_is_reported_and_the_tick_goes_on() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "proc/uptime", "5.0 1.0\n");
    let mut scheduler = scheduler(root.path());
    let mut entry = Entry::open(&FAULTY, &scheduler.host, &scheduler.options);
    entry.collector = Box::new(Faulty(0));
    scheduler.entries.insert(0, entry);
    scheduler.board = Arc::new(Board::new(scheduler.entries.iter().map(|entry| entry.row.name)));
    let text = Text::default();
    for (now_ms, success, why) in
        [(1000, "0", Some("not today")), (2000, "0", Some(PANICKED)), (3000, "1", None)]
    {
        scheduler.tick(now_ms, &text);
        let lines = text.take();
        let line = lines
            .iter()
            .find(|l| l.starts_with("windhover_collect_success") && l.contains("faulty"))
            .unwrap();
        assert_eq!(line.split(' ').nth(1), Some(success));
        assert_eq!(about(&lines, "uptime_seconds").len(), 1);
        let failure = problems(&scheduler).into_iter().find(|(name, _)| name == "faulty").map(|(_, why)| why);
        assert_eq!(failure.as_deref(), why);
        let standings = scheduler.board().standings();
        assert_eq!((standings[0].part, standings[0].last_ms), ("collector", Some(now_ms)));
        assert_eq!(standings.iter().find(|standing| standing.name == "uptime").unwrap().samples, 1);
    }
}

#[test]
fn slow_collectors_run_once_a_period_even_when_ticks_are_skipped() {
    static SLOW: Row = Row { interval_ms: 10_000, ..FAULTY };
    let host = Host::recorded("/nowhere");
    let mut entry = Entry::open(&SLOW, &host, &Options::for_host("h"));
    let due: Vec<i64> = [1000, 2000, 9000, 11_000, 12_000, 20_000, 29_000, 30_000, 5_000, 6_000]
        .into_iter()
        .filter(|&now_ms| {
            let is_due = entry.is_due(now_ms);
            if is_due {
                entry.last_ms = Some(now_ms);
            }
            is_due
        })
        .collect();
    assert_eq!(due, [1000, 11_000, 20_000, 30_000, 5_000]);
}

#[test]
fn running_ticks_on_multiples_and_stops_when_asked() {
    struct Times(mpsc::Sender<i64>);
    impl Sink for Times {
        fn push(&self, batch: &Batch) -> Result<model::Receipt, model::PushError> {
            batch.groups().for_each(|rows| self.0.send(rows.time_ms).unwrap());
            Err(model::PushError::Busy("always".to_owned()))
        }
    }
    let options = Options { interval_ms: 20, ..Options::for_host("h") };
    let mut scheduler = Scheduler::new(Host::recorded("/nowhere"), options).unwrap();
    let (stop, (sender, times)) = (Stop::new(), mpsc::channel());
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| scheduler.run(&SystemClock, &stop, &Times(sender)));
        let seen: Vec<i64> = times.iter().take(2).collect();
        assert!(seen.iter().all(|t| t % 20 == 0) && seen[0] < seen[1], "{seen:?}");
        stop.stop();
        runner.join().unwrap();
    });
    assert!(stop.wait(Duration::from_secs(600)));
}

#[test]
fn senseless_options_are_refused() {
    let good = Options::for_host("h");
    let cases = [
        (Options { interval_ms: 0, ..good.clone() }, "interval"),
        (Options { host_name: String::new(), ..good.clone() }, "name of the host"),
        (Options { left_out: vec!["cpuu".to_owned()], ..good }, "`cpuu`"),
    ];
    for (options, wanted) in cases {
        let error = Scheduler::new(Host::recorded("/nowhere"), options).err().unwrap().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn those_outside_are_shown_the_processes_at_their_own_interval_and_may_panic() {
    struct Seen(mpsc::Sender<(i64, usize)>);
    impl Observer for Seen {
        fn observe(&mut self, now_ms: i64, processes: &ProcessTable) {
            self.0.send((now_ms, processes.processes().len())).unwrap();
            assert!(now_ms < 4000, "a defect, on purpose");
        }
    }
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "proc/9/stat", "9 (x) S 1 1 1 0 -1 0 0 0 0 0 1 0 0 0 20 0 2 0 5 1000 10 0\n");
    let mut scheduler = scheduler(root.path());
    let (sender, seen) = mpsc::channel();
    scheduler.observe(2000, Box::new(Seen(sender)));
    for second in 1..=6 {
        scheduler.tick(second * 1000, &Text::default());
    }
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [(1000, 1), (2000, 1), (4000, 1), (6000, 1)]);
}

/// A clock that reads out what a script says, and asks to stop at its end.
struct Script<'s> {
    times: std::sync::Mutex<std::collections::VecDeque<i64>>,
    stop: &'s Stop,
}

impl Clock for Script<'_> {
    fn now_ms(&self) -> i64 {
        let mut times = self.times.lock().unwrap();
        if times.len() == 1 {
            self.stop.stop();
            return times[0];
        }
        times.pop_front().unwrap()
    }

    fn sleep(&self, _: Duration) {}
}

/// The clock jumps forward and back by hours and by a little: one tick for each moment looked at, none twice in a row,
/// none made up for, and it goes on in the new time at once.
#[test]
fn jumps_of_the_clock_bring_no_burst_no_stall_and_no_tick_twice() {
    const HOUR: i64 = 3_600_000;
    struct Times(std::sync::Mutex<Vec<i64>>);
    impl Sink for Times {
        fn push(&self, batch: &Batch) -> Result<model::Receipt, model::PushError> {
            self.0.lock().unwrap().extend(batch.groups().map(|rows| rows.time_ms));
            Ok(model::Receipt::default())
        }
    }
    let noon = 12 * HOUR;
    let script = [
        (noon, Some(noon)),
        (noon + 10, Some(noon + 10)),
        // Forward by three hours.
        (noon + 3 * HOUR + 3, Some(noon + 3 * HOUR)),
        (noon + 3 * HOUR + 11, Some(noon + 3 * HOUR + 10)),
        // Back by six.
        (noon - 3 * HOUR, Some(noon - 3 * HOUR)),
        (noon - 3 * HOUR, None),
        (noon - 3 * HOUR + 12, Some(noon - 3 * HOUR + 10)),
        // Back by a little: waited for.
        (noon - 3 * HOUR + 5, None),
        (noon - 3 * HOUR + 9, None),
        (noon - 3 * HOUR + 20, Some(noon - 3 * HOUR + 20)),
        // To before 1970 and back.
        (-HOUR, Some(-HOUR)),
        (-HOUR, None),
        (noon, Some(noon)),
    ];
    let options = Options { interval_ms: 10, ..Options::for_host("h") };
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "proc/uptime", "5.0 1.0\n");
    let mut scheduler = Scheduler::new(Host::recorded(root.path()), options).unwrap();
    let stop = Stop::new();
    // The timetable reads the clock once before the first look.
    let times = [noon].into_iter().chain(script.iter().map(|(now_ms, _)| *now_ms)).chain([noon]).collect();
    let clock = Script { times: std::sync::Mutex::new(times), stop: &stop };
    let seen = Times(std::sync::Mutex::default());
    scheduler.run(&clock, &stop, &seen);
    let wanted: Vec<i64> = script.iter().filter_map(|(_, tick_ms)| *tick_ms).collect();
    assert_eq!(*seen.0.lock().unwrap(), wanted);
}
