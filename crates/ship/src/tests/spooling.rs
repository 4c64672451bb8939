//! The disk misbehaves.

use super::world::{FOLDER, Mishap, World};
use crate::sender::Step;
use proptest::prelude::*;
use std::io::ErrorKind;
use std::path::Path;

/// A world that pushed `ticks` times while the server was away.
fn backlog(ticks: usize) -> World {
    let mut world = World::new(1);
    world.server().always = Some(Mishap::Away);
    (0..ticks).for_each(|_| world.push(0, 10));
    world.server().always = None;
    world
}

/// The same by an agent of before there were second copies.
fn old_backlog(ticks: usize) -> World {
    let world = backlog(ticks);
    world.mirrors().iter().for_each(|(path, _)| world.disk.remove(path));
    world
}

#[test]
fn a_segment_file_is_a_request_body() {
    let world = backlog(5);
    let (_, bytes) = &world.segments()[0];
    let mut report = model::Report::default();
    let mut rows = 0;
    wire::protocols::native::decode_body(bytes, &mut report, &mut |batch| rows += batch.len()).unwrap();
    assert_eq!(rows, 50);
}

#[test]
fn events_lie_among_the_samples_in_the_order_in_which_they_came() {
    use wire::protocols::native::{Header, events, frame};
    let mut world = backlog(1);
    world.tell("one");
    world.push(0, 10);
    world.tell("two");
    let (_, bytes) = &world.segments()[0];
    let (_, mut rest) = Header::decode(bytes).unwrap();
    let mut order = Vec::new();
    while !rest.is_empty() {
        let payload = frame::take(&mut rest).unwrap();
        match events::decode(payload) {
            Some(Ok(events::Said::Events { events, .. })) => order.push(events[0].text.clone()),
            None if payload[0] == 3 => order.push("samples".to_owned()),
            _ => {}
        }
    }
    assert_eq!(order, ["samples", "one", "samples", "two"]);
    world.drain();
    assert_eq!(world.assert_complete(), 1);
}

#[test]
fn every_push_reaches_the_medium_when_asked_to() {
    let mut world = World::new(1);
    let before = world.disk.syncs();
    world.push(0, 10);
    assert_eq!(world.disk.syncs(), before);
    world.options.sync = true;
    world.restart_agent();
    (0..5).for_each(|_| world.push(0, 10));
    assert!(world.disk.syncs() >= before + 5);
}

#[test]
fn a_full_disk_is_worked_around_in_memory_and_used_again_later() {
    let mut world = World::new(1);
    world.push(0, 10);
    world.disk.set_room(Some(5));
    for _ in 0..20 {
        world.push(0, 10);
    }
    let stats = world.stats();
    assert!(stats.memory_bytes > 0 && stats.disk_error.contains("no space left"), "{stats:?}");
    world.drain();
    assert_eq!(world.assert_complete(), 1);
    world.disk.set_room(None);
    world.now_ms += 60_000;
    world.push(0, 10);
    assert_eq!(world.stats().memory_bytes, 0);
    world.restart_agent();
    world.drain();
    assert_eq!(world.assert_complete(), 1);
}

#[test]
fn a_disk_that_is_full_from_the_start_is_worked_around() {
    let mut world = World::new(1);
    world.disk.set_room(Some(0));
    world.restart_agent();
    for _ in 0..100 {
        world.push(0, 10);
        world.drain();
    }
    assert_eq!(world.assert_complete(), 1);
}

#[test]
fn memory_is_bounded_when_disk_and_server_are_away() {
    let mut world = World::new(1);
    world.options.memory_bytes_max = 20_000;
    world.disk.set_room(Some(0));
    world.restart_agent();
    world.server().always = Some(Mishap::Away);
    for _ in 0..3000 {
        world.push(0, 10);
        assert!(world.stats().memory_bytes <= 20_000);
    }
    assert!(world.stats().dropped_bytes > 0);
    world.server().always = None;
    world.drain();
    let (missing, most) = world.missing();
    assert!(missing > 0 && missing < 30_000 && most == 1, "the newest are there: {missing}");
}

#[test]
fn the_oldest_is_dropped_and_counted_when_the_disk_cap_is_reached() {
    let mut world = World::new(1);
    world.options.disk_bytes_max = 10_000;
    world.restart_agent();
    world.server().always = Some(Mishap::Away);
    (0..500).for_each(|_| world.push(0, 10));
    let bytes: usize = world.segments().iter().map(|(_, b)| b.len()).sum();
    assert!(bytes <= 10_000, "{bytes}");
    let dropped = world.stats().dropped_bytes;
    assert!(dropped > 10_000, "{dropped}");
    world.server().always = None;
    world.drain();
    let (missing, most) = world.missing();
    assert!(missing > 0 && missing < 5000 && most == 1, "{missing}");
}

#[test]
fn a_torn_tail_costs_its_frame_only() {
    for cut in [1, 7, 8, 9, 60] {
        let mut world = old_backlog(10);
        let (path, bytes) = world.segments().remove(0);
        world.disk.change(&path, |file| file.truncate(bytes.len() - cut));
        world.restart_agent();
        world.drain();
        assert_eq!(world.missing(), (10, 1), "cut {cut}");
        world.push(0, 10);
        world.drain();
        assert_eq!(world.missing(), (10, 1));
    }
}

#[test]
fn a_tail_of_zeros_after_a_power_failure_costs_nothing_else() {
    let mut world = backlog(10);
    let (path, _) = world.segments().remove(0);
    world.disk.change(&path, |file| file.resize(file.len() + 4096, 0));
    world.restart_agent();
    world.drain();
    assert_eq!(world.missing(), (0, 1));
}

#[test]
fn a_file_cut_inside_its_header_or_empty_is_removed() {
    for len in [0, 1, 30] {
        let mut world = old_backlog(3);
        let (path, _) = world.segments().remove(0);
        world.disk.change(&path, |file| file.truncate(len));
        world.restart_agent();
        world.push(0, 10);
        world.drain();
        assert_eq!(world.missing(), (30, 1));
        assert!(world.segments().iter().all(|(p, _)| *p != path));
    }
}

#[test]
fn without_a_second_copy_a_damaged_frame_costs_the_rest_of_its_segment_and_no_other() {
    let mut world = old_backlog(100);
    let (path, bytes) = world.segments().remove(1);
    world.disk.change(&path, |file| file[bytes.len() / 2] ^= 4);
    world.restart_agent();
    world.drain();
    let (missing, most) = world.missing();
    assert!(missing > 0 && missing <= 200 && most == 1, "{missing}");
    assert!(world.stats().dropped_bytes > 500);
}

#[test]
fn damage_in_the_active_segment_ends_it_and_the_next_is_whole() {
    let mut world = World::new(1);
    world.options.segment_bytes_max = 1 << 20;
    world.options.segment_age_ms_max = i64::MAX;
    world.restart_agent();
    world.server().always = Some(Mishap::Away);
    // More than what is kept in memory besides the file, so that the file is read.
    (0..2000).for_each(|_| world.push(0, 10));
    let (path, _) = world.segments().remove(0);
    world.disk.change(&path, |file| file[20_000] ^= 4);
    let (path, _) = world.mirrors().remove(0);
    world.disk.change(&path, |file| file[20_000 + 4096] ^= 4);
    world.server().always = None;
    world.drain();
    let missing = world.missing().0;
    assert!(missing > 0 && missing < 20_000);
    (0..10).for_each(|_| world.push(0, 10));
    world.drain();
    assert_eq!(world.missing(), (missing, 1));
}

#[test]
fn files_that_vanish_or_cannot_be_read_cost_themselves() {
    let mut world = old_backlog(100);
    let segments = world.segments();
    world.disk.remove(&segments[1].0);
    world.restart_agent();
    world.disk.remove(&segments[2].0);
    world.disk.fail_reads(Some(ErrorKind::Other));
    assert!(matches!(world.step(), Step::Wait(_)), "a read that fails is tried again");
    world.disk.fail_reads(None);
    world.drain();
    let (missing, most) = world.missing();
    assert!(missing > 0 && missing <= 600 && most == 1, "{missing}");
    let mut world = backlog(100);
    world.restart_agent();
    world.disk.fail_reads(Some(ErrorKind::Other));
    world.drain();
    assert_eq!(world.missing().0, 1000);
    world.disk.fail_reads(None);
    world.push(0, 10);
    world.drain();
    assert_eq!(world.missing().0, 1000, "the queue goes on");
}

#[test]
fn foreign_files_are_left_alone() {
    let mut world = backlog(1);
    let foreign = Path::new(FOLDER).join("notes.txt");
    drop(stdx::disk::Disk::create(&world.disk, &foreign).unwrap());
    world.restart_agent();
    world.drain();
    assert_eq!(world.missing(), (0, 1));
    assert_eq!(world.disk.files(FOLDER).iter().filter(|(p, _)| *p == foreign).count(), 1);
}

proptest! {
    #[test]
    fn changed_segments_never_stop_the_agent(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..10),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut world = backlog(60);
        let segments = world.segments();
        for (which, at, byte) in changes {
            let path = &which.get(&segments).0;
            world.disk.change(path, |file| {
                let at = at.index(file.len());
                file[at] = byte;
            });
        }
        let path = &cut.get(&segments).0;
        world.disk.change(path, |file| file.truncate(cut.index(file.len() + 1)));
        world.restart_agent();
        world.push(0, 10);
        world.drain();
        let (missing, most) = world.missing();
        prop_assert!(missing <= 600 && most <= 1);
        prop_assert!(world.segments().len() <= 1);
    }

    #[test]
    fn a_disk_that_fills_and_empties_loses_nothing(events in prop::collection::vec((0..3usize, 0..400usize), 1..60)) {
        let mut world = World::new(1);
        for (kind, n) in events {
            match kind {
                0 => world.disk.set_room((n < 300).then_some(n)),
                1 => (0..n / 40).for_each(|_| world.push(n % 2, 1 + n % 9)),
                _ => {
                    world.server().always = (n % 3 == 0).then_some(Mishap::Away);
                    let _ = world.step();
                }
            }
        }
        world.server().always = None;
        world.drain();
        prop_assert_eq!(world.missing().0, 0);
        prop_assert!(world.missing().1 <= 1);
    }
}
