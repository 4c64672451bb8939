//! Any question gets the answer that a plain list gives.

use super::rig::{HOSTS, Rig, START_MS, answer, everything, plain, some};
use crate::{EventLog, Sync};
use model::{Event, EventKind, EventQuery, EventSink, EventSource, Level, Origin, TimeRange};
use std::sync::Arc;
use std::time::Duration;
use stdx::random::Random;

fn fill(log: &EventLog, rig: &Rig, random: &mut Random, rounds: usize) -> Vec<(String, Event)> {
    let mut all = Vec::new();
    for round in 0..rounds {
        rig.clock.advance_ms(1000);
        let (host, events) = some(random, START_MS + 1000 * round as i64);
        log.tell(host, &events, None).unwrap();
        all.extend(events.into_iter().map(|event| (host.to_owned(), event)));
        if random.below(4) == 0 {
            log.tick().unwrap();
        }
    }
    all
}

fn question(random: &mut Random) -> EventQuery {
    let mut query = EventQuery::newest(1 + random.below(60) as usize);
    let yes = |random: &mut Random| random.below(2) == 0;
    if yes(random) {
        query.host =
            Some([HOSTS[random.below(4) as usize], "nobody"][usize::from(random.below(9) == 0)].into());
    }
    if yes(random) {
        query.level_min = Level::ALL[random.below(5) as usize];
    }
    if yes(random) {
        query.kind = Some(EventKind::NOTE);
    }
    if yes(random) {
        query.source = Some("kernel".into());
    }
    if yes(random) {
        query.text = ["EVENT 1", "of many", "m3", "nothing"][random.below(4) as usize].into();
    }
    if yes(random) {
        let start_ms = START_MS + random.below(200_000) as i64 - 50_000;
        query.range = TimeRange::new(start_ms, start_ms + random.below(100_000) as i64);
    }
    if random.below(4) == 0 {
        query.after = Some(random.below(400));
    }
    query
}

#[test]
fn any_question_is_answered_like_from_a_list() {
    let (rig, mut random) = (Rig::new(), Random::from_seed(7));
    let mut log = rig.open(Sync::Tick);
    let all = fill(&log, &rig, &mut random, 200);
    assert!(log.stats().segments > 5, "{:?}", log.stats());
    for reopened in [false, true] {
        if reopened {
            log = rig.kill_and_open(log, Sync::Tick);
        }
        assert_eq!(everything(&log).len(), all.len());
        for _ in 0..300 {
            let query = question(&mut random);
            let page = log.events(&query).unwrap();
            let unlimited = answer(&all, &EventQuery { limit: 9999, ..query.clone() });
            assert_eq!(page.more, unlimited.len() > query.limit, "{query:?}");
            assert_eq!(page.last_number + 1, all.len() as u64);
            assert_eq!(plain(page), answer(&all, &query), "{query:?}");
        }
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let (rig, mut random) = (Rig::new(), Random::from_seed(8));
    let log = rig.open(Sync::Tick);
    let all = fill(&log, &rig, &mut random, 100);
    let mut query = EventQuery { host: Some("a".into()), ..EventQuery::newest(7) };
    let mut seen = Vec::new();
    loop {
        let page = log.events(&query).unwrap();
        query.before = page.events.last().map(|told| told.place);
        let more = page.more;
        seen.extend(plain(page));
        if !more {
            break;
        }
    }
    let wanted = answer(&all, &EventQuery { host: Some("a".into()), ..EventQuery::newest(9999) });
    assert_eq!(seen, wanted);
}

#[test]
fn a_host_among_many_is_found_by_reading_little() {
    let rig = Rig::new();
    let mut options = rig.options(Sync::Tick);
    options.segment_bytes = 4 << 20;
    let log = EventLog::open(options.clone()).unwrap();
    for n in 0..30_000 {
        let event =
            Event::log(START_MS + n, Level::Info, "agent", format!("line {n} of a log that says much"));
        log.tell(&format!("host{:03}", n % 300), &[event], None).unwrap();
    }
    rig.clock.advance_ms(3_600_000);
    log.tick().unwrap();
    assert_eq!(log.stats().segments, 1);
    let before = rig.disk.calls(stdx::disk::Call::Read);
    let query = EventQuery { host: Some("host123".into()), ..EventQuery::newest(1000) };
    assert_eq!(log.events(&query).unwrap().events.len(), 100);
    let reads = rig.disk.calls(stdx::disk::Call::Read) - before;
    assert!(reads <= 2, "{reads} reads");
    let stats = log.stats();
    assert!(stats.disk_bytes < 600_000, "packed: {stats:?}");
}

#[test]
fn a_place_that_was_written_is_not_written_again_even_after_a_restart() {
    let rig = Rig::new();
    let mut log = rig.open(Sync::Tick);
    let event = |n: u64| Event::log(START_MS, Level::Info, "agent", format!("e{n}"));
    let tell = |log: &EventLog, stream, frame| log.tell("a", &[event(frame)], Some(Origin { stream, frame }));
    for restart in 0..3 {
        for frame in [1, 4, 2, 9] {
            tell(&log, 5, frame).unwrap();
        }
        assert_eq!(everything(&log).len(), 3, "2 is before 4");
        if restart == 1 {
            rig.clock.advance_ms(3_600_000);
            log.tick().unwrap();
            assert_eq!(log.stats().segments, 1);
        }
        log = rig.kill_and_open(log, Sync::Tick);
    }
    tell(&log, 6, 1).unwrap();
    assert_eq!(everything(&log).len(), 4);
}

#[test]
fn what_is_old_or_too_much_is_forgotten_oldest_first() {
    let (rig, mut random) = (Rig::new(), Random::from_seed(9));
    let mut options = rig.options(Sync::Tick);
    options.retention = Duration::from_secs(3600);
    options.retention_bytes = 4000;
    let log = EventLog::open(options).unwrap();
    let all = fill(&log, &rig, &mut random, 300);
    log.tick().unwrap();
    let (left, stats) = (everything(&log), log.stats());
    assert!(stats.disk_bytes <= 4000 + 2000 && left.len() < all.len() && left.len() > 10, "{stats:?}");
    rig.clock.advance_ms(2 * 3_600_000);
    log.tick().unwrap();
    rig.clock.advance_ms(2 * 3_600_000);
    log.tick().unwrap();
    assert_eq!((everything(&log).len(), log.stats().segments), (0, 0));
    assert!(rig.disk.files().iter().all(|path| !path.to_string_lossy().ends_with(".seg")));
}

#[test]
fn many_threads_write_together() {
    let rig = Rig::new();
    let log = Arc::new(rig.open(Sync::Always));
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let log = log.clone();
            std::thread::spawn(move || {
                for n in 0..50 {
                    let event = Event::log(START_MS, Level::Info, "agent", format!("{thread} {n}"));
                    log.tell("a", &[event], Some(Origin { stream: thread, frame: n })).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let said = everything(&log);
    assert_eq!(said.len(), 400);
    for thread in 0..8 {
        let mine = said.iter().filter(|(_, e)| e.text.starts_with(&format!("{thread} ")));
        let numbers: Vec<usize> = mine.map(|(_, e)| e.text[2..].parse().unwrap()).collect();
        assert_eq!(numbers, (0..50).rev().collect::<Vec<_>>(), "in order");
    }
    log.close().unwrap();
    assert!(log.tell("a", &[Event::log(0, Level::Info, "x", "")], None).is_err());
}
