//! Rows of coarser tiers: computed behind the scenes, true to the samples, and there when these are gone.

use super::rig::{MINUTE_MS, Rig, START_MS, batch, dump};
use super::rolled::{ALL, assert_agree, edges, fill, folded};
use crate::{Event, Options, Policy, Store, Tier};
use model::memory::MemoryStore;
use model::{Aspects, Detail, Keeper, Matcher, PushError, Sink, Source, TierChoice, TimeRange};

const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

fn policy(tiers: &[&str]) -> Policy {
    let tiers = tiers.iter().map(|text| Tier::parse(text).unwrap()).collect();
    Policy { name: "default".to_owned(), matchers: Vec::new(), tiers }
}

fn options(rig: &Rig, tiers: &[&str]) -> Options {
    let mut options = rig.options();
    options.policies = vec![policy(tiers)];
    options
}

/// Everything for ever, also as rows of a minute and an hour.
pub(super) fn rows_for_ever() -> Vec<Policy> {
    vec![policy(&FOREVER[..3])]
}

/// Asserts that hours say of a store what they say of a plain map.
pub(super) fn assert_hours_agree(store: &Store, model: &MemoryStore, range: TimeRange) -> usize {
    let edges_ms = edges(range, HOUR_MS);
    let aspects = Aspects::COUNT | Aspects::MIN | Aspects::MAX | Aspects::LAST;
    assert_agree(store, model, range, &detail(&edges_ms, aspects))
}

const FOREVER: [&str; 4] = ["1s:forever", "60s:forever", "1h:forever", "1d:forever"];
/// Two days and a half.
const MINUTES: i64 = 3600;

fn whole() -> TimeRange {
    TimeRange::new(START_MS, START_MS + MINUTES * MINUTE_MS)
}

fn detail(edges_ms: &[i64], aspects: Aspects) -> Detail<'_> {
    Detail { edges_ms, aspects, tier: TierChoice::Auto }
}

fn tiers_used(store: &Store, step_ms: i64, aspects: Aspects) -> Vec<u32> {
    tiers_of(store, whole(), step_ms, 0, aspects)
}

/// Buckets begin so much after whole steps.
fn tiers_of(store: &Store, range: TimeRange, step_ms: i64, shift_ms: i64, aspects: Aspects) -> Vec<u32> {
    let edges_ms: Vec<i64> = edges(whole(), step_ms).into_iter().map(|edge| edge + shift_ms).collect();
    let ids: Vec<_> = store.select(&[], range, 99).unwrap().series.iter().map(|series| series.id).collect();
    let mut visit = |_, _: model::Rolled<'_>| std::ops::ControlFlow::Continue(());
    store.read_rolled(&ids, range, &detail(&edges_ms, aspects), &mut visit).unwrap().tiers_ms
}

#[test]
fn rows_say_what_samples_come_to() {
    let rig = Rig::new();
    let (store, model) = (Store::open(options(&rig, &FOREVER)).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 0..MINUTES);
    assert_eq!(rig.events(), []);
    for step_ms in [MINUTE_MS, 5 * MINUTE_MS, HOUR_MS, DAY_MS, 90_000] {
        let edges_ms = edges(whole(), step_ms);
        for aspects in ALL {
            assert_agree(&store, &model, whole(), &detail(&edges_ms, aspects));
            let odd = TimeRange::new(START_MS + 7_777, START_MS + MINUTES * MINUTE_MS - 10_000_001);
            assert_agree(&store, &model, odd, &detail(&edges_ms, aspects));
        }
    }
    // The newest part of each is not yet in the next, and what is not sealed is only in memory.
    // A row of a minute stands for four samples, which are sooner read.
    assert_eq!(tiers_used(&store, MINUTE_MS, Aspects::SUM), [0]);
    assert_eq!(tiers_used(&store, HOUR_MS, Aspects::SUM), [0, 3_600_000]);
    assert_eq!(tiers_used(&store, 90_000, Aspects::SUM), [0]);
    assert_eq!(tiers_used(&store, HOUR_MS, Aspects::SAMPLES), [0]);
    store.close().unwrap();
    drop(store);
    let store = Store::open(options(&rig, &FOREVER)).unwrap();
    let edges_ms = edges(whole(), HOUR_MS);
    assert!(assert_agree(&store, &model, whole(), &detail(&edges_ms, Aspects::GROWTH)) > 0, "opened again");
}

#[test]
fn late_samples_are_in_rows_computed_anew() {
    let rig = Rig::new();
    let (store, model) = (Store::open(options(&rig, &FOREVER)).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 0..MINUTES);
    let now_ms = START_MS + MINUTES * MINUTE_MS;
    let mut late = Vec::new();
    for at in 0..200 {
        let time_ms = START_MS + at * 13 * MINUTE_MS + 777;
        late.push(("__name__=load,host=a", time_ms, 100.0 + at as f64));
        late.push(("__name__=requests_total,host=a", START_MS + at * 7 * MINUTE_MS + 15_000, at as f64));
        late.push(("__name__=new,host=c", time_ms, 1.0));
    }
    store.importer().push(&batch(&late)).unwrap();
    model.push(&batch(&late)).unwrap();
    for step_ms in [MINUTE_MS, HOUR_MS] {
        let edges_ms = edges(whole(), step_ms);
        for aspects in ALL {
            assert_agree(&store, &model, whole(), &detail(&edges_ms, aspects));
        }
    }
    let rolled = store.stats().windows_rolled;
    store.tick(now_ms + 1000).unwrap();
    store.tick(now_ms + 11 * MINUTE_MS).unwrap();
    assert!(store.stats().windows_rolled > rolled);
    for step_ms in [MINUTE_MS, HOUR_MS, DAY_MS] {
        let edges_ms = edges(whole(), step_ms);
        for aspects in ALL {
            assert_agree(&store, &model, whole(), &detail(&edges_ms, aspects));
        }
    }
    assert_eq!(tiers_used(&store, HOUR_MS, Aspects::SUM), [0, 3_600_000]);
}

/// Twelve samples a minute of series that are scraped together, just before or at whole minutes; of one of them some are no
/// numbers.
fn fill_scraped(rig: &Rig, store: &Store, model: &MemoryStore, phase_ms: i64, minutes: i64) {
    let mut random = stdx::random::Random::from_seed(phase_ms as u64);
    for minute in 0..minutes {
        let mut samples = Vec::new();
        for second in 0..12 {
            let at = START_MS + minute * MINUTE_MS + second * 5_000 + phase_ms;
            samples.push(("__name__=load,host=a", at, random.below(500) as f64 / 100.0));
            samples.push(("__name__=bytes_total,host=a", at, (minute * 12 + second) as f64));
            let is_odd = random.below(700) == 0;
            let odd = if random.below(2) == 0 { f64::NAN } else { model::STALE };
            samples.push(("__name__=odd,host=a", at, if is_odd { odd } else { random.below(9) as f64 }));
        }
        let batch = batch(&samples);
        rig.clock.set_ms(START_MS + (minute + 1) * MINUTE_MS);
        store.push(&batch).unwrap();
        model.push(&batch).unwrap();
        if minute % 30 == 29 {
            store.tick(START_MS + (minute + 1) * MINUTE_MS).unwrap();
        }
    }
}

#[test]
fn buckets_closed_on_the_right_are_answered_from_rows_where_the_times_of_samples_allow_it() {
    // A day and a quarter: long enough for rows of hours.
    const SCRAPED: i64 = 1800;
    for phase_ms in [0, 2_500] {
        let rig = Rig::new();
        let (store, model) = (Store::open(options(&rig, &FOREVER)).unwrap(), MemoryStore::new());
        fill_scraped(&rig, &store, &model, phase_ms, SCRAPED);
        let range = TimeRange::new(whole().start_ms + 1, whole().end_ms + 1);
        let mut given = 0;
        for step_ms in [MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS] {
            let edges_ms: Vec<i64> = edges(whole(), step_ms).into_iter().map(|edge| edge + 1).collect();
            for aspects in ALL {
                let detail = detail(&edges_ms, aspects | Aspects::LAST | Aspects::NUMBERS);
                let late = TimeRange::new(range.start_ms + 17 * MINUTE_MS, range.end_ms - 7_777_777);
                given += assert_agree(&store, &model, range, &detail);
                assert_agree(&store, &model, late, &detail);
            }
        }
        // Rows of hours and days; more where summaries of whole chunks do as well.
        let from_rows = tiers_of(&store, range, HOUR_MS, 1, Aspects::MAX | Aspects::NUMBERS);
        assert_eq!(from_rows.contains(&3_600_000), phase_ms != 0, "{phase_ms} {given}");
        // Every NaN counts: where there is one, samples are read.
        let ids: Vec<_> = store.select(&[Matcher::equal("__name__", "odd")], range, 9).unwrap().series;
        let edges_ms: Vec<i64> = edges(whole(), HOUR_MS).into_iter().map(|edge| edge + 1).collect();
        let counted = detail(&edges_ms, Aspects::COUNT | Aspects::LAST | Aspects::NUMBERS);
        let mut count = 0;
        let mut visit = |_, piece: model::Rolled<'_>| {
            count += match piece {
                model::Rolled::Samples { times_ms, .. } => times_ms.len() as u64,
                model::Rolled::Rows(rows) => rows.iter().map(|row| row.count).sum(),
                model::Rolled::Table(table) => table.counts.iter().sum(),
            };
            std::ops::ControlFlow::Continue(())
        };
        store.read_rolled(&[ids[0].id], range, &counted, &mut visit).unwrap();
        let at_start = u64::from(phase_ms == 0);
        assert_eq!(count, SCRAPED as u64 * 12 - at_start, "{phase_ms}");
    }
}

#[test]
fn rows_stay_when_samples_go() {
    let rig = Rig::new();
    let tiers = ["1s:12h", "60s:1d", "1h:1y"];
    let (store, model) = (Store::open(options(&rig, &tiers)).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 0..MINUTES);
    let old = TimeRange::new(START_MS, START_MS + DAY_MS);
    let edges_ms = edges(old, HOUR_MS);
    let hours =
        detail(&edges_ms, Aspects::COUNT | Aspects::SUM | Aspects::MIN | Aspects::MAX | Aspects::LAST);
    assert!(assert_agree(&store, &model, old, &hours) > 0);
    let samples = Detail { tier: TierChoice::Only(0), ..hours };
    assert!(folded(&store, old, &samples).0.is_empty(), "samples are gone");
    let minutes = edges(old, MINUTE_MS);
    let ids: Vec<_> = store.select(&[], old, 99).unwrap().series.iter().map(|series| series.id).collect();
    let mut visit = |_, _: model::Rolled<'_>| std::ops::ControlFlow::Continue(());
    let reading = store.read_rolled(&ids, old, &detail(&minutes, Aspects::SUM), &mut visit).unwrap();
    assert_eq!(reading.tiers_ms, [3_600_000], "finer was asked for, and is gone");
    assert_eq!(reading.gone, [(old, 3_600_000)]);

    // What is imported for when samples are gone already is added to the rows, once; what lies among samples that a row
    // has seen may be there already, and is left out and told.
    let mut late: Vec<_> =
        (0..50).map(|at| ("__name__=load,host=a", START_MS + 1 + at * 60_007, 1000.0)).collect();
    late.extend((0..20).map(|at| ("__name__=hourly,host=c", START_MS + at * HOUR_MS + 5, at as f64)));
    let now_ms = START_MS + MINUTES * MINUTE_MS;
    model.push(&batch(&late[50..])).unwrap();
    // What is imported once more, one sample of each row, is known to be there.
    let again = &late[50..];
    for (round, late) in [&late[..], again].into_iter().enumerate() {
        store.importer().push(&batch(late)).unwrap();
        assert!(assert_agree(&store, &model, old, &hours) > 0, "before rows are computed anew");
        let mut visit = |_, piece: model::Rolled<'_>| {
            assert!(
                matches!(piece, model::Rolled::Rows(_) | model::Rolled::Table(_)),
                "the late ones would hide the rest"
            );
            std::ops::ControlFlow::Continue(())
        };
        let reading = store.read_rolled(&ids, old, &detail(&minutes, Aspects::SUM), &mut visit).unwrap();
        assert_eq!(reading.gone, [(old, 3_600_000)]);
        for minutes in [1, 12, 30, 60] {
            store.tick(now_ms + (round as i64 * 100 + minutes) * MINUTE_MS).unwrap();
        }
        assert!(folded(&store, old, &samples).0.is_empty(), "forgotten again");
        assert!(assert_agree(&store, &model, old, &hours) > 0, "added once");
    }
    let told: Vec<u64> = rig
        .events()
        .into_iter()
        .map(|event| match event {
            Event::LeftOut { samples, tier_ms: 3_600_000, .. } => samples,
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!((told.iter().sum::<u64>(), store.stats().left_out), (50, 50));
}

#[test]
fn each_policy_keeps_its_own() {
    let rig = Rig::new();
    let mut options = options(&rig, &FOREVER);
    let mut short = policy(&["1s:6h"]);
    short.name = "short".to_owned();
    short.matchers = vec![Matcher::equal("host", "b")];
    options.policies.insert(0, short.clone());
    let (store, model) = (Store::open(options).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 0..MINUTES);
    let of =
        |host: &str, range| store.select(&[Matcher::equal("host", host)], range, 99).unwrap().series.len();
    let first_day = TimeRange::new(START_MS, START_MS + DAY_MS);
    assert_eq!((of("a", first_day), of("b", first_day)), (3, 0));
    assert_eq!((of("a", whole()), of("b", whole())), (3, 2));
    // From now on another policy holds for host a too: what is joined from now on moves, and then goes.
    short.matchers = Vec::new();
    store.set_policies(vec![short]).unwrap();
    store.tick(START_MS + MINUTES * MINUTE_MS + 60_000).unwrap();
    assert_eq!(
        (of("a", first_day), of("b", first_day)),
        (0, 0),
        "what has no policy any more takes the one for all"
    );
    assert!(store.set_policies(vec![policy(&["1s:1d", "7s:1d"]), policy(&["1s:1d"])]).is_err());
}

#[test]
fn blocks_go_before_the_disk_runs_full() {
    let rig = Rig::new();
    let options = |free_bytes_min| {
        let mut options = options(&rig, &FOREVER);
        options.segment_bytes = 16 << 10;
        options.free_bytes_min = free_bytes_min;
        options
    };
    rig.disk.set_capacity_bytes(Some(400_000));
    let (store, model) = (Store::open(options(150_000)).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 0..MINUTES);
    assert!(store.stats().blocks_forgotten_for_space > 0);
    assert!(rig.events().iter().all(|event| matches!(event, Event::SpaceLow { refusing: false, .. })));
    let newest = TimeRange::new(START_MS + (MINUTES - 300) * MINUTE_MS, START_MS + MINUTES * MINUTE_MS);
    let edges_ms = edges(newest, MINUTE_MS);
    assert_agree(&store, &model, newest, &detail(&edges_ms, Aspects::SUM));
    store.close().unwrap();
    drop(store);
    let store = Store::open(options(10_000_000)).unwrap();
    let now_ms = START_MS + MINUTES * MINUTE_MS;
    let newer = batch(&[("__name__=up,host=a", now_ms - 1, 2.0)]);
    for second in 1..4 {
        store.tick(now_ms + second * 1000).unwrap();
    }
    assert!(matches!(store.push(&newer), Err(PushError::Busy(_))), "nothing left to forget");
    let refusing = |event: &Event| matches!(event, Event::SpaceLow { refusing: true, .. });
    assert_eq!(rig.events().iter().filter(|event| refusing(event)).count(), 1);
    rig.disk.set_capacity_bytes(None);
    store.tick(now_ms + 5000).unwrap();
    store.push(&newer).unwrap();
}

#[test]
fn deleted_samples_are_in_no_row() {
    let rig = Rig::new();
    let (store, model) = (Store::open(options(&rig, &FOREVER)).unwrap(), MemoryStore::new());
    fill(&rig, &store, &model, 0..MINUTES);
    let gone = TimeRange::new(START_MS + 77 * MINUTE_MS + 1, START_MS + 400 * MINUTE_MS);
    store.delete(&[vec![Matcher::equal("host", "a")]], gone).unwrap();
    let left = MemoryStore::new();
    for (labels, samples) in dump(&model, TimeRange::ALL) {
        let stays = |time_ms: i64| labels.get("host") != Some("a") || !gone.contains(time_ms);
        let samples = samples.into_iter().filter(|(time_ms, _)| stays(*time_ms));
        left.insert(
            &labels,
            model::Kind::Gauge,
            samples.map(|(time_ms, bits)| (time_ms, f64::from_bits(bits))),
        );
    }
    assert!(assert_hours_agree(&store, &left, whole()) > 0, "at once");
    store.clean().unwrap();
    let now_ms = START_MS + MINUTES * MINUTE_MS;
    for minute in 1..4 {
        store.tick(now_ms + minute * MINUTE_MS).unwrap();
    }
    assert!(assert_hours_agree(&store, &left, whole()) > 0, "from rows computed anew");
    let edges_ms = edges(whole(), DAY_MS);
    assert_agree(&store, &left, whole(), &detail(&edges_ms, Aspects::MAX));
}

/// Four hours in one block, because nothing was written meanwhile; rows of them, and finer buckets than rows.
#[test]
fn a_block_of_several_windows_leaves_no_gap_that_looks_as_if_samples_were_gone() {
    let rig = Rig::new();
    let store = Store::open(options(&rig, &FOREVER)).unwrap();
    let seconds = |from: i64, to: i64| -> Vec<(&str, i64, f64)> {
        (from / 10..to / 10)
            .map(|at| ("__name__=load,host=a", START_MS + at * 10_000 + 5000, at as f64))
            .collect()
    };
    // The first begins in the midst of a window, too.
    for (from_minutes, to_minutes) in [(30, 240), (240, 480), (480, 720)] {
        rig.clock.set_ms(START_MS + to_minutes * MINUTE_MS);
        store.importer().push(&batch(&seconds(from_minutes * 60, to_minutes * 60))).unwrap();
        store.tick(START_MS + to_minutes * MINUTE_MS + 2 * MINUTE_MS).unwrap();
    }
    rig.clock.set_ms(START_MS + 900 * MINUTE_MS);
    store.tick(START_MS + 900 * MINUTE_MS).unwrap();
    assert!(store.stats().windows_rolled > 0);
    let range = TimeRange::new(START_MS, START_MS + 720 * MINUTE_MS);
    let edges_ms = edges(range, 10_000);
    let ids: Vec<_> = store.select(&[], range, 9).unwrap().series.iter().map(|series| series.id).collect();
    let mut samples = 0;
    let mut visit = |_, piece: model::Rolled<'_>| {
        match piece {
            model::Rolled::Samples { values, .. } => samples += values.len(),
            model::Rolled::Rows(rows) => samples += rows.iter().map(|row| row.count as usize).sum::<usize>(),
            model::Rolled::Table(table) => samples += table.counts.iter().sum::<u64>() as usize,
        }
        std::ops::ControlFlow::Continue(())
    };
    let reading = store.read_rolled(&ids, range, &detail(&edges_ms, Aspects::LAST), &mut visit).unwrap();
    assert_eq!((samples, reading.tiers_ms, reading.gone), (690 * 6, vec![0], Vec::new()));
}
