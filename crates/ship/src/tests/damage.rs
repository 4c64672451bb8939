//! Damaged records: what is wrong in one copy of a segment is read from the other.

use super::world::{Mishap, World};
use proptest::prelude::*;
use std::ops::Range;
use std::path::{Path, PathBuf};
use wire::protocols::native::{Header, frame};

/// Where a copy's bytes start, by copy.
const STARTS: [usize; 2] = [0, 4096];

/// What happens to the bytes of a record.
#[derive(Debug, Clone)]
enum Damage {
    BitFlipped(prop::sample::Index),
    Zeroed,
    /// The file ends in it.
    CutOff(prop::sample::Index),
    /// It is not there, and what follows moves up.
    TakenOut,
    /// Bytes stand in it that nobody wrote, and what follows moves back.
    Inserted(prop::sample::Index, Vec<u8>),
    /// A whole page around its start is lost.
    PageLost,
}

impl Damage {
    fn apply(&self, file: &mut Vec<u8>, record: Range<usize>) {
        match self {
            Self::BitFlipped(bit) => {
                let bit = bit.index(record.len() * 8);
                file[record.start + bit / 8] ^= 1 << (bit % 8);
            }
            Self::Zeroed => file[record].fill(0),
            Self::CutOff(at) => file.truncate(record.start + at.index(record.len())),
            Self::TakenOut => drop(file.drain(record)),
            Self::Inserted(at, bytes) => {
                let at = record.start + at.index(record.len());
                drop(file.splice(at..at, bytes.iter().copied()));
            }
            Self::PageLost => {
                let page = record.start / 512 * 512;
                let end = (page + 512).min(file.len());
                file[page..end].fill(0xa5);
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Damage::BitFlipped),
        Just(Damage::Zeroed),
        index().prop_map(Damage::CutOff),
        Just(Damage::TakenOut),
        (index(), prop::collection::vec(any::<u8>(), 1..50))
            .prop_map(|(at, bytes)| Damage::Inserted(at, bytes)),
        Just(Damage::PageLost),
    ]
}

/// A world whose server was away for `ticks` pushes of two producers, one of which learns of a series each time; the
/// third tick ends before the server went.
fn backlog(ticks: usize) -> World {
    let mut world = World::new(1);
    for tick in 0..ticks {
        world.push(0, 8);
        world.push(1, 1 + tick);
        if tick == 2 {
            world.drain();
            world.server().always = Some(Mishap::Away);
        }
    }
    world.server().always = None;
    world
}

/// The records of a segment, its header included.
fn records(segment: &[u8]) -> Vec<Range<usize>> {
    let (_, mut rest) = Header::decode(segment).unwrap();
    let mut start = segment.len() - rest.len();
    let mut records = Vec::from([Range { start: 0, end: start }]);
    while frame::take(&mut rest).is_ok() {
        let end = segment.len() - rest.len();
        records.push(start..end);
        start = end;
    }
    records
}

/// All segments' copies, first and second, with the records in them.
fn copies(world: &World) -> Vec<([PathBuf; 2], Vec<Range<usize>>)> {
    let both = world.segments().into_iter().zip(world.mirrors());
    both.map(|((first, bytes), (second, _))| ([first, second], records(&bytes))).collect()
}

fn hurt(world: &World, path: &Path, copy: usize, record: &Range<usize>, damage: &Damage) {
    let record = record.start + STARTS[copy]..record.end + STARTS[copy];
    world.disk.change(path, |file| damage.apply(file, record));
}

fn restart_and_drain(world: &mut World, server_forgets: bool) {
    world.restart_agent();
    if server_forgets {
        world.restart_server();
    }
    world.push(0, 8);
    world.drain();
}

#[test]
fn a_second_copy_is_as_it_is_drawn() {
    let world = backlog(10);
    for ((_, first), (_, second)) in world.segments().into_iter().zip(world.mirrors()) {
        assert!(second.starts_with(b"The second copy of the spool segment"));
        assert_eq!(second[STARTS[1] - 2..STARTS[1]], *b"\n\n");
        let mut expected = first.clone();
        for record in &records(&first)[1..] {
            for (n, byte) in (record.start as u32).to_le_bytes().into_iter().enumerate() {
                expected[record.start + 4 + n] ^= byte;
            }
        }
        assert!(second[STARTS[1]..] == expected);
    }
}

#[test]
fn second_copies_go_with_the_first_and_count_against_the_cap() {
    let mut world = backlog(30);
    assert!(world.mirrors().len() > 1);
    world.drain();
    assert!(world.mirrors().len() <= 1, "only the active one stays");
    world.options.disk_bytes_max = 20_000;
    world.restart_agent();
    world.server().always = Some(Mishap::Away);
    (0..300).for_each(|_| world.push(0, 10));
    let bytes: usize = world.disk.files(super::world::FOLDER).iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(bytes <= 20_000 + 32 + 1, "{bytes} with the agent's id");
}

#[test]
fn either_copy_may_be_missing_or_nothing_but_noise() {
    for copy in 0..2 {
        for missing in [true, false] {
            let mut world = backlog(20);
            for (paths, _) in copies(&world) {
                match missing {
                    true => world.disk.remove(&paths[copy]),
                    false => world.disk.change(&paths[copy], |file| file.iter_mut().for_each(|b| *b = !*b)),
                }
            }
            restart_and_drain(&mut world, true);
            assert_eq!(world.missing().0, 0, "copy {copy}");
            assert!(world.segments().len() <= 1 && world.mirrors().len() <= 1);
            assert_eq!(world.stats().repaired_frames > 0, copy == 1 && !missing);
        }
    }
}

#[test]
fn a_record_whose_copies_are_both_damaged_costs_at_most_the_rest_of_its_segment() {
    let count = records(&backlog(20).segments()[1].1).len();
    for at in 0..count {
        let mut world = backlog(20);
        let (paths, records) = copies(&world).remove(1);
        for (copy, path) in paths.iter().enumerate() {
            hurt(&world, path, copy, &records[at], &Damage::Zeroed);
        }
        let before = world.missing().0;
        restart_and_drain(&mut world, false);
        let (missing, most) = world.missing();
        assert!(missing < before && most <= 1 && (at == 0 || world.stats().dropped_bytes > 0));
        assert!(at + 1 < count || missing <= 20, "the last one costs itself: {missing}");
    }
}

#[test]
fn a_second_copy_that_the_disk_refuses_leaves_the_first_as_it_is() {
    for room in (0..4600).step_by(150) {
        let mut world = World::new(1);
        world.server().always = Some(Mishap::Away);
        world.disk.set_room(Some(room));
        (0..5).for_each(|_| world.push(0, 10));
        world.disk.set_room(None);
        (0..5).for_each(|_| world.push(0, 10));
        world.server().always = None;
        world.drain();
        assert_eq!(world.assert_complete(), 1, "room {room}");
    }
}

#[test]
fn a_spool_of_an_earlier_version_is_sent() {
    // The file is what that version wrote for the same pushes.
    let mut world = World::new(1);
    (0..5).for_each(|_| world.push(0, 10));
    world.segments().into_iter().chain(world.mirrors()).for_each(|(path, _)| world.disk.remove(&path));
    let path = Path::new(super::world::FOLDER).join("00000000000f4628.whs");
    let mut file = stdx::disk::Disk::create(&world.disk, &path).unwrap();
    file.write_all(include_bytes!("fixtures/segment_without_second_copy.whs")).unwrap();
    restart_and_drain(&mut world, false);
    assert_eq!((world.assert_complete(), world.segments().len()), (1, 1));
}

proptest! {
    #[test]
    fn damage_to_a_record_in_one_copy_costs_nothing(
        hurts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..2usize, damage()), 1..4),
        server_forgets in any::<bool>(),
    ) {
        let mut world = backlog(20);
        let mut segments = copies(&world);
        for (which, at, copy, damage) in hurts {
            if segments.is_empty() {
                break;
            }
            // One per segment: what one takes out or puts in moves the records behind it.
            let (paths, records) = segments.swap_remove(which.index(segments.len()));
            hurt(&world, &paths[copy], copy, at.get(&records), &damage);
        }
        restart_and_drain(&mut world, server_forgets);
        prop_assert_eq!(world.missing().0, 0);
        prop_assert!(world.segments().len() <= 1 && world.mirrors().len() <= 1);
        prop_assert!(world.disk.files("/spool/quarantine").is_empty());
    }

    #[test]
    fn two_records_damaged_in_different_copies_cost_nothing(
        first in damage(), second in damage(), at in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        // What cuts or moves the rest of a file takes all behind it with it, so it goes behind the other one's record.
        let mut world = backlog(20);
        let (paths, records) = copies(&world).remove(1);
        let early = 1 + at.0.index(records.len() / 2);
        let late = records.len() / 2 + 1 + at.1.index(records.len() - records.len() / 2 - 1);
        let moves = |d: &Damage| matches!(d, Damage::CutOff(_) | Damage::TakenOut | Damage::Inserted(..));
        let early_damage = if moves(&first) { Damage::Zeroed } else { first };
        prop_assume!(!matches!(early_damage, Damage::PageLost) && !matches!(second, Damage::PageLost));
        hurt(&world, &paths[0], 0, &records[early], &early_damage);
        hurt(&world, &paths[1], 1, &records[late], &second);
        restart_and_drain(&mut world, false);
        prop_assert_eq!(world.missing().0, 0);
    }
}
