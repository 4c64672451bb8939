//! `/api/v1/read`: samples as they are, for another Prometheus, Thanos or whoever speaks remote read 1.0. Answers are whole
//! messages of samples; chunks are not streamed, and clients that list both ways get on with this one.

pub mod message;

use super::Fault;
use super::ask::Refused;
use super::envelope::failure;
use crate::Api;
use message::{Answer, Query};
use model::{Chunk, TimeRange};
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

/// `POST /api/v1/read`.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    read(api, request).map_or_else(
        |refused| failure(&refused),
        |body| {
            Response::new(StatusCode::OK, "application/x-protobuf", body)
                .with(header::CONTENT_ENCODING, HeaderValue::from_static("snappy"))
        },
    )
}

fn bad(error: impl Into<String>) -> Refused {
    Refused { fault: Fault::BadData, error: error.into() }
}

fn failed(error: impl ToString) -> Refused {
    Refused { fault: Fault::Execution, error: error.to_string() }
}

fn read(api: &Api, request: &Request) -> Result<Vec<u8>, Refused> {
    let asked = message::read(&request.body).map_err(bad)?;
    if asked.queries.len() > QUERIES_MAX {
        return Err(bad(format!("more than {QUERIES_MAX} queries in a request")));
    }
    if !asked.takes_samples {
        return Err(bad("server does not support any of the requested response types"));
    }
    let (mut answer, mut samples) = (Answer::default(), 0);
    for query in &asked.queries {
        let result = answer.begin();
        one(api, request, query, &mut answer, &mut samples)?;
        answer.end(result);
    }
    snap::raw::Encoder::new().compress_vec(&answer.into_bytes()).map_err(failed)
}

fn one(
    api: &Api,
    request: &Request,
    query: &Query,
    answer: &mut Answer,
    samples: &mut usize,
) -> Result<(), Refused> {
    let range = TimeRange::new(query.start_ms, query.end_ms.saturating_add(1));
    let mut found = api.source.select(&query.matchers, range, SERIES_MAX).map_err(failed)?;
    if found.truncated {
        return Err(failed(format!("a query matches more than {SERIES_MAX} series")));
    }
    let mut ids: Vec<_> = found.series.iter().map(|series| series.id).collect();
    ids.sort_unstable();
    let mut read: HashMap<_, (Vec<i64>, Vec<f64>)> = HashMap::with_capacity(ids.len());
    let mut is_over = false;
    let visit = &mut |id, Chunk::Samples { times_ms, values }: Chunk<'_>| {
        *samples += times_ms.len();
        is_over = *samples > SAMPLES_MAX;
        if is_over || request.gone.is_gone() {
            return ControlFlow::Break(());
        }
        let columns = read.entry(id).or_default();
        columns.0.extend_from_slice(times_ms);
        columns.1.extend_from_slice(values);
        ControlFlow::Continue(())
    };
    api.source.read(&ids, range, visit).map_err(failed)?;
    if is_over {
        return Err(bad(format!("exceeded sample limit ({SAMPLES_MAX})")));
    }
    // Whoever merges answers of several servers counts on this order.
    found.series.sort_by(|a, b| a.labels.iter().cmp(b.labels.iter()));
    for series in &found.series {
        if let Some((times_ms, values)) = read.get(&series.id) {
            answer.series(&series.labels, times_ms, values);
        }
    }
    Ok(())
}
