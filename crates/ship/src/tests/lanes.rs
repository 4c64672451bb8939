//! What is fresh goes before what waits since an outage.

use super::world::{Mishap, World};
use crate::sender::Step;
use std::time::Duration;

/// A world whose server was away for `ticks` pushes of about 1 kB, with backlog paid for at `pace` bytes a second.
fn back_after(ticks: usize, pace: u64) -> World {
    let mut world = World::new(1);
    world.options.segment_bytes_max = 100_000;
    world.body_bytes_max = 4000;
    world.backlog_bytes_per_second = pace;
    world.restart_agent();
    world.server().always = Some(Mishap::Away);
    for _ in 0..ticks {
        world.push(0, 200);
        assert!(matches!(world.step(), Step::Wait(_)));
    }
    world.server().always = None;
    world
}

#[test]
fn after_an_outage_the_newest_goes_first_and_the_backlog_behind_it() {
    let mut world = back_after(150, 0);
    assert_eq!(world.step(), Step::Done);
    for _ in 0..5 {
        world.push(0, 200);
        let newest_ms = world.now_ms;
        assert_eq!(world.step(), Step::Done);
        assert_eq!(world.newest_ms(), newest_ms, "the newest is there after one request");
        assert_eq!(world.step(), Step::Done);
    }
    assert!(world.stats().backlog_bytes > 64_000, "{:?}", world.stats());
    world.drain();
    assert_eq!(world.assert_complete(), 1);
    assert_eq!((world.stats().backlog_bytes, world.stats().queue_bytes), (0, 0));
    assert!(world.segments().len() <= 1);
}

#[test]
fn both_lanes_keep_their_streams_though_they_take_turns() {
    let mut world = back_after(150, 0);
    let before = world.server().bodies;
    while world.stats().queue_bytes > 0 {
        world.push(0, 200);
        (0..3).for_each(|_| _ = world.step());
    }
    assert_eq!(world.assert_complete(), 1, "nothing had to be sent twice");
    assert!(world.server().bodies - before > 50);
}

#[test]
fn a_backlog_is_paid_for_with_time_and_what_is_fresh_is_not() {
    let mut world = back_after(150, 2000);
    let (mut pauses, mut paused) = (0, Duration::ZERO);
    let waiting = world.stats().queue_bytes;
    // What is sent while it is not known that there was an outage does not count.
    world.step();
    while world.stats().backlog_bytes > 0 {
        match world.step() {
            Step::Pause(pause) => {
                pauses += 1;
                paused += pause;
                let before = world.server().bodies;
                world.push(1, 3);
                assert_eq!((world.step(), world.server().bodies), (Step::Done, before + 1), "not in a pause");
                world.now_ms += pause.as_millis() as i64;
            }
            other => assert_eq!(other, Step::Done),
        }
    }
    let fast = Duration::from_secs(waiting / 2000 * 8 / 10);
    assert!(pauses > 20 && paused > fast / 2, "{pauses} pauses, {paused:?} for {waiting} bytes");
    world.drain();
    assert_eq!(world.assert_complete(), 1);
}

#[test]
fn a_little_that_waits_is_no_backlog() {
    let mut world = back_after(10, 1);
    world.step();
    assert_eq!(world.stats().backlog_bytes, 0);
    world.drain();
    assert_eq!(world.assert_complete(), 1);
}

#[test]
fn segments_of_an_earlier_run_are_backlog() {
    let mut world = back_after(20, 0);
    world.restart_agent();
    world.push(0, 200);
    let newest_ms = world.now_ms;
    assert_eq!(world.step(), Step::Done);
    assert_eq!(world.newest_ms(), newest_ms);
    world.drain();
    assert_eq!(world.assert_complete(), 1);
}

#[test]
fn a_link_that_is_too_slow_carries_the_newest_first_too() {
    let mut world = World::new(1);
    world.options.segment_bytes_max = 100_000;
    world.body_bytes_max = 4000;
    world.restart_agent();
    // Ten pushes come while one request goes.
    for _ in 0..45 {
        (0..10).for_each(|_| world.push(0, 200));
        assert_eq!(world.step(), Step::Done);
    }
    assert!(
        world.now_ms - world.newest_ms() < 150_000,
        "{} s behind",
        (world.now_ms - world.newest_ms()) / 1000
    );
    world.drain();
    // A server remembers few streams of an agent; those it forgot are sent again, and the store ignores repeats.
    assert!(world.assert_complete() <= 2);
}

#[test]
fn a_backlog_is_packed_and_goes_as_it_is_where_that_is_not_understood() {
    let bytes = |refuses_gzip: bool| {
        let mut world = back_after(150, 0);
        world.body_bytes_max = 16_000;
        world.restart_agent();
        world.server().refuses_gzip = refuses_gzip;
        world.server().bytes = 0;
        world.drain();
        world.assert_complete();
        assert!(world.disk.files("/spool/quarantine").is_empty());
        world.net.0[0].lock().unwrap().bytes
    };
    let (packed, plain) = (bytes(false), bytes(true));
    assert!(packed < plain * 9 / 10, "{packed} bytes packed, {plain} as they are");
}
