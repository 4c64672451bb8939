//! Lines of one file counted into series. What may have any number of values is bounded: URLs by [`Urls`], words by
//! [`Words`]; the rest is counted as `~other`.

mod times;
mod told;
mod urls;
mod words;

use crate::field::Field;
use crate::format_use::Uses;
use crate::formats::Format;
use crate::metrics::{
    ATTEMPTS, BYTES, CACHE, LINES, PROTOCOLS, READ, REQUEST_TIME, REQUESTS, UNMATCHED, UPSTREAM_TIME,
};
use crate::record::Record;
use crate::value::{METHODS, NO_METHOD, attempts, method, request, seconds, status, whole};
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
    /// Room for a URL that is folded.
    template: Vec<u8>,
    totals: Vec<Total>,
    urls: Urls,
    request: Times,
    upstream: Times,
    caches: Words,
    protocols: Words,
    upstreams: Words,
    /// Room for an upstream with its status.
    upstream_key: Vec<u8>,
    counts: [(u64, Series); 3],
    told: Told,
}

/// Places in `counts`.
const LINES_AT: usize = 0;
const UNMATCHED_AT: usize = 1;
const READ_AT: usize = 2;

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
            template: Vec::new(),
            totals: Vec::new(),
            upstream_key: Vec::new(),
            counts: Default::default(),
            format,
            options,
            record,
        }
    }

    /// Counts bytes that were read.
    pub(crate) fn add_bytes(&mut self, bytes: u64) {
        self.counts[READ_AT].0 += bytes;
    }

    /// Counts a line that has not this format whatever stands in it.
    pub(crate) fn add_unmatched(&mut self) {
        self.counts[LINES_AT].0 += 1;
        self.counts[UNMATCHED_AT].0 += 1;
    }

    /// Counts a line; false when it does not have the format.
    #[inline]
    pub(crate) fn add(&mut self, line: &[u8]) -> bool {
        self.counts[LINES_AT].0 += 1;
        if !self.format.parse(line, &mut self.record) {
            self.counts[UNMATCHED_AT].0 += 1;
            return false;
        }
        let (uses, record) = (self.uses, &self.record);
        let (mut method_number, mut url, mut protocol): (u8, &[u8], &[u8]) = (NO_METHOD, b"", b"");
        if uses.request {
            let parts = request(record.get(line, Field::Request));
            (method_number, url, protocol) = (parts.method, parts.url, parts.protocol);
        }
        if uses.parts && method_number == NO_METHOD {
            method_number = method(record.get(line, Field::Method));
            url = record.get(line, Field::Url);
            protocol = record.get(line, Field::Protocol);
        }
        let status = status(record.get(line, Field::Status));
        let bytes = if uses.bytes { whole(record.get(line, Field::Bytes)) } else { 0 };
        let key = RowKey { method: method_number, status };
        let time = if uses.request_time {
            seconds(record.get(line, Field::RequestTime), record.unit(Field::RequestTime))
        } else {
            None
        };
        let template = crate::url::normalise(url, &mut self.template);
        let entry = self.urls.add(template, key, bytes);
        if let Some(time) = time {
            self.request.add(time);
            self.urls.add_time(entry, time);
        }
        if uses.upstream_time {
            let unit = record.unit(Field::UpstreamTime);
            for time in attempts(record.get(line, Field::UpstreamTime)).filter_map(|t| seconds(t, unit)) {
                self.upstream.add(time);
                self.urls.add_upstream(entry, time);
            }
        }
        if !protocol.is_empty() {
            self.protocols.add(protocol);
        }
        if uses.cache {
            self.caches.add(record.get(line, Field::Cache));
        }
        if uses.upstream_addr {
            self.add_upstreams(line);
        }
        true
    }

    /// Counts each attempt with the status that belongs to it.
    fn add_upstreams(&mut self, line: &[u8]) {
        let mut statuses = attempts(self.record.get(line, Field::UpstreamStatus));
        for upstream in attempts(self.record.get(line, Field::UpstreamAddr)) {
            let status = statuses.next().unwrap_or_default();
            if matches!(upstream, b"-" | b"") {
                continue;
            }
            self.upstream_key.clear();
            self.upstream_key.extend_from_slice(upstream);
            self.upstream_key.push(b' ');
            self.upstream_key.extend_from_slice(status);
            self.upstreams.add(&self.upstream_key);
        }
    }

    /// Lines read, and those without the format, since the start.
    pub(crate) fn lines(&self) -> (u64, u64) {
        (self.counts[LINES_AT].0, self.counts[UNMATCHED_AT].0)
    }

    /// Hands on what was counted; gives the number of samples, and why not all of them were taken.
    pub(crate) fn flush(&mut self, time_ms: i64, sink: &dyn Sink) -> (u64, String) {
        let Self { urls, totals, told, uses, options, .. } = self;
        told.begin();
        for (i, metric) in [LINES, UNMATCHED, READ].iter().enumerate() {
            let (count, series) = &mut self.counts[i];
            told.counter(series, metric, &[], *count as f64);
        }
        urls.settle(options, told, |key, requests, bytes| {
            let is_known = totals.len() < KEYS_MAX || totals.iter().any(|total| total.key == key);
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
