//! How large an index is and what a question costs, for series as a Kubernetes cluster makes them. By default with few
//! series; `WINDHOVER_SERIES=1000000 cargo test --release -p store --lib measure -- --nocapture` gives the figures.

use super::{BlockIndex, ChunkPlace, IndexBuilder, TimesEntry};
use crate::index::Index;
use crate::index::matcher::{self, Question};
use model::{Kind, Labels, MatchOp, Matcher, SeriesId};

/// Series of one container, as cAdvisor and the like give them.
const METRICS: u64 = 100;

fn key(i: u64) -> Labels {
    let (pod, metric) = (i / METRICS, i % METRICS);
    // Pods come and go: the end of their names is random.
    let hash = pod.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let deployment = pod % 97;
    Labels::from_pairs([
        ("__name__", format!("container_metric_{metric:02}_total").as_str()),
        ("cluster", "production"),
        ("container", &format!("app-{}", deployment % 31)),
        ("id", &format!("/kubepods/burstable/pod{:016x}{hash:016x}", !hash)),
        ("image", &format!("registry.example/team/app-{}:v1.{}", deployment % 31, deployment % 5)),
        ("instance", &format!("10.0.{}.{}:10250", hash >> 60, hash >> 50 & 63)),
        ("job", "kubelet"),
        ("namespace", &format!("namespace-{}", deployment % 23)),
        ("node", &format!("node-{}", hash >> 50 & 1023)),
        ("pod", &format!("app-{deployment}-{:08x}-{:05x}", hash >> 40 & 0xffff, hash & 0xf_ffff)),
    ])
    .unwrap()
}

/// The clock of CPU time is coarse.
const REPEAT: u32 = 100;

/// CPU time of this thread.
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

#[test]
fn a_series_takes_few_bytes_and_a_question_little_time() {
    let count = std::env::var("WINDHOVER_SERIES").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000u64);
    let mut builder = IndexBuilder::default();
    for _ in 0..500 {
        builder.add_times(TimesEntry { first_ms: 0, last_ms: 1, offset: 16, count: 240, len_bytes: 12 });
    }
    let before = cpu_ms();
    for i in 0..count {
        let chunk =
            ChunkPlace { times: (i / METRICS % 500) as u32, offset: i * 90, len_bytes: 80, summary: None };
        builder.add_series(SeriesId(i), key(i).key(), Kind::Counter, &[chunk]);
    }
    let bytes = builder.finish(1).unwrap();
    println!("build: {:.2} µs CPU a series, labels made included", (cpu_ms() - before) * 1e3 / count as f64);
    let each = bytes.len() as f64 / count as f64;
    println!("size: {each:.1} bytes a series");
    assert!(each < 40.0, "{each}");
    let before = cpu_ms();
    let index = BlockIndex::open(bytes, 1).unwrap();
    println!("open: {:.1} ms CPU", cpu_ms() - before);
    let cases = [
        ("namespace", MatchOp::Equal, "namespace-3"),
        ("pod", MatchOp::Regex, "app-1.*"),
        ("pod", MatchOp::Regex, ".*a"),
        ("pod", MatchOp::NotRegex, ".+"),
        ("__name__", MatchOp::Regex, "container_metric_0(1|2)_total"),
    ];
    for (name, op, value) in cases {
        let matchers = [Matcher::new(name, op, value).unwrap()];
        let question = Question::new(&matchers);
        let found = index.matching(&question);
        let before = cpu_ms();
        (0..REPEAT).for_each(|_| assert_eq!(matcher::matching(&index, &matchers).len(), found.len()));
        let each = (cpu_ms() - before) / f64::from(REPEAT);
        println!("{}: {} series, {each:.2} ms CPU", matchers[0], found.len());
        assert_eq!(index.matching(&question), found, "remembered");
        let wanted = (0..count).filter(|i| matchers[0].matches(&key(*i)));
        if count <= 20_000 {
            assert_eq!(found.iter().map(u64::from).collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
        }
    }
    let before = cpu_ms();
    let mut reader = index.reader();
    for ordinal in 0..index.series_count() {
        let series = reader.get(ordinal).unwrap();
        if count <= 20_000 {
            assert_eq!(series.key, key(u64::from(ordinal)).key());
        }
    }
    println!("reading all labels: {:.2} µs CPU a series", (cpu_ms() - before) * 1e3 / count as f64);
    assert_eq!(index.find(key(count / 2).key()), Some((count / 2) as u32));
}
