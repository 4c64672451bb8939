//! The front: every request goes to the door that takes it, or else to the read side.

use crate::role::relay::tee;
use api::Api;
use ingest::{Doors, HttpPush};
use model::{EventSink, Source, TimeRange};
use relay::Relay;
use serde_json::{Value, json};
use serve::{HeaderName, HeaderValue, Request, Response, Service, StatusCode};
use std::sync::Arc;
use stdx::clock::Clock;
use store::Store;

/// Samples in a body up to this length are taken within a millisecond or so. An agent of one host sends some KiB at a
/// time, remote write with 2,000 samples about 100.
const BRIEF_BODY_BYTES_MAX: usize = 128 << 10;

/// Doors and pages behind one address.
pub struct Front {
    store: Arc<Store>,
    doors: Arc<Doors>,
    api: Arc<Api>,
}

impl Front {
    /// Doors into `store`, with a copy to the relay where there is one, and `events`; `make_api` makes the read side, given what the doors can tell of themselves.
    pub fn new(
        store: Arc<Store>,
        copied: Option<Arc<Relay>>,
        events: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
        make_api: impl FnOnce(Box<dyn Fn() -> Value + Send + Sync>) -> Api,
    ) -> Self {
        let backlog = tee(Arc::new(store.importer()), copied.clone());
        let doors = Doors::new(tee(store.clone(), copied), backlog, clock, ingest::Options::default());
        let doors = Arc::new(doors.with_events(events));
        let told = doors.clone();
        let api = Arc::new(make_api(Box::new(move || protocols(&told))));
        Self { store, doors, api }
    }

    /// The doors, to look at what went through them.
    pub fn doors(&self) -> &Doors {
        &self.doors
    }

    /// Whether the store still answers.
    pub fn is_alive(&self) -> bool {
        self.store.label_names(&[], TimeRange::new(0, 1), 1).is_ok()
    }

    fn door(&self, request: &Request) -> Option<Response> {
        let push = HttpPush {
            method: request.method.as_str(),
            path: &request.path,
            query: &request.query,
            content_type: request.header("content-type").unwrap_or(""),
            body: &request.body,
            peer: Some(request.peer.ip()),
            header: &|name| request.header(name).map(str::to_owned),
        };
        let answer = self.doors.http(&push)?;
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(status, answer.content_type, answer.body);
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response = response.with(HeaderName::from_static(name), value);
            }
        }
        Some(response)
    }
}

impl Service for Front {
    fn call(&self, request: Request) -> Response {
        self.door(&request).unwrap_or_else(|| self.api.call(&request))
    }

    fn is_brief(&self, path: &str, body_bytes: usize) -> bool {
        body_bytes <= BRIEF_BODY_BYTES_MAX && ingest::route::find(path).is_some()
    }
}

fn protocols(doors: &Doors) -> Value {
    let rows = doors.stats().into_iter().map(|door| {
        let last_error = door.bad.last().map(|bad| format!("{}: {}", bad.position, bad.reason));
        json!({
            "name": door.protocol,
            "requests_total": door.requests,
            "samples_total": door.samples,
            "rejected_total": door.rejected,
            "last_ms": door.last_ms,
            "last_error": last_error,
        })
    });
    rows.collect()
}
