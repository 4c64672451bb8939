//! The judge on its own: deaths are seen in time, and nothing else is taken for one.

use super::*;
use crate::leases::Value;
use proptest::prelude::*;

const TTL_MS: u64 = 10_000;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn entry(name: &str, revision: u64, url: &str) -> Entry {
    let facts = Facts::from([("url".to_owned(), url.to_owned())]);
    Entry {
        name: name.to_owned(),
        revision,
        value: Some(Value { instance: "i".to_owned(), ttl_ms: TTL_MS, facts }),
    }
}

fn gone(name: &str, revision: u64) -> Entry {
    Entry { name: name.to_owned(), revision, value: None }
}

fn joined(name: &str, url: &str) -> Change {
    Change::Joined(name.to_owned(), Facts::from([("url".to_owned(), url.to_owned())]))
}

#[test]
fn what_a_dead_member_left_behind_is_not_believed() {
    let mut judge = Judge::default();
    assert_eq!(judge.look(ms(0), &[entry("dead", 4, "x")]), []);
    for second in 1..60 {
        assert_eq!(judge.look(ms(second * 2000), &[entry("dead", 4, "x")]), []);
    }
    assert_eq!(judge.members().count(), 0);
    assert_eq!(judge.look(ms(121_000), &[entry("dead", 5, "x")]), [joined("dead", "x")]);
}

#[test]
fn who_comes_after_the_first_list_is_in_at_once() {
    let mut judge = Judge::default();
    judge.look(ms(0), &[]);
    assert_eq!(judge.look(ms(2000), &[entry("a", 1, "x")]), [joined("a", "x")]);
    assert_eq!(judge.look(ms(4000), &[entry("a", 2, "x")]), []);
    assert_eq!(judge.look(ms(6000), &[entry("a", 3, "y")]), [joined("a", "y")], "it has moved");
    assert_eq!(judge.look(ms(8000), &[gone("a", 4)]), [Change::Left("a".to_owned(), Why::Released)]);
    assert_eq!(judge.look(ms(9000), &[gone("a", 4)]), []);
    assert_eq!(judge.look(ms(9500), &[entry("a", 5, "y")]), [joined("a", "y")]);
}

#[test]
fn one_who_is_silent_or_missing_leaves_within_its_lease() {
    for is_listed in [true, false] {
        let mut judge = Judge::default();
        judge.look(ms(0), &[]);
        judge.look(ms(2000), &[entry("a", 1, "x")]);
        let list: Vec<Entry> = is_listed.then(|| entry("a", 1, "x")).into_iter().collect();
        assert_eq!(judge.look(ms(4000), &list), []);
        assert_eq!(judge.look(ms(6000), &list), []);
        assert_eq!(judge.look(ms(8000), &list), [Change::Left("a".to_owned(), Why::Silent)]);
    }
}

#[test]
fn nobody_leaves_because_the_keeper_was_away() {
    let mut judge = Judge::default();
    judge.look(ms(0), &[]);
    judge.look(ms(2000), &[entry("a", 1, "x")]);
    // A minute without an answer, and then even an empty list: all leases ran out while nobody could renew.
    assert_eq!(judge.look(ms(62_000), &[]), []);
    assert_eq!(judge.look(ms(64_000), &[]), []);
    assert_eq!(judge.look(ms(66_000), &[entry("a", 2, "x")]), [], "it was in all the time");
    assert_eq!(judge.members().count(), 1);
}

#[test]
fn members_of_an_earlier_run_have_a_lease_to_show_that_they_live() {
    let facts = Facts::from([("url".to_owned(), "x".to_owned())]);
    let mut judge = Judge::remembering(
        [("a", &facts), ("b", &facts)].map(|(n, f)| (n.to_owned(), f.clone())),
        ms(TTL_MS),
    );
    assert_eq!(judge.look(ms(500_000), &[entry("a", 9, "x")]), []);
    assert_eq!(judge.look(ms(502_000), &[entry("a", 10, "x")]), []);
    assert_eq!(judge.look(ms(504_000), &[entry("a", 11, "x")]), []);
    let changes = judge.look(ms(506_000), &[entry("a", 12, "x")]);
    assert_eq!(changes, [Change::Left("b".to_owned(), Why::Silent)]);
}

proptest! {
    /// Looks every two seconds with some delay; renewals likewise. Who renews stays; who stops is out within its lease.
    #[test]
    fn who_renews_stays_and_who_stops_is_out_in_time(
        delays in prop::collection::vec((0..900u64, 0..900u64), 20..60),
        stop in 5..15usize,
    ) {
        // One renewal of two goes through at least.
        let fails = |round: usize, renew: u64| renew < 300 && round % 2 == 1;
        let mut judge = Judge::default();
        let (mut revision, mut last_renewal) = (0, 0);
        judge.look(ms(0), &[]);
        let mut left = None;
        for (round, (look, renew)) in delays.iter().enumerate() {
            let at = 2000 * (round as u64 + 1);
            if round < stop && !fails(round, *renew) {
                revision += 1;
                last_renewal = at;
            }
            let list: Vec<Entry> = (revision > 0).then(|| entry("a", revision, "x")).into_iter().collect();
            let now = at + look;
            for change in judge.look(ms(now), &list) {
                if let Change::Left(..) = change {
                    left.get_or_insert((round, now));
                }
            }
        }
        let (round, now) = left.expect("the rounds go on for long after it has stopped");
        prop_assert!(round >= stop, "out in round {round}, while it renewed");
        prop_assert!(now - last_renewal <= TTL_MS, "out {} ms after its last renewal", now - last_renewal);
    }
}
