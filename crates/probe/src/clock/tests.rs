use super::*;
use crate::message::Id;

const PERIOD_MS: u64 = 1000;

fn peer(id: u64) -> Peer {
    Peer { id: Id(id), period_ms: PERIOD_MS }
}

fn clock(id: u64) -> Clock {
    Clock::new(peer(id), Random::from_seed(id), 0)
}

/// What it does up to `until_ms` with nobody to be heard.
fn alone(clock: &mut Clock, until_ms: i64) -> Vec<(i64, Action)> {
    let mut done = Vec::new();
    while clock.wake_ms() < until_ms {
        let now_ms = clock.wake_ms();
        while let Some(action) = clock.due(now_ms) {
            done.push((now_ms, action));
        }
    }
    done
}

fn pings(done: &[(i64, Action)]) -> Vec<i64> {
    done.iter().filter(|(_, action)| *action == Action::Ping).map(|(at, _)| *at).collect()
}

/// A clock that pings.
fn pinging(id: u64) -> (Clock, i64) {
    let mut clock = clock(id);
    let first_ms = pings(&alone(&mut clock, 4001))[0];
    assert!(clock.is_pinging());
    (clock, first_ms)
}

#[test]
fn alone_it_listens_and_then_pings_once_a_period() {
    let done = alone(&mut clock(1), 20_000);
    let hellos = done.iter().filter(|(_, action)| *action == Action::Hello).count();
    assert!((3..=4).contains(&hellos), "{done:?}");
    let pings = pings(&done);
    assert!((3000..=4000).contains(&pings[0]), "{pings:?}");
    assert!(pings.windows(2).all(|two| two[1] - two[0] == 1000), "{pings:?}");
}

#[test]
fn a_long_period_does_not_make_the_start_long() {
    let mut clock = Clock::new(Peer { period_ms: 60_000, ..peer(1) }, Random::from_seed(1), 0);
    assert!(pings(&alone(&mut clock, 10_000))[0] <= 6_000);
}

#[test]
fn it_lurks_while_it_hears_pings_and_takes_over_when_they_end() {
    let mut clock = clock(1);
    for second in 0..100 {
        clock.heard_ping(second * 1000, peer(2));
        assert_eq!(pings(&alone(&mut clock, second * 1000 + 999)), Vec::<i64>::new());
    }
    let first = pings(&alone(&mut clock, 110_000))[0];
    assert!((99_000 + 3_000..=99_000 + 4_000).contains(&first), "{first}");
}

#[test]
fn when_the_one_that_pings_leaves_nobody_waits_out_the_silence() {
    let mut clock = clock(1);
    for second in 0..10 {
        clock.heard_ping(second * 1000, peer(2));
    }
    clock.heard_leave(9_100, peer(3));
    assert!(pings(&alone(&mut clock, 12_000)).is_empty(), "whom it does not follow cannot end the wait");
    clock.heard_ping(12_000, peer(2));
    clock.heard_leave(12_300, peer(2));
    let first = pings(&alone(&mut clock, 20_000))[0];
    assert!((13_000..=14_000).contains(&first), "{first}: the ping that did not come, and a back-off");
    // Word of it that comes late, to one that pings, changes nothing.
    clock.heard_leave(14_001, peer(2));
    assert!(clock.is_pinging());
}

#[test]
fn the_one_that_goes_before_goes_on_and_the_other_yields() {
    let (mut first, at) = pinging(1);
    first.heard_ping(at, peer(2));
    assert!(first.is_pinging());
    let (mut second, at) = pinging(2);
    second.heard_ping(at, peer(1));
    assert!(!second.is_pinging());
    assert_eq!(second.leader(), Some(peer(1)));
}

#[test]
fn a_shorter_period_goes_before_and_a_longer_one_is_not_enough() {
    let slow = Peer { id: Id(0), period_ms: 10_000 };
    let mut clock = clock(1);
    clock.heard_ping(0, slow);
    clock.heard_ping(2_900, slow);
    assert!(pings(&alone(&mut clock, 5_000))[0] <= 4_000, "it does not wait for a clock that is too slow");
    clock.heard_ping(5_000, slow);
    assert!(clock.is_pinging());
    clock.heard_ping(5_000, Peer { id: Id(9), period_ms: 500 });
    assert!(!clock.is_pinging());
}

#[test]
fn one_that_hears_nobody_is_given_way_to() {
    let (mut clock, mut now_ms) = pinging(1);
    for _ in 0..=PATIENCE_PINGS {
        assert!(clock.is_pinging());
        clock.heard_ping(now_ms + 500, peer(2));
        now_ms = clock.wake_ms();
        clock.due(now_ms);
    }
    clock.heard_ping(now_ms + 500, peer(2));
    assert!(!clock.is_pinging());
}

#[test]
fn a_storm_is_no_reason_to_give_way() {
    let (mut clock, at) = pinging(1);
    for rival in 2..100 {
        clock.heard_ping(at + 1, peer(rival));
    }
    assert!(clock.is_pinging());
}

#[test]
fn a_hello_is_answered_by_the_one_that_pings_and_makes_company() {
    let (mut clock, _) = pinging(1);
    assert!(!clock.has_company(4_100));
    let now_ms = 4_100;
    let mut said = Vec::new();
    for from in 5..50 {
        clock.heard_hello(now_ms, peer(from));
        while let Some(action) = clock.due(now_ms) {
            said.push(action);
        }
    }
    assert_eq!(said.iter().filter(|action| **action == Action::Clock).count(), 1, "answers are few");
    assert!(clock.has_company(now_ms + 30_000) && !clock.has_company(now_ms + 30_001));
}

#[test]
fn own_pings_that_come_back_mean_nothing() {
    let (mut clock, at) = pinging(1);
    for _ in 0..20 {
        clock.heard_ping(at, peer(1));
        clock.heard_hello(at, peer(1));
    }
    assert!(clock.is_pinging() && !clock.has_company(at));
}

#[test]
fn a_foreign_clock_counts_only_while_its_answers_are_heard() {
    let address: IpAddr = "192.0.2.9".parse().unwrap();
    let (mut clock, mut now_ms) = pinging(1);
    for _ in 0..20 {
        now_ms += 1000;
        clock.heard_foreign(now_ms, address);
        assert!(clock.is_pinging(), "nothing would be heard of the probes");
    }
    clock.overheard(now_ms + 10);
    assert!(!clock.is_pinging());
    for _ in 0..20 {
        now_ms += 1000;
        clock.heard_foreign(now_ms, address);
        clock.overheard(now_ms + 10);
        assert_eq!(pings(&alone(&mut clock, now_ms + 999)), Vec::<i64>::new());
    }
    for _ in 0..4 {
        now_ms += 1000;
        clock.heard_foreign(now_ms, address);
        alone(&mut clock, now_ms + 999);
    }
    alone(&mut clock, now_ms + 4_000);
    assert!(clock.is_pinging(), "its answers are not heard any more");
}

#[test]
fn a_foreign_clock_that_is_too_slow_does_not_count() {
    let address: IpAddr = "192.0.2.9".parse().unwrap();
    let (mut clock, at) = pinging(1);
    for n in 1..10 {
        clock.heard_foreign(at + n * 3_001, address);
        clock.overheard(at + n * 3_001);
        assert!(clock.is_pinging());
    }
}

#[test]
fn whoever_was_held_up_does_not_make_up_for_it() {
    let (mut clock, at) = pinging(1);
    let late_ms = at + 60_500;
    assert_eq!(clock.due(late_ms), Some(Action::Ping));
    assert_eq!(clock.due(late_ms), None);
    assert_eq!(clock.wake_ms(), late_ms + 1000);
}

#[test]
fn few_of_a_crowd_are_early() {
    let mut random = Random::from_seed(7);
    let mut waits: Vec<u64> = (0..1024).map(|_| back_off_ms(&mut random, 100_000)).collect();
    waits.sort_unstable();
    let within_a_delay = waits.iter().filter(|wait| **wait <= waits[0] + 1_000).count();
    assert!(within_a_delay <= 5, "{:?}", &waits[..10]);
    assert!(waits[1023] <= 100_000);
}

#[test]
fn a_period_that_is_said_to_be_tiny_makes_no_flood_of_hellos() {
    let (mut clock, mut hellos) = (clock(1), 0);
    for now_ms in 0..10_000 {
        clock.heard_ping(now_ms, Peer { id: Id(2), period_ms: 1 });
        hellos += std::iter::from_fn(|| clock.due(now_ms)).filter(|action| *action == Action::Hello).count();
    }
    assert!((2..=12).contains(&hellos), "{hellos}");
}
