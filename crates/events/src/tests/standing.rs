use super::rig::{Rig, START_MS, everything};
use crate::Sync;
use model::{EventSink, EventSource, Level, Stand};

fn part<'a>(name: &'a str, problem: &'a str) -> Stand<'a> {
    Stand { part: "collector", name, last_ms: Some(START_MS), took_us: 40, samples: 7, problem }
}

#[test]
fn problems_that_come_and_go_are_events_and_the_newest_statement_counts() {
    let rig = Rig::new();
    let log = rig.open(Sync::Tick);
    let at = |minute: i64| START_MS + 60_000 * minute;
    log.stand("a", at(0), &[part("cpu", ""), part("smart", "not allowed")]).unwrap();
    log.stand("a", at(1), &[part("cpu", ""), part("smart", "not allowed")]).unwrap();
    log.stand("a", at(3), &[part("cpu", "gone"), part("smart", "")]).unwrap();
    log.stand("a", at(3), &[part("cpu", "gone3.5"), part("smart", "")]).unwrap();
    log.stand("a", at(3), &[part("cpu", "gone4"), part("smart", "")]).unwrap();
    log.stand("a", at(3), &[part("cpu", "gone"), part("smart", "")]).unwrap();
    log.stand("a", at(2), &[part("cpu", "late and ignored")]).unwrap();
    let said: Vec<_> = everything(&log)
        .into_iter()
        .rev()
        .map(|(_, e)| (e.level, e.source, e.text, e.fields[0].1.clone()))
        .collect();
    let line =
        |level, text: &str, name: &str| (level, "collector".to_owned(), text.to_owned(), name.to_owned());
    assert_eq!(
        said,
        [
            line(Level::Warn, "not allowed", "smart"),
            line(Level::Warn, "gone", "cpu"),
            line(Level::Info, "smart works again", "smart")
        ]
    );
    let host = log.standings(Some("a")).remove(0);
    assert_eq!((host.time_ms, host.parts.len()), (at(3), 2));
    assert_eq!((host.parts[0].problem.as_str(), host.parts[0].since_ms), ("gone", at(3)));
    log.stand("a", at(9), &[part("cpu", "gone")]).unwrap();
    let host = log.standings(Some("a")).remove(0);
    assert_eq!((host.parts.len(), host.parts[0].since_ms), (1, at(3)), "what is not named is gone");
    assert!(log.standings(Some("b")).is_empty());
    assert_eq!(log.problems().into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1)]);
    log.stand("a", at(10), &[part("cpu", "")]).unwrap();
    assert!(log.problems().is_empty());
}

#[test]
fn standings_survive_a_restart_and_are_forgotten_with_their_host() {
    let rig = Rig::new();
    let log = rig.open(Sync::Tick);
    for host in ["a", "b"] {
        log.stand(host, START_MS, &[part("cpu", ""), part("x", "broken")]).unwrap();
    }
    let before = log.standings(None);
    assert_eq!(before.len(), 2);
    log.close().unwrap();
    let log = rig.kill_and_open(log, Sync::Tick);
    assert_eq!(log.standings(None), before);
    rig.clock.advance_ms(31 * 24 * 3_600_000);
    log.tick().unwrap();
    assert!(log.standings(None).is_empty());
    rig.disk
        .damage(std::path::Path::new("/events/standings"), |bytes| bytes.iter_mut().for_each(|b| *b ^= 0x55));
    let log = rig.kill_and_open(log, Sync::Tick);
    assert!(log.standings(None).is_empty());
}
