//! Caches of disks on faster disks (bcache), from `/sys/fs/bcache` (Documentation/admin-guide/bcache.rst).

use crate::text::decimal;
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "bcache",
    summary: "Caches of disks on faster disks: how often they had what was asked for, what is still to be written, and errors.",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Bcache::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["cache"]).from(source)
}

/// The source is a file in the folder of the cache, which is named by its UUID.
static METRICS: [Metric; 8] = [
    count("bcache_hits_total", "stats_total/cache_hits", "Requests answered by the cache."),
    count("bcache_misses_total", "stats_total/cache_misses", "Requests it could not answer."),
    count("bcache_bypass_hits_total", "stats_total/cache_bypass_hits", "Requests past it that it had."),
    count("bcache_bypass_misses_total", "stats_total/cache_bypass_misses", "Requests past it it had not."),
    Metric::gauge("bcache_available_ratio", "ratio", "Part of the cache that holds nothing unwritten.")
        .by(&["cache"])
        .from("cache_available_percent"),
    count("bcache_errors_total", "cache0/io_errors", "Errors of the fast disk."),
    Metric::counter("bcache_written_bytes_total", "bytes", "Bytes written to the fast disk.")
        .by(&["cache"])
        .from("cache0/written"),
    Metric::gauge("bcache_dirty_bytes", "bytes", "Bytes still to be written to the first slow disk.")
        .by(&["cache"])
        .from("bdev0/dirty_data"),
];
const RATIO: usize = 4;
/// Letters and dashes of a UUID; other names are about the module.
const UUID_LENGTH: usize = 36;
/// Most caches.
const CACHES_MAX: usize = 64;

struct Bcache {
    caches: Things<{ METRICS.len() }>,
}

impl Bcache {
    fn new(host: &Host) -> Self {
        Self { caches: Things::new(host.folder("sys/fs/bcache"), CACHES_MAX) }
    }
}

impl Collector for Bcache {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.caches.measure(
            pass,
            |name| name.len() == UUID_LENGTH,
            |mut cache, out| {
                for (at, metric) in METRICS.iter().enumerate() {
                    let value = value(&mut cache, at);
                    cache.push(at, metric, |name| [name], value, out);
                }
            },
        )
    }
}

fn value(cache: &mut Thing<'_, { METRICS.len() }>, at: usize) -> Option<f64> {
    let source = METRICS[at].source;
    match METRICS[at].unit {
        "bytes" => cache.read(source).and_then(size),
        _ if at == RATIO => cache.number(source).map(|percent| percent / 100.0),
        _ => cache.number(source),
    }
}

/// Sizes are written for people: `0`, `512`, `1.5k`, `20.3G`, in powers of 1024.
fn size(text: &[u8]) -> Option<f64> {
    let unit = text.last()?;
    let power = b"kMGTPEZY".iter().position(|letter| letter == unit);
    let Some(power) = power else { return decimal(text) };
    decimal(&text[..text.len() - 1]).map(|n| n * 1024f64.powi(power as i32 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_for_people_are_read() {
        let cases: [(&[u8], Option<f64>); 6] = [
            (b"0", Some(0.0)),
            (b"512", Some(512.0)),
            (b"1.5k", Some(1536.0)),
            (b"2.0G", Some(2_147_483_648.0)),
            (b"k", None),
            (b"", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(size(text), bytes);
        }
    }
}
