//! `/api/v1/read`: samples as they are, for another Prometheus, Thanos or whoever speaks remote read 1.0, in one message or
//! as a row of chunks.

pub mod chunk;
mod frame;
pub mod message;
pub mod native_chunk;

use super::Fault;
use super::ask::Refused;
use super::envelope::failure;
use crate::Api;
use ::query::Joined;
use message::{Answer, Asked, Query, Way};
use model::{Chunk, Histogram, Labels, SeriesId, Source, TimeRange};
use serve::{HeaderValue, Request, Response, StatusCode, header};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Most queries of a request.
const QUERIES_MAX: usize = 100;
/// Most series of a query.
const SERIES_MAX: usize = 1_000_000;
/// Most samples of an answer: each takes about 17 bytes.
const SAMPLES_MAX: usize = 10_000_000;

const CHUNKS: &str = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";

/// `POST /api/v1/read`.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    read(api, request).unwrap_or_else(|refused| failure(&refused))
}

fn bad(error: impl Into<String>) -> Refused {
    Refused { fault: Fault::BadData, error: error.into() }
}

fn failed(error: impl ToString) -> Refused {
    Refused { fault: Fault::Execution, error: error.to_string() }
}

fn read(api: &Api, request: &Request) -> Result<Response, Refused> {
    let asked = message::read(&request.body).map_err(bad)?;
    if asked.queries.len() > QUERIES_MAX {
        return Err(bad(format!("more than {QUERIES_MAX} queries in a request")));
    }
    match asked.way {
        Some(Way::Chunks) => chunks(api, request, &asked),
        Some(Way::Samples) => samples(api, request, &asked),
        None => Err(bad("server does not support any of the requested response types")),
    }
}

fn samples(api: &Api, request: &Request, asked: &Asked) -> Result<Response, Refused> {
    let (mut answer, mut left) = (Answer::default(), SAMPLES_MAX);
    for query in &asked.queries {
        let result = answer.begin();
        each(api, request, query, &mut left, &mut |series| {
            let open = answer.series(series.labels, series.times_ms, series.values);
            for (time_ms, histogram) in series.histogram_times_ms.iter().zip(series.histograms) {
                answer.histogram(*time_ms, histogram);
            }
            answer.end(open);
        })?;
        answer.end(result);
    }
    let packed = snap::raw::Encoder::new().compress_vec(&answer.into_bytes()).map_err(failed)?;
    let response = Response::new(StatusCode::OK, "application/x-protobuf", packed);
    Ok(response.with(header::CONTENT_ENCODING, HeaderValue::from_static("snappy")))
}

fn chunks(api: &Api, request: &Request, asked: &Asked) -> Result<Response, Refused> {
    let (mut out, mut left) = (Vec::new(), SAMPLES_MAX);
    for (number, query) in asked.queries.iter().enumerate() {
        each(api, request, query, &mut left, &mut |series| {
            frame::put(&mut out, &chunked(series, number as u64).into_bytes());
        })?;
    }
    Ok(Response::new(StatusCode::OK, CHUNKS, out))
}

/// A series as a message: its chunks in order of time, as readers want them.
fn chunked(series: &Read<'_>, number: u64) -> Answer {
    let (mut answer, open) = Answer::chunked(series.labels);
    let (mut numbers, mut natives) = (series.times_ms, series.histogram_times_ms);
    let first = |times_ms: &[i64]| times_ms.first().copied().unwrap_or(i64::MAX);
    while !numbers.is_empty() || !natives.is_empty() {
        // A chunk ends where one of the other kind begins.
        let before =
            |times_ms: &[i64], end_ms: i64| times_ms.partition_point(|time_ms| *time_ms < end_ms).max(1);
        if first(numbers) <= first(natives) {
            let count = chunk::SAMPLES_MAX.min(numbers.len()).min(before(numbers, first(natives)));
            let from = series.times_ms.len() - numbers.len();
            let (times_ms, rest) = numbers.split_at(count);
            answer.chunk(times_ms, chunk::XOR, &chunk::encode(times_ms, &series.values[from..from + count]));
            numbers = rest;
        } else {
            let from = series.histogram_times_ms.len() - natives.len();
            let histograms = &series.histograms[from..];
            let count = native_chunk::run(histograms).min(before(natives, first(numbers)));
            let (times_ms, rest) = natives.split_at(count);
            let bytes = native_chunk::encode(times_ms, &histograms[..count]);
            answer.chunk(times_ms, native_chunk::FLOAT_HISTOGRAM, &bytes);
            natives = rest;
        }
    }
    answer.end_chunked(open, number);
    answer
}

/// A series that is answered.
struct Read<'a> {
    labels: &'a Labels,
    times_ms: &'a [i64],
    values: &'a [f64],
    histogram_times_ms: &'a [i64],
    histograms: &'a [Arc<Histogram>],
}

type PutSeries<'a> = dyn FnMut(&Read<'_>) + 'a;

/// Gives every series of a query in order of labels.
fn each(
    api: &Api,
    request: &Request,
    query: &Query,
    left: &mut usize,
    put: &mut PutSeries<'_>,
) -> Result<(), Refused> {
    let range = TimeRange::new(query.start_ms, query.end_ms.saturating_add(1));
    let source = Joined::new(api.source.as_ref());
    let mut found = source.select(&query.matchers, range, SERIES_MAX).map_err(failed)?;
    if found.truncated {
        return Err(failed(format!("a query matches more than {SERIES_MAX} series")));
    }
    let mut ids: Vec<_> = found.series.iter().map(|series| series.id).collect();
    ids.sort_unstable();
    let mut read: HashMap<_, (Vec<i64>, Vec<f64>)> = HashMap::with_capacity(ids.len());
    let mut is_over = false;
    let visit = &mut |id, Chunk::Samples { times_ms, values }: Chunk<'_>| {
        is_over = times_ms.len() > *left;
        *left = left.saturating_sub(times_ms.len());
        if is_over || request.gone.is_gone() {
            return ControlFlow::Break(());
        }
        let columns = read.entry(id).or_default();
        columns.0.extend_from_slice(times_ms);
        columns.1.extend_from_slice(values);
        ControlFlow::Continue(())
    };
    source.read(&ids, range, visit).map_err(failed)?;
    let mut natives: HashMap<SeriesId, (Vec<i64>, Vec<Arc<Histogram>>)> = HashMap::new();
    let mut visit = |id, times_ms: &[i64], histograms: &[Arc<Histogram>]| {
        let count: usize = histograms.iter().map(|it| 1 + it.positive.len() + it.negative.len()).sum();
        is_over |= count > *left;
        *left = left.saturating_sub(count);
        let columns = natives.entry(id).or_default();
        columns.0.extend_from_slice(times_ms);
        columns.1.extend_from_slice(histograms);
    };
    source.read_histograms(&ids, range, &mut visit).map_err(failed)?;
    if is_over {
        return Err(bad(format!("exceeded sample limit ({SAMPLES_MAX})")));
    }
    // Whoever merges answers of several servers counts on this order.
    found.series.sort_by(|a, b| a.labels.iter().cmp(b.labels.iter()));
    for series in &found.series {
        let (numbers, natives) = (read.get(&series.id), natives.get(&series.id));
        if numbers.is_none() && natives.is_none() {
            continue;
        }
        put(&Read {
            labels: &series.labels,
            times_ms: numbers.map_or(&[], |(times_ms, _)| times_ms),
            values: numbers.map_or(&[], |(_, values)| values),
            histogram_times_ms: natives.map_or(&[], |(times_ms, _)| times_ms),
            histograms: natives.map_or(&[], |(_, histograms)| histograms),
        });
    }
    Ok(())
}
