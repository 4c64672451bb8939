//! The door with bytes alone: cut anywhere, and with a sink that has no room.

use crate::doors::Place;
use crate::graphite::Graphite;
use crate::intake::Intake;
use crate::service::{Next, Service};
use crate::telemetry::Taken;
use crate::tests::{Recorder, place};
use crate::text::Text;
use model::PushError;
use std::sync::Arc;
use stdx::clock::ManualClock;

static TAKEN: Taken = Taken::new(&[]);
const NOW_MS: i64 = 1_700_000_000_000;

fn door() -> (Text<Graphite>, Arc<Recorder>) {
    let sink = Arc::new(Recorder::default());
    let place: Place = place(sink.clone(), Arc::new(ManualClock::at(NOW_MS)));
    (Text::new(Graphite::new(), Intake::new(place, &TAKEN)), sink)
}

#[test]
fn lines_are_handed_on_after_a_moment() {
    let (mut door, sink) = door();
    let peer = "127.0.0.1:9".parse().ok();
    let (mut session, mut out) = (door.open(peer, &mut Vec::new()), Vec::new());
    assert_eq!(door.input(&mut session, b"a.b 1 5\nbroken\na.b 2", &mut out), Next::Partial);
    assert_eq!(door.tick(NOW_MS), Some(NOW_MS + 100));
    assert!(sink.take().is_empty());
    assert_eq!(door.input(&mut session, b" 6\na.b 3 7", &mut out), Next::Partial);
    door.close(session);
    door.datagram(b"c 1 1\nc 2 2", peer);
    assert_eq!(door.tick(NOW_MS + 100), None);
    let rows = ["5000 unknown a.b 1", "6000 unknown a.b 2", "1000 unknown c 1", "2000 unknown c 2"];
    assert_eq!(sink.take(), rows);
    assert!(out.is_empty());
    assert_eq!(
        door.told().problem,
        "1 refused, the first from 127.0.0.1: line 2: expected `path value time`, there is no value"
    );
    door.tick(NOW_MS + 60_100);
    assert_eq!(
        door.told().problem,
        "1 refused, the first from 127.0.0.1: a last line of 7 bytes without an end"
    );
    door.tick(NOW_MS + 120_100);
    assert_eq!(door.told().problem, "");
}

#[test]
fn half_lines_have_a_limit_together() {
    let (mut door, _) = door();
    let (half, mut out) = (vec![b'x'; 60_000], Vec::new());
    let mut sessions = Vec::new();
    let refused = (0..2000).find(|_| {
        let mut session = door.open(None, &mut out);
        let next = door.input(&mut session, &half, &mut out);
        sessions.push(session);
        next == Next::Close
    });
    let refused = refused.expect("the limit");
    assert!((900..1200).contains(&refused), "{refused}");
    sessions.into_iter().for_each(|session| door.close(session));
    let mut session = door.open(None, &mut out);
    assert_eq!(door.input(&mut session, &half, &mut out), Next::Partial);
}

#[test]
fn without_room_nothing_is_taken_and_nothing_is_lost() {
    let (mut door, sink) = door();
    sink.answer(Some(PushError::Busy("the disk is full".to_owned())));
    let mut session = door.open(None, &mut Vec::new());
    let lines = "a 1 1\n".repeat(8192);
    door.input(&mut session, lines.as_bytes(), &mut Vec::new());
    assert!(door.is_full());
    door.tick(NOW_MS + 100);
    assert!(door.is_full());
    assert_eq!(door.told().problem, "not all is taken now: the disk is full");
    sink.answer(None);
    door.tick(NOW_MS + 200);
    assert!(!door.is_full());
    assert_eq!((sink.take().len(), door.told().problem.as_str()), (8192, ""));
}
