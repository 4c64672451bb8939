use super::*;
use crate::protocols::named;
use crate::testing::{Packet, Talk};

fn tap() -> Wiretap {
    let mut tap = Wiretap::default();
    tap.watch(6379, named("redis").unwrap());
    tap
}

fn hear(tap: &mut Wiretap, packets: &[Packet]) {
    packets.iter().for_each(|packet| tap.frame(&packet.frame()));
}

fn pings(count: usize) -> Vec<Packet> {
    let mut talk = Talk::opened(6379);
    (0..count).for_each(|_| _ = talk.client("PING\r\n").server("-ERR no\r\n"));
    talk.packets
}

/// Time, labels without host, protocol and port, and value of each row of a metric.
fn rows(batch: &Batch, metric: &str) -> Vec<(i64, String, f64)> {
    let mut rows = Vec::new();
    for group in batch.groups() {
        for (slot, value) in group.slots.iter().zip(group.values) {
            let labels = batch.dictionary.labels(*slot);
            if labels.name() == metric {
                assert_eq!(
                    (labels.host(), labels.get("protocol"), labels.get("port")),
                    ("h", Some("redis"), Some("6379"))
                );
                let own = labels.iter().filter(|(name, _)| ![NAME, HOST, "protocol", "port"].contains(name));
                let text: Vec<String> = own.map(|(name, value)| format!("{name}={value}")).collect();
                rows.push((group.time_ms, text.join(" "), *value));
            }
        }
    }
    rows
}

#[test]
fn counts_begin_at_zero_and_grow() {
    let (mut tap, mut aggregate) = (tap(), Aggregate::new(Options::for_host("h"), 1000));
    let packets = pings(3);
    hear(&mut tap, &packets[..packets.len() - 2]);
    let labels = "operation=PING peer=10.0.0.7".to_owned();
    let batch = aggregate.batch(&mut tap, 11_000);
    let wanted = [(1000, labels.clone(), 0.0), (11_000, labels.clone(), 2.0)];
    assert_eq!(rows(batch, "traffic_requests_total"), wanted);
    assert_eq!(rows(batch, "traffic_errors_total")[1].2, 2.0);
    let codes = [(1000, "code=ERR".to_owned(), 0.0), (11_000, "code=ERR".to_owned(), 2.0)];
    assert_eq!(rows(batch, "traffic_error_codes_total"), codes);
    assert_eq!(rows(batch, "traffic_connections"), [(11_000, String::new(), 1.0)]);
    let quantiles = rows(batch, "traffic_latency_seconds");
    assert_eq!(quantiles.len(), 4);
    quantiles.iter().for_each(|(.., value)| assert!((value - 1e-4).abs() < 1e-6, "{value}"));
    hear(&mut tap, &packets[packets.len() - 2..]);
    let before = aggregate.batch.dictionary.id();
    let batch = aggregate.batch(&mut tap, 21_000);
    assert_eq!(rows(batch, "traffic_requests_total"), [(21_000, labels, 3.0)]);
    assert_eq!(batch.dictionary.id(), before, "nothing new, nothing said anew");
}

#[test]
fn what_is_silent_ends_and_may_come_again() {
    let options = Options { idle_batches: 2, ..Options::for_host("h") };
    let (mut tap, mut aggregate) = (tap(), Aggregate::new(options, 0));
    hear(&mut tap, &pings(1));
    let mut told = Vec::new();
    for batch in 1..6 {
        let batch = aggregate.batch(&mut tap, batch * 1000);
        told.push(rows(batch, "traffic_requests_total").last().map(|(.., value)| value.to_bits()));
    }
    let (one, stale) = (Some(1f64.to_bits()), Some(STALE.to_bits()));
    assert_eq!(told, [one, one, one, stale, None]);
    let mut talk = Talk::opened_from(6379, 5);
    talk.client("PING\r\n").server("+OK\r\n");
    hear(&mut tap, &talk.packets);
    let found = rows(aggregate.batch(&mut tap, 6000), "traffic_requests_total");
    assert_eq!(
        found.iter().map(|(time_ms, _, value)| (*time_ms, *value)).collect::<Vec<_>>(),
        [(5000, 0.0), (6000, 1.0)]
    );
}

#[test]
fn tables_are_bounded_and_sums_stay_right() {
    let mut tap = tap();
    let count = 3 * crate::limits::OPERATIONS_MAX;
    for i in 0..count {
        let mut talk = Talk::opened_from(6379, i as u16 + 1);
        talk.client(format!("CMD{i}\r\n")).server("+OK\r\n").close();
        hear(&mut tap, &talk.packets);
    }
    let mut aggregate = Aggregate::new(Options::for_host("h"), 0);
    let rows = rows(aggregate.batch(&mut tap, 1000), "traffic_requests_total");
    let sum: f64 = rows.iter().map(|(.., value)| value).sum();
    assert_eq!(sum, count as f64);
    assert!(rows.len() <= 2 * (crate::limits::OPERATIONS_MAX + 1));
    assert!(rows.iter().any(|(_, labels, _)| labels.contains("operation=other")));
    assert_eq!(tap.tally.folded(), (count - crate::limits::OPERATIONS_MAX) as u64);
}

#[test]
fn metrics_have_help_and_one_meaning() {
    let mut names: Vec<&str> = metrics().map(|metric| metric.name).collect();
    assert!(metrics().all(|metric| !metric.help.is_empty() && metric.name.starts_with("traffic_")));
    assert!(metrics().all(|metric| (metric.kind == model::Kind::Counter) == metric.name.ends_with("_total")));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), metrics().count());
}
