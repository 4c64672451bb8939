use super::*;
use model::{Batch, PushError, Receipt, is_stale};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The last value of each series.
#[derive(Default)]
struct Last(Mutex<BTreeMap<String, f64>>);

impl Sink for Last {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut last = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                last.insert(batch.dictionary.labels(*slot).to_string(), *value);
            }
        }
        Ok(Receipt::default())
    }
}

impl Last {
    fn get(&self, series: &str) -> Option<f64> {
        self.0.lock().unwrap().get(series).copied().filter(|value| !is_stale(*value))
    }

    /// Sums all live series of a metric.
    fn sum(&self, metric: &str) -> f64 {
        let last = self.0.lock().unwrap();
        let live = last
            .iter()
            .filter(|(name, value)| name.starts_with(&format!("{metric}{{")) && !is_stale(**value));
        live.map(|(_, value)| value).sum()
    }

    fn count(&self, metric: &str) -> usize {
        let last = self.0.lock().unwrap();
        last.iter()
            .filter(|(name, value)| name.starts_with(&format!("{metric}{{")) && !is_stale(**value))
            .count()
    }
}

const FORMAT: &str = "$request_method $request_uri $status $body_bytes_sent $request_time [$upstream_response_time] \
                      $upstream_cache_status [$upstream_addr] [$upstream_status]";

fn aggregate(urls_max: usize) -> Aggregate {
    let format = Arc::new(Format::compile("nginx", FORMAT).unwrap());
    let labels = [("log_file".to_owned(), "/a".to_owned())];
    Aggregate::new(format, Options { urls_max, ..Options::default() }, &labels, 0)
}

/// Counts a line; whether it had the format.
fn fits(log: &mut Aggregate, line: &str) -> bool {
    let mut fits = true;
    log.add_block(format!("{line}\n").as_bytes(), &mut |_| fits = false);
    fits
}

#[test]
fn lines_become_series() {
    let (mut log, last) = (aggregate(10), Last::default());
    for line in [
        "GET /users/1?x 200 100 0.100 [0.050] HIT [10.0.0.1:80] [200]",
        "GET /users/2 200 50 0.300 [0.1, 0.1] MISS [10.0.0.1:80, 10.0.0.2:80] [502, 200]",
        "POST /users/3 500 7 2.000 [-] - [-] [-]",
    ] {
        assert!(fits(&mut log, line), "{line}");
    }
    assert!(!fits(&mut log, "what?"));
    let (samples, why) = log.flush(10_000, &last);
    assert!(samples > 30 && why.is_empty(), "{samples} {why}");
    for (series, wanted) in [
        (r#"log_requests_total{log_file="/a",method="GET",status="200"}"#, Some(2.0)),
        (r#"log_bytes_total{log_file="/a",method="POST",status="500"}"#, Some(7.0)),
        (r#"log_url_requests_total{log_file="/a",method="GET",status="200",url="/users/{id}"}"#, Some(2.0)),
        (r#"log_url_bytes_total{log_file="/a",url="/users/{id}"}"#, Some(157.0)),
        (r#"log_request_seconds_count{log_file="/a"}"#, Some(3.0)),
        (r#"log_request_seconds_max{log_file="/a"}"#, Some(2.0)),
        (r#"log_request_seconds_bucket{le="0.1",log_file="/a"}"#, Some(1.0)),
        (r#"log_request_seconds_bucket{le="+Inf",log_file="/a"}"#, Some(3.0)),
        (r#"log_upstream_seconds_count{log_file="/a"}"#, Some(3.0)),
        (r#"log_url_upstream_seconds_count{log_file="/a",url="/users/{id}"}"#, Some(3.0)),
        (r#"log_upstream_attempts_total{log_file="/a",status="502",upstream="10.0.0.1:80"}"#, Some(1.0)),
        (r#"log_cache_requests_total{cache="MISS",log_file="/a"}"#, Some(1.0)),
        (r#"log_cache_requests_total{cache="-",log_file="/a"}"#, None),
        (r#"log_lines_total{log_file="/a"}"#, Some(4.0)),
        (r#"log_lines_unmatched_total{log_file="/a"}"#, Some(1.0)),
    ] {
        assert_eq!(last.get(series), wanted, "{series}");
    }
    let p99 = last.get(r#"log_request_seconds{log_file="/a",quantile="0.99"}"#).unwrap();
    assert!((p99 - 2.0).abs() < 0.02, "{p99}");
    // Without news gauges end and sums stay.
    log.flush(20_000, &last);
    assert_eq!(last.get(r#"log_request_seconds{log_file="/a",quantile="0.99"}"#), None);
    assert_eq!(last.get(r#"log_request_seconds_count{log_file="/a"}"#), Some(3.0));
}

#[test]
fn every_request_is_in_one_url_series_however_many_urls_there_are() {
    let (mut log, last) = (aggregate(5), Last::default());
    let mut random = stdx::random::Random::from_seed(7);
    let mut total = 0;
    for round in 1..60 {
        for _ in 0..200 {
            // A few that come often, ever new ones in between.
            let word = match random.below(4) {
                0..=2 => format!("often{}", (b'a' + (random.below(4) + round / 20) as u8) as char),
                _ => format!(
                    "rare-{}",
                    random
                        .below(1 << 40)
                        .to_string()
                        .replace(|c: char| c.is_ascii_digit(), "x")
                        .chars()
                        .zip(random.next_u64().to_string().chars())
                        .map(|(_, d)| (b'a' + d as u8 - b'0') as char)
                        .collect::<String>()
                ),
            };
            let line = format!("GET /{word} 200 1 0.001 [-] - [-] [-]");
            assert!(fits(&mut log, &line));
            total += 1;
        }
        log.flush(round as i64 * 10_000, &last);
        assert_eq!(last.sum("log_requests_total"), f64::from(total));
        let urls = last.count("log_url_requests_total");
        assert!(urls <= 6, "{urls} after {round}");
    }
    // What was most asked for at the end has its series, and it grew.
    for letter in ["c", "d", "e", "f"] {
        let series = format!(
            r#"log_url_requests_total{{log_file="/a",method="GET",status="200",url="/often{letter}"}}"#
        );
        assert!(last.get(&series).is_some_and(|count| count > 100.0), "{series}");
    }
}

#[test]
fn the_growth_of_all_url_series_is_the_growth_of_the_whole() {
    /// Adds up growth as a reader would.
    #[derive(Default)]
    struct Growth(Mutex<BTreeMap<String, (f64, f64)>>);
    impl Sink for Growth {
        fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
            let mut all = self.0.lock().unwrap();
            for rows in batch.groups() {
                for (slot, value) in rows.slots.iter().zip(rows.values) {
                    let labels = batch.dictionary.labels(*slot);
                    let entry = all.entry(labels.to_string()).or_insert((f64::NAN, 0.0));
                    if is_stale(*value) {
                        entry.0 = f64::NAN;
                    } else {
                        entry.1 += if entry.0.is_nan() { 0.0 } else { *value - entry.0 };
                        entry.0 = *value;
                    }
                }
            }
            Ok(Receipt::default())
        }
    }
    let (mut log, growth) = (aggregate(3), Growth::default());
    let mut random = stdx::random::Random::from_seed(1);
    for round in 1..200u64 {
        for _ in 0..random.below(50) {
            let letter = (b'a' + ((random.below(6) + round / 10) % 26) as u8) as char;
            let status = if random.below(9) == 0 { 500 } else { 200 };
            assert!(fits(&mut log, &format!("GET /{letter} {status} 3 0.5 [0.25] - [-] [-]")));
        }
        log.flush(round as i64 * 1000, &growth);
    }
    let all = growth.0.lock().unwrap();
    let sum = |metric: &str| {
        all.iter()
            .filter(|(name, _)| name.starts_with(&format!("{metric}{{")))
            .map(|(_, (_, grown))| grown)
            .sum::<f64>()
    };
    let lines = log.lines().0 as f64;
    assert_eq!(sum("log_requests_total"), lines);
    assert_eq!(sum("log_url_requests_total"), lines);
    assert_eq!(sum("log_url_bytes_total"), 3.0 * lines);
    assert_eq!(sum("log_url_request_seconds_count"), lines);
    assert_eq!(sum("log_url_upstream_seconds_sum"), 0.25 * lines);
    assert!(all.len() > 100, "URLs changed");
}

#[test]
fn words_and_statuses_are_bounded() {
    let (mut log, last) = (aggregate(0), Last::default());
    let before = telemetry::PAIRS_FOLDED.get();
    for i in 0..900 {
        assert!(fits(&mut log, &format!("GET /a {} 1 0.1 [-] C{i} [10.0.0.1:{i}] [200]", 100 + i)));
    }
    log.flush(1000, &last);
    assert_eq!((last.count("log_url_requests_total"), last.sum("log_requests_total")), (0, 900.0));
    for (metric, wanted) in
        [("log_requests_total", 65), ("log_cache_requests_total", 17), ("log_upstream_attempts_total", 65)]
    {
        assert_eq!(last.count(metric), wanted, "{metric}");
    }
    assert_eq!(last.sum("log_cache_requests_total"), 900.0);
    // Other tests may count, too.
    assert!(telemetry::PAIRS_FOLDED.get() >= before + 900 - 64, "pairs that share a series are counted");
}
