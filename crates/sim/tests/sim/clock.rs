//! The clock that monitors agree on. Times are in periods: after a start or a death there are three of silence, one of
//! back-off, and a little for what gets lost.

use crate::seeds;
use sim::monitors::{PERIOD_US, Ping, World};
use sim::network::Weather;
use std::collections::BTreeSet;
use stdx::random::Random;

/// Periods until everybody agrees when nothing is lost: listening, the back-off, a ping to yield to.
const AGREED: i64 = 6;
/// Longest time without a ping after a death, in periods, when nothing is lost: three of silence, one of back-off, and
/// the part of a period that had gone by.
const GAP_MAX: f64 = 4.2;
/// Crystals of computers are off by less.
const DRIFT_PPM: u64 = 200;

fn whole_world(seed: u64, monitors: usize, weather: Weather) -> World {
    let mut world = World::new(seed, monitors, 5, weather, DRIFT_PPM);
    (0..monitors).for_each(|node| world.start(node));
    world
}

/// Anything from a quick cable to a wireless network, always quicker than a third of a period.
fn fair(random: &mut Random) -> Weather {
    let longest = 100 + random.below(100_000) as i64;
    Weather { loss: 0.0, twice: random.unit() * 0.1, delay_us: (longest / 10, longest) }
}

fn foul(random: &mut Random) -> Weather {
    Weather { loss: random.unit() * 0.3, ..fair(random) }
}

fn some_monitors(random: &mut Random) -> usize {
    2 + random.below(20) as usize
}

/// The pings from a time on, by those of `nodes`.
fn pings(world: &World, from_us: i64, of: impl Fn(usize) -> bool) -> Vec<Ping> {
    world.pings.iter().copied().filter(|ping| ping.at_us >= from_us && of(ping.by)).collect()
}

/// Longest time between two pings, in periods, with the end as one.
fn gap(pings: &[Ping], from_us: i64, to_us: i64) -> f64 {
    let times = [from_us].into_iter().chain(pings.iter().map(|ping| ping.at_us)).chain([to_us]);
    let times: Vec<i64> = times.collect();
    times.windows(2).map(|two| (two[1] - two[0]) as f64 / PERIOD_US as f64).fold(0.0, f64::max)
}

/// Fails unless one and the same monitor pings once a period from a time on.
fn assert_one(world: &World, from_us: i64, of: impl Fn(usize) -> bool) -> usize {
    let pings = pings(world, from_us, of);
    let who: BTreeSet<usize> = pings.iter().map(|ping| ping.by).collect();
    let periods = (world.now_us() - from_us) / PERIOD_US;
    assert_eq!(who.len(), 1, "who pings: {who:?}");
    assert!((periods - 1..=periods + 1).contains(&(pings.len() as i64)), "{} in {periods}", pings.len());
    *who.first().expect("one")
}

#[test]
fn one_pings_and_all_hear_everything() {
    seeds::each(|seed, random| {
        let mut world = whole_world(seed, some_monitors(random), fair(random));
        world.run(AGREED + 14);
        let from_us = AGREED * PERIOD_US;
        assert_one(&world, from_us, |_| true);
        world.network.weather.twice = 0.0;
        world.believed.fill(0);
        world.run(20);
        let least = world.believed.iter().min().expect("monitors");
        // Five probes; at both ends something may be under way.
        assert!((95..=105).contains(least), "{:?}", world.believed);
    });
}

#[test]
fn when_it_dies_another_takes_over_in_time_and_without_a_storm() {
    seeds::each(|seed, random| {
        let mut world = whole_world(seed, some_monitors(random), fair(random));
        world.run(AGREED + 5);
        let died_us = world.now_us();
        let dead = assert_one(&world, AGREED * PERIOD_US, |_| true);
        world.kill(dead);
        world.run(20);
        let after = pings(&world, died_us, |_| true);
        assert!(gap(&after, died_us, world.now_us()) <= GAP_MAX, "{after:?}");
        assert_one(&world, died_us + AGREED * PERIOD_US, |_| true);
    });
}

#[test]
fn a_crowd_does_not_storm() {
    seeds::each(|seed, random| {
        if seed % 20 != 0 {
            return;
        }
        // Slow, so that many decide before they hear of the first.
        let weather = Weather { delay_us: (50_000, 150_000), ..Weather::FAIR };
        let monitors = 100 + random.below(400) as usize;
        let mut world = whole_world(seed, monitors, weather);
        // All at once: the worst that a power cut can do.
        world.run(AGREED);
        let most = |from_us: i64| {
            let at = pings(&world, from_us, |_| true);
            at.iter()
                .map(|p| at.iter().filter(|q| (0..PERIOD_US).contains(&(q.at_us - p.at_us))).count())
                .max()
        };
        // A back-off that is uniform in the period makes up to 35.
        assert!(most(0).expect("pings") <= 20, "{:?} pings in a period of {monitors} monitors", most(0));
        world.run(4);
        assert_one(&world, AGREED * PERIOD_US, |_| true);
    });
}

#[test]
fn each_side_of_a_split_goes_on_and_one_yields_when_it_heals() {
    seeds::each(|seed, random| {
        let monitors = some_monitors(random);
        let mut world = whole_world(seed, monitors, fair(random));
        world.run(AGREED + random.below(5) as i64);
        let cut = 1 + random.below(monitors as u64 - 1) as usize;
        let side = |node: usize| u8::from(node >= cut);
        world.network.split(side);
        let split_us = world.now_us();
        world.run(30);
        for part in 0..2 {
            let of = |node: usize| side(node) == part;
            assert!(gap(&pings(&world, split_us, of), split_us, world.now_us()) <= GAP_MAX);
            assert_one(&world, split_us + AGREED * PERIOD_US, of);
        }
        world.network.heal();
        let healed_us = world.now_us();
        world.run(20);
        assert_one(&world, healed_us + 2 * PERIOD_US, |_| true);
        assert!(gap(&pings(&world, healed_us, |_| true), healed_us, world.now_us()) <= 2.1);
    });
}

#[test]
fn one_that_hears_nobody_does_not_make_two_clocks() {
    seeds::each(|seed, random| {
        let monitors = some_monitors(random);
        let mut world = whole_world(seed, monitors, fair(random));
        world.network.deafen(random.below(monitors as u64) as usize, true);
        world.run(AGREED + 14);
        let from_us = world.now_us();
        world.run(20);
        assert_one(&world, from_us, |_| true);
    });
}

#[test]
fn in_foul_weather_there_are_few_pings_too_many_and_no_long_gaps() {
    seeds::each(|seed, random| {
        let monitors = some_monitors(random);
        let mut world = whole_world(seed, monitors, foul(random));
        for _ in 0..8 {
            let node = random.below(monitors as u64) as usize;
            match random.below(4) {
                0 => world.kill(node),
                1 => world.start(node),
                2 => world.network.split(|n| u8::from(n % 3 == node % 3)),
                _ => world.network.heal(),
            }
            world.run(1 + random.below(15) as i64);
        }
        world.network.heal();
        world.start(0);
        world.run(2 * AGREED);
        let from_us = world.now_us();
        world.run(100);
        let after = pings(&world, from_us, |_| true);
        // A lost ping is no reason to interrupt; three in a row are, and with three of ten lost that happens.
        assert!((90..=160).contains(&after.len()), "{} pings in 100 periods", after.len());
        assert!(
            gap(&after, from_us, world.now_us()) <= GAP_MAX + 1.0,
            "{}",
            gap(&after, from_us, world.now_us())
        );
        world.network.weather = Weather::FAIR;
        world.run(2);
        let from_us = world.now_us();
        world.run(20);
        assert_one(&world, from_us, |_| true);
    });
}

#[test]
fn restarts_in_a_row_leave_one_clock() {
    seeds::each(|seed, random| {
        let monitors = some_monitors(random);
        let mut world = whole_world(seed, monitors, fair(random));
        world.run(AGREED);
        for node in 0..monitors {
            world.start(node);
            world.run(random.below(3) as i64);
        }
        world.run(AGREED);
        let from_us = world.now_us();
        world.run(20);
        assert_one(&world, from_us, |_| true);
    });
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut random = Random::from_seed(seed);
        let mut world = whole_world(seed, 9, foul(&mut random));
        world.run(50);
        (world.pings, world.believed)
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}
