//! Very many names: what is asked of them is answered from a few places, in memory as in blocks. With `--nocapture` it says how
//! long that takes; `WINDHOVER_TEST_NAMES` says how many names there are.

use super::rig::{MINUTE_MS, Rig};
use crate::Store;
use model::{Batch, Kind, Labels, MatchOp, Matcher, NAME, Sink, Slot, Source, TimeRange};
use std::time::Instant;
use stdx::clock::Clock;

/// Leaves of a server.
const LEAVES: usize = 100;

fn count() -> usize {
    std::env::var("WINDHOVER_TEST_NAMES").ok().and_then(|text| text.parse().ok()).unwrap_or(30_000)
}

/// `servers.<place>.<server>.<leaf>`, in no order, and a few series with labels.
fn fill(store: &Store, now_ms: i64) {
    let servers = count() / LEAVES;
    for at in 0..servers {
        let server = at * 7919 % servers;
        let mut batch = Batch::new();
        for leaf in 0..LEAVES {
            let name = format!("servers.dc{}.web{server:05}.cpu{}.m{}", server % 8, leaf % 4, leaf / 4);
            batch.dictionary.add(&Labels::from_pairs([(NAME, name.as_str())]).unwrap(), Kind::Gauge);
        }
        let host = format!("h{at}");
        batch
            .dictionary
            .add(&Labels::from_pairs([(NAME, "up"), ("host", host.as_str())]).unwrap(), Kind::Gauge);
        batch.begin(now_ms);
        (0..=LEAVES as u32).for_each(|slot| batch.push(Slot(slot), 1.0));
        assert!(store.push(&batch).unwrap().report.is_clean());
    }
}

fn timed<T>(what: &str, ask: impl Fn() -> T) -> T {
    let (started, before) = (Instant::now(), cpu_ms());
    let answer = ask();
    let wall_ms = started.elapsed().as_secs_f64() * 1000.0;
    eprintln!("{what:<44} {wall_ms:>9.2} ms, processor {:>9.2} ms", cpu_ms() - before);
    answer
}

/// Processor time of this thread, where the kernel tells it.
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn ask(store: &Store, place: &str) {
    let servers = count() / LEAVES;
    let nodes = |prefix: &str, limit: usize| {
        let found = timed(&format!("{place} {prefix}*"), || store.nodes(NAME, prefix, TimeRange::ALL, limit));
        found.unwrap().into_iter().map(|node| node.path).collect::<Vec<_>>()
    };
    assert_eq!(nodes("", 100), ["servers"]);
    assert_eq!(nodes("servers.", 100).len(), 8);
    assert_eq!(nodes("servers.dc3.", 100_000).len(), servers / 8 + usize::from(servers % 8 > 3));
    assert_eq!(nodes("servers.dc3.web0000", 100), ["servers.dc3.web00003"]);
    assert_eq!(nodes("servers.dc3.web00003.cpu1.", 100).len(), LEAVES / 4);
    let starts = Matcher::new(NAME, MatchOp::Regex, "servers\\.dc5\\.web.*").unwrap();
    let asked = [starts];
    let values = timed(&format!("{place} values of a prefix"), || {
        store.label_values(NAME, &asked, TimeRange::ALL, 100)
    });
    assert!(values.unwrap().iter().all(|value| value.starts_with("servers.dc5.web")));
    let values = timed(&format!("{place} values"), || store.label_values(NAME, &[], TimeRange::ALL, 1000));
    assert_eq!(values.unwrap().len(), 1000.min(count()));
    let names = timed(&format!("{place} names"), || store.label_names(&[], TimeRange::ALL, 1000));
    assert_eq!(names.unwrap(), [NAME, "host"]);
    let beside = [Matcher::new(NAME, MatchOp::Regex, "[^.]*(?:\\..*)?").unwrap(), Matcher::equal("host", "")];
    let found = timed(&format!("{place} with other labels"), || {
        store.select_beside(NAME, &beside, TimeRange::ALL, 10)
    });
    assert_eq!(found.unwrap().series, []);
    let some = [Matcher::equal(NAME, "servers.dc3.web00003.cpu1.m3")];
    let found = timed(&format!("{place} one by name"), || store.select(&some, TimeRange::ALL, 10));
    assert_eq!(found.unwrap().series.len(), 1);
    let found = timed(&format!("{place} the first hundred"), || store.select(&[], TimeRange::ALL, 100));
    assert_eq!(found.unwrap().series.len(), 100);
}

#[test]
fn few_of_many_names_are_found_at_once() {
    let rig = Rig::new();
    let store = rig.open();
    timed("taking them in", || fill(&store, rig.clock.now_ms()));
    ask(&store, "first:  memory");
    ask(&store, "then:   memory");
    for _ in 0..3 {
        rig.clock.advance_ms(60 * 24 * MINUTE_MS);
        store.tick(rig.clock.now_ms()).unwrap();
    }
    assert_eq!((store.stats().head_series, store.stats().blocks > 0), (0, true));
    ask(&store, "first:  blocks");
    ask(&store, "then:   blocks");
}
