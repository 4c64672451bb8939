//! Every call to the disk fails in turn. What was acknowledged stays, through death and power cuts.

use super::rig::{Rig, everything, some};
use crate::{EventLog, Sync};
use model::{Event, EventSink};
use std::io::ErrorKind;
use stdx::clock::Clock;
use stdx::disk::Call;
use stdx::random::Random;

/// A failed opening must work the second time.
fn open(rig: &Rig) -> EventLog {
    EventLog::open(rig.options(Sync::Always)).or_else(|_| EventLog::open(rig.options(Sync::Always))).unwrap()
}

fn texts(mut told: Vec<(String, Event)>) -> Vec<String> {
    told.sort_by(|a, b| (&a.0, &a.1.text).cmp(&(&b.0, &b.1.text)));
    told.into_iter().map(|(host, event)| format!("{host} {}", event.text)).collect()
}

/// Rounds of events with seals and restarts, in which the `nth` call of a kind fails. False when there are not so many.
fn run(call: Call, nth: u64, power: bool) -> bool {
    let what = format!("{call:?} {nth} power {power}");
    let (rig, mut random) = (Rig::new(), Random::from_seed(nth));
    let mut all = Vec::new();
    rig.disk.fail(call, nth, ErrorKind::StorageFull);
    let mut log = open(&rig);
    for round in 0..60 {
        rig.clock.advance_ms(20_000);
        let (host, mut events) = some(&mut random, rig.clock.now_ms());
        events.iter_mut().enumerate().for_each(|(n, event)| event.text = format!("{round} {n}"));
        let mut tries = 0;
        while let Err(error) = log.tell(host, &events, None) {
            tries += 1;
            assert!(tries < 3, "{what}: {error}");
        }
        all.extend(events.into_iter().map(|event| (host.to_owned(), event)));
        let _ = log.tick();
        if round % 17 == 16 {
            match power {
                true => rig.disk.lose_power(&mut random),
                false => rig.disk.kill_process(),
            }
            drop(log);
            log = open(&rig);
        }
    }
    let hit = rig.disk.heal() == 0;
    assert_eq!(texts(everything(&log)), texts(all.clone()), "{what}");
    log.tick().unwrap();
    let log = rig.kill_and_open(log, Sync::Always);
    assert_eq!(texts(everything(&log)), texts(all), "{what}: opened again");
    hit
}

#[test]
fn nothing_acknowledged_is_lost_whatever_fails() {
    for call in Call::ALL {
        for power in [false, true] {
            let mut nth = 1;
            while run(call, nth, power) {
                nth += 1;
            }
            assert!(nth > 1 || call == Call::Truncate, "{call:?} is never called");
        }
    }
}

#[test]
fn a_full_disk_is_told_and_healed() {
    let rig = Rig::new();
    let log = rig.open(Sync::Always);
    let event = |n: i64| Event::log(n, model::Level::Info, "agent", "x".repeat(100));
    log.tell("a", &[event(1)], None).unwrap();
    rig.disk.set_capacity_bytes(Some(150));
    assert!(log.tell("a", &[event(2)], None).is_err());
    assert!(log.tell("a", &[event(3)], None).is_err());
    assert_eq!(everything(&log).len(), 1);
    rig.disk.set_capacity_bytes(None);
    log.tell("a", &[event(4)], None).unwrap();
    let log = rig.kill_and_open(log, Sync::Always);
    let times: Vec<i64> = everything(&log).iter().map(|(_, e)| e.time_ms).collect();
    assert_eq!(times, [4, 1]);
}
