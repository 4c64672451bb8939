//! One line counted.

use super::Aggregate;
use super::urls::RowKey;
use crate::field::Field;
use crate::record::Record;
use crate::value::{NO_METHOD, Short, attempts, method, request, seconds, status, whole};

impl Aggregate {
    /// Counts the line whose fields the record has; `text` is the line, or what the record's places are in.
    #[inline]
    pub(super) fn count(&mut self, text: &[u8]) {
        let (uses, record) = (self.uses, &self.record);
        let (mut method_number, mut url, mut protocol): (u8, &[u8], &[u8]) = (NO_METHOD, b"", b"");
        if uses.request {
            let parts = request(record.get(text, Field::Request));
            (method_number, url, protocol) = (parts.method, parts.url, parts.protocol);
        }
        if uses.parts && method_number == NO_METHOD {
            method_number = method(record.get(text, Field::Method));
            url = record.get(text, Field::Url);
            protocol = record.get(text, Field::Protocol);
        }
        let status = status(record.get(text, Field::Status));
        let key = RowKey { method: method_number, status };
        let bytes = if uses.bytes { bytes(record, text) } else { 0 };
        let entry = self.urls.add(url, tail_of(text, url), key, bytes);
        if uses.request_time
            && let Some(time) = time(record, text, Field::RequestTime)
        {
            self.request.add(time);
            self.urls.add_time(entry, time);
        }
        if !protocol.is_empty() {
            self.protocols.add(protocol);
        }
        if uses.upstream_time {
            self.add_upstream_times(text, entry);
        }
        if uses.cache {
            self.caches.add(self.record.get(text, Field::Cache));
        }
        if uses.upstream_addr {
            self.add_upstreams(text);
        }
    }

    /// Counts how long each attempt took. Mostly there is one, or none.
    #[inline]
    fn add_upstream_times(&mut self, text: &[u8], entry: usize) {
        let record = &self.record;
        let unit = record.unit(Field::UpstreamTime);
        let short = record.short(text, Field::UpstreamTime);
        if let Some(thousandths) = short.and_then(Short::thousandths) {
            let time = thousandths as f64 * (1e-3 * unit);
            self.upstream.add(time);
            self.urls.add_upstream(entry, time);
        } else if !short.is_some_and(Short::is_none) {
            for time in attempts(record.get(text, Field::UpstreamTime)).filter_map(|t| seconds(t, unit)) {
                self.upstream.add(time);
                self.urls.add_upstream(entry, time);
            }
        }
    }

    /// Counts each attempt with the status that belongs to it.
    fn add_upstreams(&mut self, text: &[u8]) {
        let mut statuses = attempts(self.record.get(text, Field::UpstreamStatus));
        for upstream in attempts(self.record.get(text, Field::UpstreamAddr)) {
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
}

/// The URL with what stands behind it in the text.
#[inline]
fn tail_of<'a>(text: &'a [u8], url: &'a [u8]) -> &'a [u8] {
    // A value that stood otherwise in the line is not in the text, and so are the bytes behind it.
    let at = url.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    text.get(at..).filter(|tail| tail.len() >= url.len()).unwrap_or(url)
}

#[inline]
fn bytes(record: &Record, text: &[u8]) -> u64 {
    let short = record.short(text, Field::Bytes).and_then(Short::whole);
    short.unwrap_or_else(|| whole(record.get(text, Field::Bytes)))
}

/// The time in a field, in seconds.
#[inline]
fn time(record: &Record, text: &[u8], field: Field) -> Option<f64> {
    let unit = record.unit(field);
    match record.short(text, field).and_then(Short::thousandths) {
        Some(thousandths) => Some(thousandths as f64 * (1e-3 * unit)),
        None => seconds(record.get(text, field), unit),
    }
}
