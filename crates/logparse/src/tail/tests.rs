mod world;

use super::*;
use std::fs;
use std::time::SystemTime;
use stdx::random::Random;
use world::{Kept, World, pack};

fn line(number: usize) -> String {
    format!("{number:08} {}\n", "x".repeat(15 + number % 90))
}

fn numbers(kept: &Kept) -> Vec<usize> {
    let mut numbers: Vec<usize> =
        kept.lines.iter().map(|line| line[..8].parse().unwrap_or(usize::MAX)).collect();
    numbers.sort_unstable();
    numbers
}

/// Everything that rotations and restarts do, in any order; each line comes once.
fn model(seed: u64, deeds_max: usize) {
    let (mut world, mut random, mut count) = (World::new(), Random::from_seed(seed), 0);
    let mut half = String::new();
    let mut deeds = Vec::new();
    // What was there and is gone before the first look is nobody's.
    world.tick();
    for _ in 0..deeds_max {
        let deed = random.below(12);
        deeds.push(deed);
        match deed {
            0..=3 => {
                for _ in 0..random.below(40) {
                    let text = std::mem::take(&mut half) + &line(count);
                    world.write(&text);
                    count += 1;
                }
            }
            4 if half.is_empty() => {
                let text = line(count);
                let (first, rest) = text.split_at(5);
                world.write(first);
                half = rest.to_owned();
                count += 1;
            }
            5..=7 => world.tick(),
            8 => world.restart(),
            // The line that was begun is ended where it began, as real writers do.
            9 => {
                world.rename();
                if !half.is_empty() {
                    let rest = std::mem::take(&mut half);
                    world.write(&rest);
                }
                world.writer = None;
            }
            10 => {
                world.rename();
                // A server that has not noticed yet goes on in the old file.
                world.write(&(std::mem::take(&mut half) + &line(count)));
                count += 1;
                world.reopen();
            }
            _ if half.is_empty() && world.writer.is_some() => world.copy_and_truncate(random.below(2) == 0),
            _ => {}
        }
    }
    if !half.is_empty() {
        world.write(&half);
    }
    // While there is no file nothing is looked for.
    world.reopen();
    world.settle();
    let told = numbers(&world.kept);
    let missing: Vec<usize> = (0..count).filter(|number| !told.contains(number)).collect();
    let twice: Vec<usize> = told.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    let (none, all) = (Vec::<usize>::new(), told.len());
    assert_eq!((missing, twice, all), (none.clone(), none, count), "seed {seed}, {deeds:?}");
}

#[test]
fn each_line_comes_once_through_rotations_and_restarts() {
    for (deeds_max, seeds) in [(4, 100), (8, 100), (16, 50), (32, 20), (64, 4)] {
        (0..seeds).for_each(|seed| model(seed, deeds_max));
    }
}

#[test]
fn several_rotations_between_two_looks_lose_nothing() {
    let mut world = World::new();
    world.write(&line(0));
    world.tick();
    for number in 1..5 {
        world.write(&line(number));
        world.rename();
        world.writer = None;
    }
    world.write(&line(5));
    world.settle();
    assert_eq!(numbers(&world.kept), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn lines_of_any_size_and_bytes_are_survived() {
    let mut world = World::new();
    let fits = "a".repeat((1 << 20) - 1);
    world.write(&format!("{fits}\n{}\nshort\n", "b".repeat(3 << 20)));
    world.write("\0\u{1}\u{fffd}\r\n\n");
    world.write(&"c".repeat(300_000));
    world.settle();
    let lens: Vec<usize> = world.kept.lines.iter().map(String::len).collect();
    assert_eq!((lens, world.kept.too_long), (vec![(1 << 20) - 1, 5, 6, 0], 1));
    world.write("c\n");
    world.tick();
    assert_eq!(world.kept.lines.last().unwrap().len(), 300_001);
    assert!(world.buffer.capacity() <= 2 * lines::BLOCK_BYTES, "room of long lines is given back");
}

#[test]
fn what_was_there_before_counts_only_when_wanted() {
    let mut world = World::new();
    world.write("00000000 old\n00000001 begun");
    let mut tail =
        Tail::new(Place::new(Path::new("/"), world.path("a.log")), Begin::End, i64::MAX, Vec::new());
    let mut tick = |world: &mut World| {
        world.now_ms += 1000;
        let mut budget = Budget { bytes: 1 << 20 };
        tail.tick(world.now_ms, &mut budget, &mut world.buffer, &mut world.kept);
    };
    tick(&mut world);
    world.write(" ended\n00000002 new\n");
    tick(&mut world);
    assert_eq!(world.kept.lines, ["00000002 new"]);
}

#[test]
fn missing_and_forbidden_files_are_told() {
    let mut world = World::new();
    world.tick();
    let tail = world.tail.as_ref().unwrap();
    assert!(tail.problem.contains("a.log: there is no such file"), "{}", tail.problem);
    fs::create_dir(world.path("a.log")).unwrap();
    world.tick();
    assert!(world.tail.as_ref().unwrap().problem.contains("it is no file"));
    fs::remove_dir(world.path("a.log")).unwrap();
    world.write(&line(0));
    world.tick();
    assert_eq!((world.tail.as_ref().unwrap().problem.as_str(), numbers(&world.kept)), ("", vec![0]));
    let denied = told(Path::new("/x"), &io::ErrorKind::PermissionDenied.into());
    assert!(denied.contains("`adm`"), "{denied}");
}

#[test]
fn an_idle_file_is_read_no_more() {
    let mut world = World::new();
    world.write("00000000 a\n00000001 half");
    world.tick();
    world.tick();
    let mut budget = Budget { bytes: 1000 };
    let tail = world.tail.as_mut().unwrap();
    tail.tick(world.now_ms + 1000, &mut budget, &mut world.buffer, &mut world.kept);
    assert_eq!(budget.bytes, 1000);
}

#[test]
fn a_broken_packed_file_harms_nothing() {
    let mut world = World::new();
    world.write(&line(0));
    world.tick();
    world.write(&line(1));
    world.restart();
    world.rename();
    pack(&world.path("a.log.1"));
    let packed = world.path("a.log.1.gz");
    let bytes = fs::read(&packed).unwrap();
    fs::write(&packed, &bytes[..bytes.len() - 9]).unwrap();
    world.writer = None;
    world.write(&line(2));
    world.settle();
    assert_eq!(numbers(&world.kept).last(), Some(&2));
}

#[test]
fn what_was_made_since_the_file_is_looked_for_counts_with_what_it_became() {
    let since = |offset_ms: i64| {
        let mut world = World::new();
        for (name, text) in [("a.log.1", "first\n"), ("a.log", "second\n")] {
            fs::write(world.path(name), text).unwrap();
        }
        pack(&world.path("a.log.1"));
        fs::write(world.path("a.log.1"), "third\n").unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let place = Place::new(Path::new("/"), world.path("a.log"));
        let mut tail = Tail::new(place, Begin::End, now.as_millis() as i64 + offset_ms, Vec::new());
        let mut lines = Vec::new();
        tail.tick(world.now_ms, &mut Budget { bytes: 1000 }, &mut lines, &mut world.kept);
        std::mem::take(&mut world.kept.lines)
    };
    // The packed one may be older than it looks.
    assert_eq!(since(-60_000), ["third", "second"]);
    assert!(since(60_000).is_empty());
}
