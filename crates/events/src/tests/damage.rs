//! Bits that flip and files that are cut cost what is in them, never the opening.

use super::rig::{Rig, START_MS, everything, some};
use crate::{EventLog, Sync};
use model::{Event, EventSink};
use std::path::Path;
use stdx::random::Random;

fn filled(rig: &Rig, rounds: i64) -> Vec<(String, Event)> {
    let log = rig.open(Sync::Always);
    let (mut random, mut all) = (Random::from_seed(3), Vec::new());
    for round in 0..rounds {
        let (host, events) = some(&mut random, START_MS + round);
        log.tell(host, &events, None).unwrap();
        all.extend(events.into_iter().map(|event| (host.to_owned(), event)));
        log.tick().unwrap();
    }
    rig.disk.kill_process();
    all
}

fn seen_after(rounds: i64, which: &str, change: impl FnOnce(&mut Vec<u8>)) -> (usize, usize) {
    let rig = Rig::new();
    let all = filled(&rig, rounds);
    let files = rig.disk.files();
    let path = files.iter().find(|path| path.to_string_lossy().ends_with(which)).expect("such a file");
    rig.disk.damage(path, change);
    let log = EventLog::open(rig.options(Sync::Always)).unwrap();
    let seen = everything(&log);
    assert!(seen.iter().all(|told| all.contains(told)), "nothing is made up");
    // It goes on, and can be opened again.
    log.tell("new", &[Event::log(START_MS, model::Level::Info, "agent", "goes on")], None).unwrap();
    let log = rig.kill_and_open(log, Sync::Always);
    assert_eq!(everything(&log).len(), seen.len() + 1);
    (seen.len(), all.len())
}

#[test]
fn a_torn_tail_costs_the_record_that_was_torn() {
    for cut in 1..60 {
        let (seen, all) = seen_after(8, ".log", |bytes| bytes.truncate(bytes.len() - cut));
        assert!(seen < all && seen + 8 >= all, "cut {cut}: {seen} of {all}");
    }
    let (seen, _) = seen_after(8, ".log", Vec::clear);
    assert_eq!(seen, 0);
}

#[test]
fn any_bit_of_any_file_may_flip() {
    for which in [".log", ".seg"] {
        for at in 0..400 {
            seen_after(60, which, |bytes| {
                let at = at * bytes.len() / 400;
                bytes[at] ^= 1 << (at % 8);
            });
        }
    }
}

#[test]
fn an_index_that_is_gone_is_made_anew() {
    let whole = seen_after(60, ".seg", |_| {});
    assert_eq!(whole.0, whole.1);
    let without = seen_after(60, ".seg", |bytes| bytes.truncate(bytes.len() - 20));
    assert_eq!(without, whole);
}

#[test]
fn a_later_version_is_refused_and_not_mangled() {
    let rig = Rig::new();
    filled(&rig, 3);
    let log = Path::new("/events/0000000000000000.log");
    rig.disk.damage(log, |bytes| bytes[..9].copy_from_slice(&crate::file::head_of(2)));
    assert!(EventLog::open(rig.options(Sync::Always)).is_err());
    assert!(rig.disk.files().iter().any(|path| path == log));
}
