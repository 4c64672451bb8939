//! Lines of one file counted into series. What may have any number of values is bounded: URLs by [`Urls`], words by
//! [`Words`]; the rest is counted as `~other`.

mod count;
mod line_counts;
mod lines;
pub(crate) mod times;
pub(crate) mod told;
mod urls;
pub(crate) mod words;

use crate::format_use::Uses;
use crate::formats::Format;
use crate::metrics::{ATTEMPTS, BYTES, CACHE, PROTOCOLS, REQUEST_TIME, REQUESTS, UPSTREAM_TIME};
use crate::record::Record;
use crate::telemetry;
use crate::value::METHODS;
pub(crate) use line_counts::LineCounts;
use model::Sink;
use std::sync::Arc;
use times::Times;
use told::{Series, Told};
use urls::{KEYS_MAX, RowKey, Urls};
use words::Words;

/// Stands for everything that has no place of its own.
pub(crate) const OTHER: &str = "~other";

/// What may be chosen about the series of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Most URLs with series of their own; 0 leaves out all series by URL.
    pub urls_max: usize,
    /// Quantiles of times, rising.
    pub quantiles: Vec<f64>,
    /// Upper bounds of the buckets of times in seconds, rising; none leaves out the buckets.
    pub bounds: Vec<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            urls_max: 50,
            quantiles: vec![0.5, 0.9, 0.99],
            bounds: vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0],
        }
    }
}

/// Requests with one method and status.
#[derive(Debug)]
struct Total {
    key: RowKey,
    requests: u64,
    bytes: u64,
    requests_series: Series,
    bytes_series: Series,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Aggregate {
    format: Arc<Format>,
    uses: Uses,
    options: Options,
    record: Record,
    /// Room for places of anchors.
    places: Vec<u16>,
    totals: Vec<Total>,
    urls: Urls,
    request: Times,
    upstream: Times,
    caches: Words,
    protocols: Words,
    upstreams: Words,
    /// Room for an upstream with its status.
    upstream_key: Vec<u8>,
    counts: LineCounts,
    told: Told,
}

impl Aggregate {
    /// Begins with nothing counted; `labels` are those of every series.
    pub(crate) fn new(
        format: Arc<Format>,
        options: Options,
        labels: &[(String, String)],
        now_ms: i64,
    ) -> Self {
        let mut record = Record::default();
        format.prepare(&mut record);
        Self {
            uses: Uses::of(&format),
            urls: Urls::new(options.urls_max),
            request: Times::new(&REQUEST_TIME, &options),
            upstream: Times::new(&UPSTREAM_TIME, &options),
            told: Told::new(labels, now_ms),
            caches: Words::new(16),
            protocols: Words::new(16),
            upstreams: Words::new(64),
            places: Vec::new(),
            totals: Vec::new(),
            upstream_key: Vec::new(),
            counts: LineCounts::default(),
            format,
            options,
            record,
        }
    }

    /// Counts bytes that were read.
    pub(crate) fn add_bytes(&mut self, bytes: u64) {
        self.counts.bytes += bytes;
    }

    /// Counts a line that has not this format whatever stands in it.
    pub(crate) fn add_unmatched(&mut self) {
        self.counts.lines += 1;
        self.counts.unmatched += 1;
    }

    /// Lines read, and those without the format, since the start.
    pub(crate) fn lines(&self) -> (u64, u64) {
        (self.counts.lines, self.counts.unmatched)
    }

    /// Hands on what was counted; gives the number of samples, and why not all of them were taken.
    pub(crate) fn flush(&mut self, time_ms: i64, sink: &dyn Sink) -> (u64, String) {
        let Self { urls, totals, told, uses, options, .. } = self;
        told.begin();
        self.counts.flush(told);
        urls.settle(options, told, |key, requests, bytes| {
            let is_known = totals.len() < KEYS_MAX || totals.iter().any(|total| total.key == key);
            if !is_known {
                telemetry::PAIRS_FOLDED.add(requests);
            }
            let key = if is_known { key } else { RowKey::NONE };
            let at = totals.iter().position(|total| total.key == key).unwrap_or_else(|| {
                totals.push(Total {
                    key,
                    requests: 0,
                    bytes: 0,
                    requests_series: Series::default(),
                    bytes_series: Series::default(),
                });
                totals.len() - 1
            });
            totals[at].requests += requests;
            totals[at].bytes += bytes;
        });
        for total in totals {
            let mut text = [0; 3];
            let labels = [("method", total.key.method()), ("status", total.key.status(&mut text))];
            told.counter(&mut total.requests_series, &REQUESTS, &labels, total.requests as f64);
            if uses.bytes {
                told.counter(&mut total.bytes_series, &BYTES, &labels, total.bytes as f64);
            }
        }
        if uses.request_time {
            self.request.flush(&[], options, told);
        }
        if uses.upstream_time {
            self.upstream.flush(&[], options, told);
        }
        self.caches
            .flush(told, |told, series, word, count| told.counter(series, &CACHE, &[("cache", word)], count));
        self.protocols.flush(told, |told, series, word, count| {
            told.counter(series, &PROTOCOLS, &[("protocol", word)], count);
        });
        self.upstreams.flush(told, |told, series, word, count| {
            let (upstream, status) = word.split_once(' ').unwrap_or((word, ""));
            told.counter(series, &ATTEMPTS, &[("upstream", upstream), ("status", status)], count);
        });
        urls.flush(*uses, options, told);
        told.push(time_ms, sink)
    }

    /// Ends all series.
    pub(crate) fn end(&mut self, time_ms: i64, sink: &dyn Sink) {
        self.told.end_all(time_ms, sink);
    }
}

impl RowKey {
    /// The label; empty where there is no method.
    fn method(self) -> &'static str {
        METHODS.get(usize::from(self.method)).copied().unwrap_or_default()
    }

    /// The label; empty where there is no status.
    fn status(self, text: &mut [u8; 3]) -> &str {
        if self.status == 0 {
            return "";
        }
        for (digit, scale) in text.iter_mut().zip([100, 10, 1]) {
            *digit = b'0' + (self.status / scale % 10) as u8;
        }
        std::str::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
