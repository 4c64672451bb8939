use super::rig::{Rig, START_MS, everything};
use crate::{PROFILES_PER_HOST_MAX, Sync};
use model::{Event, EventKind, EventSink, EventSource, Level};
use stdx::disk::Call;

fn profile(time_ms: i64) -> Event {
    Event {
        kind: EventKind::PROFILE,
        ..Event::log(time_ms, Level::Info, "agent", format!("packed {time_ms}"))
    }
}

#[test]
fn the_newest_of_each_host_are_kept_apart_from_the_log() {
    let rig = Rig::new();
    let log = rig.open(Sync::Tick);
    for n in 0..PROFILES_PER_HOST_MAX as i64 + 10 {
        log.tell("a/b", &[profile(START_MS + n)], None).unwrap();
        log.tell("a/b", &[profile(START_MS + n)], None).unwrap();
    }
    let line = Event::log(START_MS, Level::Info, "agent", "a line");
    log.tell("a_b", &[profile(START_MS), line.clone()], None).unwrap();
    log.tick().unwrap();
    let log = rig.kill_and_open(log, Sync::Tick);
    assert_eq!(everything(&log), [("a_b".to_owned(), line)]);
    let kept = log.profiles("a/b").unwrap();
    assert_eq!(kept.len(), PROFILES_PER_HOST_MAX);
    assert_eq!((kept[0].clone(), kept.is_sorted_by_key(|e| -e.time_ms)), (profile(START_MS + 57), true));
    assert_eq!((log.profiles("a_b").unwrap().len(), log.profiles("c").unwrap().len()), (1, 0));
}

#[test]
fn a_host_that_is_silent_for_long_is_forgotten() {
    let rig = Rig::new();
    let log = rig.open(Sync::Tick);
    log.tell("a", &[profile(START_MS)], None).unwrap();
    log.tick().unwrap();
    rig.clock.advance_ms(40 * 24 * 3_600_000);
    log.tell("b", &[profile(START_MS + 40 * 24 * 3_600_000)], None).unwrap();
    log.tick().unwrap();
    assert_eq!((log.profiles("a").unwrap().len(), log.profiles("b").unwrap().len()), (0, 1));
}

#[test]
fn a_disk_that_refuses_is_told_and_costs_no_other_profile() {
    let rig = Rig::new();
    let log = rig.open(Sync::Tick);
    log.tell("a", &[profile(1)], None).unwrap();
    for nth in 1..9 {
        rig.disk.fail(Call::Write, nth, std::io::ErrorKind::StorageFull);
        log.tell("a", &[profile(2)], None).unwrap();
        rig.disk.heal();
        assert!(log.profiles("a").unwrap().contains(&profile(1)), "{nth}");
    }
    rig.disk.damage(
        &rig.disk.files().into_iter().find(|p| p.to_string_lossy().contains("profiles")).unwrap(),
        |b| {
            let middle = b.len() / 2;
            b[middle] ^= 1;
        },
    );
    assert!(log.profiles("a").unwrap().len() <= 1);
}
