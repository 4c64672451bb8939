//! The network and the server misbehave; the disk is fine.

use super::world::{FOLDER, Mishap, World};
use crate::sender::Step;
use ingest::native::{Limits, Sessions};
use proptest::prelude::*;
use std::time::Duration;

#[test]
fn what_is_pushed_arrives_once_and_leaves_the_disk() {
    let mut world = World::new(1);
    for _ in 0..200 {
        world.push(0, 10);
        world.push(1, 3);
        world.drain();
    }
    assert_eq!(world.assert_complete(), 1);
    assert!(world.segments().len() <= 1, "only the active segment stays");
    let stats = world.stats();
    assert_eq!((stats.queue_bytes, stats.queue_age_ms, stats.dropped_bytes), (0, 0, 0));
}

#[test]
fn a_minute_without_a_server_loses_and_doubles_nothing() {
    let mut world = World::new(1);
    world.server().always = Some(Mishap::Away);
    for _ in 0..60 {
        world.push(0, 20);
        assert!(matches!(world.step(), Step::Wait(_)));
    }
    let stats = world.stats();
    assert!(stats.queue_bytes > 2000 && stats.queue_age_ms == 59_000, "{stats:?}");
    world.server().always = None;
    world.drain();
    assert_eq!(world.assert_complete(), 1);
    assert_eq!(world.stats().queue_bytes, 0);
}

#[test]
fn a_server_that_forgets_the_stream_gets_the_segment_again() {
    let mut world = World::new(1);
    for _ in 0..5 {
        world.push(0, 10);
        world.drain();
    }
    world.restart_server();
    world.push(0, 10);
    world.drain();
    assert_eq!(world.assert_complete(), 2, "the store sees repeats, and ignores them");
}

#[test]
fn an_agent_that_restarts_asks_how_far_the_server_is_and_repeats_nothing() {
    let mut world = World::new(1);
    for _ in 0..5 {
        world.push(0, 10);
    }
    world.drain();
    world.restart_agent();
    assert_eq!(world.segments().len(), 1);
    let before = world.server().bytes;
    world.drain();
    assert_eq!(world.segments().len(), 0, "the server had all of it");
    assert!(world.server().bytes - before < 50, "asking takes a header");
    world.push(0, 10);
    world.drain();
    assert_eq!(world.assert_complete(), 1);
    let ids = world.disk.files(FOLDER).into_iter().filter(|(p, _)| p.ends_with("agent-id")).count();
    assert_eq!(ids, 1);
}

#[test]
fn a_body_that_is_taken_in_part_goes_on_from_there() {
    let mut world = World::new(1);
    let limits = Limits { request_samples_max: 20, ..Limits::default() };
    world.server().sessions = Sessions::new(limits);
    world.body_bytes_max = 100_000;
    world.restart_agent();
    (0..10).for_each(|_| world.push(0, 10));
    world.drain();
    assert_eq!((world.assert_complete(), world.server().bodies), (1, 5));
}

#[test]
fn refusals_of_content_go_to_the_quarantine_and_the_queue_goes_on() {
    for status in [400, 415, 422] {
        let mut world = World::new(1);
        world.push(0, 10);
        world.server().mishaps.push_back(Mishap::Status(status));
        world.drain();
        world.push(0, 10);
        world.drain();
        assert_eq!(world.missing().0, 10, "{status}");
        let files = world.disk.files("/spool/quarantine");
        let [(_, answer), (segment, _)] = &files[..] else { panic!("{files:?}") };
        assert_eq!(String::from_utf8_lossy(answer), format!("the server answered {status}: {{}}\n"));
        assert!(segment.extension().is_some_and(|e| e == "whs"));
        assert!(world.stats().dropped_bytes > 0);
    }
}

#[test]
fn the_quarantine_is_bounded() {
    let mut world = World::new(1);
    world.options.quarantine_bytes_max = 2000;
    world.restart_agent();
    world.server().always = Some(Mishap::Status(400));
    for _ in 0..50 {
        world.push(0, 10);
        world.drain();
    }
    let files = world.disk.files("/spool/quarantine");
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes <= 2000 && files.len() > 1, "{bytes} bytes in {} files", files.len());
}

#[test]
fn a_wrong_token_costs_nothing() {
    for status in [401, 403, 404] {
        let mut world = World::new(1);
        world.server().always = Some(Mishap::Status(status));
        for _ in 0..5 {
            world.push(0, 10);
            match world.step() {
                Step::Wait(wait) => assert!(wait >= Duration::from_secs(10)),
                other => panic!("{other:?}"),
            }
        }
        world.server().always = None;
        world.drain();
        assert_eq!(world.assert_complete(), 1);
    }
}

#[test]
fn what_passes_is_waited_for() {
    for status in [408, 429, 500, 502, 503] {
        let mut world = World::new(1);
        world.push(0, 10);
        world.server().mishaps.extend(vec![Mishap::Status(status); 3]);
        world.drain();
        assert_eq!((world.assert_complete(), world.server().bodies), (1, 4), "{status}");
    }
}

#[test]
fn bodies_that_are_too_large_are_split_down_to_a_frame() {
    let mut world = World::new(1);
    world.body_bytes_max = 100_000;
    world.restart_agent();
    world.server().body_bytes_max = 400;
    for _ in 0..20 {
        world.push(0, 10);
    }
    world.drain();
    assert_eq!(world.assert_complete(), 1);
    world.server().body_bytes_max = 100;
    world.push(1, 100);
    world.drain();
    assert!(world.missing().0 >= 100, "a single frame that is too large goes to the quarantine");
}

#[test]
fn the_next_server_is_tried_at_once_and_the_first_again_later() {
    let mut world = World::new(3);
    world.server().always = Some(Mishap::Away);
    world.net.0[1].lock().unwrap().always = Some(Mishap::Status(503));
    let bodies = |world: &World, n: usize| world.net.0[n].lock().unwrap().bodies;
    world.push(0, 5);
    assert_eq!(
        [world.step(), world.step(), world.step(), world.step()],
        [Step::Done, Step::Done, Step::Done, Step::Idle]
    );
    assert_eq!([bodies(&world, 0), bodies(&world, 1), bodies(&world, 2)], [1, 1, 1]);
    world.server().always = None;
    world.push(0, 5);
    world.drain();
    assert_eq!(bodies(&world, 0), 1, "it stays where it works");
    world.now_ms += 60_000;
    world.push(0, 5);
    world.drain();
    assert!(bodies(&world, 0) > 1);
    world.assert_complete();
}

#[test]
fn bytes_that_change_on_the_way_are_sent_again() {
    let mut world = World::new(1);
    for bit in 0..190 {
        world.push(0, 4);
        // Past the magic and the version: without them it may be anything, and is refused.
        world.server().mishaps.push_back(Mishap::BitFlipped(5 * 8 + bit * 3));
        world.drain();
    }
    assert_eq!((world.missing().0, world.stats().dropped_bytes), (0, 0));
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Event {
    Push(usize, usize),
    Step(usize),
    Away(bool),
    Mishap(Mishap),
    ServerRestarts,
    AgentRestarts,
    Pass(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let mishap = prop_oneof![
        Just(Mishap::Away),
        Just(Mishap::AnswerLost),
        Just(Mishap::Halved),
        prop::sample::select(vec![408, 429, 500, 503, 401]).prop_map(Mishap::Status),
    ];
    prop_oneof![
        6 => (0..2usize, 1..12usize).prop_map(|(producer, series)| Event::Push(producer, series)),
        4 => (1..6usize).prop_map(Event::Step),
        1 => any::<bool>().prop_map(Event::Away),
        2 => mishap.prop_map(Event::Mishap),
        1 => Just(Event::ServerRestarts),
        1 => Just(Event::AgentRestarts),
        1 => (0..100_000i64).prop_map(Event::Pass),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_every_sample_arrives(events in prop::collection::vec(event(), 1..80)) {
        let mut world = World::new(1);
        let mut forgot = false;
        for event in events {
            match event {
                Event::Push(producer, series) => world.push(producer, series),
                Event::Step(steps) => (0..steps).for_each(|_| _ = world.step()),
                Event::Away(away) => world.server().always = away.then_some(Mishap::Away),
                Event::Mishap(mishap) => world.server().mishaps.push_back(mishap),
                Event::ServerRestarts => {
                    world.restart_server();
                    forgot = true;
                }
                Event::AgentRestarts => world.restart_agent(),
                Event::Pass(ms) => world.now_ms += ms,
            }
        }
        world.server().always = None;
        world.drain();
        let most = world.assert_complete();
        prop_assert!(forgot || most <= 1, "a sample came {most} times though the server forgot nothing");
        prop_assert_eq!(world.stats().dropped_bytes, 0);
        prop_assert!(world.disk.files("/spool/quarantine").is_empty());
    }
}
