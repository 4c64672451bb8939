//! Deleting: gone at once, gone after a crash, gone from the disk, and what comes later stays.

use super::rig::{DIR, MINUTE_MS, Rig, START_MS, dump, labels, push};
use crate::Store;
use model::{Keeper, Labels, MatchOp, Matcher, Source, TimeRange};
use std::collections::BTreeMap;
use std::path::Path;
use stdx::clock::Clock;
use stdx::disk::Disk;
use stdx::random::Random;

fn host(value: &str) -> Vec<Vec<Matcher>> {
    vec![vec![Matcher::new("host", MatchOp::Regex, value).unwrap()]]
}

fn hosts(store: &Store) -> Vec<String> {
    store.label_values("host", &[], TimeRange::ALL, 100).unwrap()
}

fn block_bytes(rig: &Rig) -> usize {
    let blocks = Path::new(DIR).join("blocks");
    let files = rig.disk.files().into_iter().filter(|path| path.starts_with(&blocks));
    files.map(|path| rig.disk.read(&path).unwrap().len()).sum()
}

/// Samples a minute of three hosts, of which some are in blocks and some in memory.
fn filled(rig: &Rig) -> Store {
    let store = rig.open();
    for minute in 0..500 {
        let now = START_MS + minute * MINUTE_MS;
        rig.clock.set_ms(now);
        let noise = f64::from_bits((minute as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2);
        push(
            &store,
            &[
                ("__name__=a,host=x", now, noise),
                ("__name__=a,host=y", now, 1.0),
                ("__name__=b,host=z", now, 2.0),
            ],
        );
        if minute % 30 == 0 {
            store.tick(now).unwrap();
        }
    }
    assert!(store.stats().blocks > 0 && store.stats().head_samples > 0);
    store
}

#[test]
fn what_is_deleted_is_gone_at_once_and_after_a_crash_and_from_the_disk() {
    let rig = Rig::new();
    let store = filled(&rig);
    let before = dump(&store, TimeRange::ALL);
    assert_eq!(store.delete(&host("x"), TimeRange::ALL).unwrap().series, 1);
    let left: Vec<_> = before.iter().filter(|(l, _)| l.get("host") != Some("x")).cloned().collect();
    assert_eq!(
        (dump(&store, TimeRange::ALL), hosts(&store)),
        (left.clone(), vec!["y".to_owned(), "z".to_owned()])
    );
    let store = rig.kill_and_open(store);
    assert_eq!((dump(&store, TimeRange::ALL), hosts(&store).len()), (left.clone(), 2));
    assert_eq!(store.cardinality(TimeRange::ALL, 10).unwrap().series, 2);
    let masked = block_bytes(&rig);
    store.clean().unwrap();
    store.clean().unwrap();
    assert!(block_bytes(&rig) < masked / 2, "{} of {masked}", block_bytes(&rig));
    assert_eq!((dump(&store, TimeRange::ALL), hosts(&store).len()), (left.clone(), 2));
    let now = rig.clock.now_ms();
    push(&store, &[("__name__=a,host=x", now, 7.0)]);
    let back = dump(&store, TimeRange::ALL).into_iter().find(|(l, _)| l.get("host") == Some("x")).unwrap();
    assert_eq!(back.1, [(now, 7f64.to_bits())], "what is pushed later is kept");
    let store = rig.kill_and_open(store);
    assert_eq!(hosts(&store).len(), 3);
    // Everything.
    store.delete(&host(".+"), TimeRange::ALL).unwrap();
    assert_eq!((dump(&store, TimeRange::ALL), hosts(&store)), (vec![], vec![]));
    rig.clock.advance_ms(MINUTE_MS);
    (0..10).for_each(|_| store.tick(rig.clock.now_ms()).unwrap());
    assert_eq!((store.stats().blocks, block_bytes(&rig)), (0, 0));
    assert_eq!(rig.events(), []);
}

#[test]
fn a_range_is_deleted_to_the_millisecond() {
    let rig = Rig::new();
    let store = filled(&rig);
    let range = TimeRange::new(START_MS + 77 * MINUTE_MS, START_MS + 400 * MINUTE_MS + 1);
    let mut wanted = dump(&store, TimeRange::ALL);
    for (labels, samples) in &mut wanted {
        samples.retain(|(t, _)| labels.name() != "a" || !range.contains(*t));
    }
    let matchers = vec![vec![Matcher::equal("__name__", "a")]];
    assert_eq!(store.delete(&matchers, range).unwrap().series, 2);
    assert_eq!(dump(&store, TimeRange::ALL), wanted);
    store.clean().unwrap();
    assert_eq!(dump(&store, TimeRange::ALL), wanted);
    assert_eq!(store.delete(&matchers, range).unwrap().series, 0, "nothing is left to delete");
}

#[test]
fn nonsense_is_refused_and_failures_delete_nothing() {
    let rig = Rig::new();
    let store = filled(&rig);
    let before = dump(&store, TimeRange::ALL);
    assert!(store.delete(&[], TimeRange::ALL).unwrap_err().to_string().contains("selector"));
    assert!(store.delete(&[vec![]], TimeRange::ALL).unwrap_err().to_string().contains("selector"));
    assert!(store.delete(&host("x"), TimeRange::new(5, 5)).unwrap_err().to_string().contains("empty"));
    for call in stdx::disk::Call::ALL {
        for nth in 1..40 {
            rig.disk.fail(call, nth, std::io::ErrorKind::Other);
            // A matcher that finds nothing still writes out what is in memory.
            let deleted = store.delete(&host("nobody"), TimeRange::ALL);
            let happened = rig.disk.heal() == 0;
            assert!(deleted.is_ok() || happened, "{call:?} {nth}: {deleted:?}");
            if !happened {
                break;
            }
        }
    }
    assert_eq!(dump(&store, TimeRange::ALL), before);
    let mut failures = 0;
    for call in stdx::disk::Call::ALL {
        rig.disk.fail(call, 1, std::io::ErrorKind::Other);
        match store.delete(&host("x"), TimeRange::ALL) {
            Err(_) => {
                failures += 1;
                assert_eq!(dump(&store, TimeRange::ALL), before, "{call:?}");
            }
            Ok(_) => break,
        }
        rig.disk.heal();
    }
    rig.disk.heal();
    assert!(failures > 0);
    rig.events();
}

fn forget(model: &mut BTreeMap<(Labels, i64), u64>, matchers: &[Matcher], range: TimeRange) {
    model.retain(|(labels, time_ms), _| !(range.contains(*time_ms) && Matcher::all_match(matchers, labels)));
}

#[test]
fn random_deletions_are_those_of_a_plain_map() {
    for seed in 0..15 {
        let mut random = Random::from_seed(seed);
        let rig = Rig::new();
        let mut model: BTreeMap<(Labels, i64), u64> = BTreeMap::new();
        let mut store = rig.open();
        for step in 0..120 {
            rig.clock.advance_ms(random.below(40) as i64 * MINUTE_MS);
            let now = rig.clock.now_ms();
            match random.below(12) {
                0 => store = rig.kill_and_open(store),
                1 | 2 => store.tick(now).unwrap(),
                3 => {
                    let matchers = host(["h1", "h[12]", "h.*", "h3|h4"][random.below(4) as usize]);
                    let start = now - random.below(3000) as i64 * MINUTE_MS;
                    let range = TimeRange::new(start, start + 1 + random.below(2000) as i64 * MINUTE_MS);
                    store.delete(&matchers, range).unwrap();
                    forget(&mut model, &matchers[0], range);
                }
                4 => store.clean().unwrap(),
                _ => {
                    let text = format!("__name__=m,host=h{}", random.below(5));
                    let time_ms = now - random.below(50) as i64 * MINUTE_MS;
                    push(&store, &[(&text, time_ms, step as f64)]);
                    model.insert((labels(&text), time_ms), (step as f64).to_bits());
                }
            }
            let mut found = BTreeMap::new();
            for (labels, samples) in dump(&store, TimeRange::ALL) {
                found.extend(samples.into_iter().map(|(t, bits)| ((labels.clone(), t), bits)));
            }
            let wrong = |(a, b): (&BTreeMap<_, _>, &BTreeMap<(Labels, i64), u64>)| {
                a.iter()
                    .filter(|(key, bits)| b.get(key) != Some(bits))
                    .map(|(key, _)| key.clone())
                    .collect::<Vec<_>>()
            };
            let (more, less) = (wrong((&found, &model)), wrong((&model, &found)));
            assert_eq!((more, less), (vec![], vec![]), "seed {seed} step {step}");
        }
        assert_eq!(rig.events(), []);
    }
}

/// The pointer is damaged while a deletion waits to be carried out, while it is, and after it was.
#[test]
fn what_is_deleted_stays_gone_when_the_manifest_is_damaged() {
    let manifest = Path::new(DIR).join("MANIFEST");
    let mut random = Random::from_seed(5);
    for round in 0..12 {
        let rig = Rig::new();
        let store = filled(&rig);
        let before = dump(&store, TimeRange::ALL);
        assert_eq!(store.delete(&host("x|y"), TimeRange::ALL).unwrap().series, 2);
        let left: Vec<_> = before.iter().filter(|(l, _)| l.get("host") == Some("z")).cloned().collect();
        match round % 3 {
            0 => rig.kill(store),
            1 => {
                store.tick(rig.clock.now_ms()).unwrap();
                rig.kill(store);
            }
            _ => {
                store.clean().unwrap();
                store.close().unwrap();
            }
        }
        rig.disk.damage(&manifest, |bytes| {
            let bit = random.below(bytes.len() as u64 * 8) as usize;
            let bit = if (48..64).contains(&bit) { 64 } else { bit }; // a version is told in another way
            bytes[bit / 8] ^= 1 << (bit % 8);
        });
        let disk: std::sync::Arc<dyn Disk> = std::sync::Arc::new(rig.disk.clone());
        let found = crate::check(&disk, Path::new(DIR)).unwrap().damaged;
        let told: Vec<String> = found.iter().map(|finding| finding.to_string()).collect();
        assert_eq!(told, ["MANIFEST: the checksum is wrong; its copy takes its place"], "round {round}");
        if round % 2 == 0 {
            crate::repair(&rig.options()).unwrap();
        }
        let store = rig.open();
        assert_eq!(dump(&store, TimeRange::ALL), left, "round {round}");
        store.clean().unwrap();
        let store = rig.kill_and_open(store);
        assert_eq!(dump(&store, TimeRange::ALL), left, "round {round}, opened again");
        assert_eq!(crate::check(&disk, Path::new(DIR)).unwrap().damaged, []);
    }
}
