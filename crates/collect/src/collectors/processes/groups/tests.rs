use super::*;
use crate::record::Identity;
use model::{Batch, is_stale};
use std::collections::{BTreeMap, BTreeSet};
use stdx::random::Random;

/// Groups, and what they say in each pass.
struct Bench {
    groups: Groups,
    batch: Batch,
    identity: Identity,
}

impl Bench {
    fn new(top: usize) -> Self {
        let (mut batch, mut identity) = (Batch::new(), Identity::new("h", &[]));
        identity.renew(&mut batch);
        Self { groups: Groups::new(top, 100.0, 4096.0), batch, identity }
    }

    /// One process a name, with the ticks it used and the pages it holds; gives CPU seconds by name, NaN for ends.
    fn pass<'n>(
        &mut self,
        elapsed_ms: i64,
        processes: impl IntoIterator<Item = (&'n str, u64, u64)>,
    ) -> BTreeMap<String, f64> {
        self.groups.begin();
        for (name, ticks, pages) in processes {
            let at = self.groups.find_or_add(name.as_bytes());
            let stat = Stat { threads: 1, resident_pages: pages, ..Stat::default() };
            self.groups.count(at, &stat, &Used { user_ticks: ticks, ..Used::default() });
        }
        self.batch.clear_rows();
        self.identity.begin_tick();
        self.batch.begin(0);
        self.groups.finish(elapsed_ms, &mut Recorder::new(&mut self.batch, &mut self.identity));
        let mut said = BTreeMap::new();
        for rows in self.batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let labels = self.batch.dictionary.labels(*slot);
                if labels.name() == GROUP_METRICS[0].name {
                    let value = if is_stale(*value) { f64::NAN } else { *value };
                    assert!(said.insert(labels.get("name").unwrap().to_owned(), value).is_none());
                }
            }
        }
        said
    }
}

#[test]
fn the_first_by_cpu_and_by_memory_are_followed_the_rest_is_other() {
    let mut bench = Bench::new(1);
    let machine = [("busy", 50, 10), ("big", 0, 9000), ("calm", 1, 20), ("idle", 0, 0)];
    bench.pass(0, machine.map(|(name, _, pages)| (name, 0, pages)));
    let said = bench.pass(1000, machine);
    assert_eq!(
        said,
        BTreeMap::from([("busy".to_owned(), 0.5), ("big".to_owned(), 0.0), ("other".to_owned(), 0.01)])
    );
}

#[test]
fn a_name_is_held_for_minutes_after_it_calmed_down_and_then_ends_once() {
    let mut bench = Bench::new(1);
    bench.pass(1000, [("a", 100, 0), ("b", 0, 5)]);
    // `b` uses more from now on, but `a` stays until its time has passed.
    let mut held_seconds = 0;
    let said = loop {
        let said = bench.pass(10_000, [("a", 0, 0), ("b", 900, 5)]);
        if said["a"].is_nan() {
            break said;
        }
        held_seconds += 10;
    };
    assert!((300..400).contains(&held_seconds), "{held_seconds}");
    assert!(said.contains_key("b"));
    assert!(!bench.pass(10_000, [("a", 0, 0), ("b", 900, 5)]).contains_key("a"));
}

#[test]
fn a_program_called_other_or_by_no_text_is_among_the_others() {
    let mut bench = Bench::new(5);
    assert_eq!(bench.groups.find_or_add(b"\xff\xfe"), OTHERS);
    let said = bench.pass(1000, [("other", 100, 7), ("", 20, 7)]);
    assert_eq!(said, BTreeMap::from([("other".to_owned(), 1.2)]));
}

/// Whatever comes and goes: series are few, come and go rarely, never run backwards, and every tick is counted once.
#[test]
fn any_crowd_is_bounded_sticky_and_counted_exactly_once() {
    for seed in 0..6 {
        let mut random = Random::from_seed(seed);
        let top = 1 + random.below(6) as usize;
        let mut bench = Bench::new(top);
        let (mut used, mut counted, mut newcomers) = (0, 0.0, 0);
        let mut last: BTreeMap<String, f64> = BTreeMap::new();
        let mut followed = BTreeSet::new();
        let names: Vec<String> = (0..120).map(|n| format!("p{n}")).collect();
        for _ in 0..300 {
            let mut crowd = Vec::new();
            for name in &names {
                let is_busy = random.below(6) == 0;
                crowd.push((name.as_str(), if is_busy { random.below(90) } else { 0 }, random.below(5000)));
            }
            used += crowd.iter().map(|(_, ticks, _)| ticks).sum::<u64>();
            let said = bench.pass(1000, crowd);
            for (name, value) in &said {
                if value.is_nan() {
                    continue;
                }
                let before = last.insert(name.clone(), *value).unwrap_or(0.0);
                assert!(*value >= before, "{name} runs backwards");
                counted += value - before;
            }
            let now: BTreeSet<String> =
                said.into_iter().filter(|(_, v)| !v.is_nan()).map(|(name, _)| name).collect();
            newcomers += now.difference(&followed).count();
            followed = now;
            assert!(followed.len() <= FOLLOWED_MAX_FACTOR * top + 1);
        }
        assert!(used > 50_000 && (counted - used as f64 / 100.0).abs() < 1.0, "{counted} of {used} ticks");
        let rounds = (300.0 / YIELD_SECONDS) as usize + 1;
        assert!(newcomers <= rounds * FOLLOWED_MAX_FACTOR * top + 1, "{newcomers} newcomers, top {top}");
    }
}

#[test]
fn names_that_are_gone_make_room_for_others() {
    let mut bench = Bench::new(1);
    for round in 0..3 * GROUPS_MAX {
        let name = format!("p{round}");
        bench.pass(1000, [("big", 0, 9), (name.as_str(), 0, 1)]);
    }
    assert!(bench.groups.list.len() < 10, "{}", bench.groups.list.len());
    let many: Vec<String> = (0..GROUPS_MAX + 5).map(|n| format!("m{n}")).collect();
    bench.pass(1000, many.iter().map(|name| (name.as_str(), 1, 1)));
    assert_eq!(bench.groups.list.len(), GROUPS_MAX);
}
