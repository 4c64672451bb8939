//! The front: every request goes to the door that takes it, or else to the read side.

use super::reading::Protocols;
use crate::role::front_door;
use crate::role::relay::tee;
use api::Api;
use ingest::Doors;
use model::{EventSink, Source, TimeRange};
use relay::Relay;
use serde_json::{Value, json};
use serve::{Request, Response, Service};
use std::sync::Arc;
use stdx::clock::Clock;
use store::Store;

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
        make_api: impl FnOnce(Protocols) -> anyhow::Result<Api>,
    ) -> anyhow::Result<Self> {
        let backlog = tee(Arc::new(store.importer()), copied.clone());
        let doors = Doors::new(tee(store.clone(), copied), backlog, clock, ingest::Options::default());
        let doors = Arc::new(doors.with_events(events));
        let told = doors.clone();
        let api = Arc::new(make_api(Box::new(move || protocols(&told)))?);
        Ok(Self { store, doors, api })
    }

    /// The doors, to look at what went through them.
    pub fn doors(&self) -> &Doors {
        &self.doors
    }

    /// Whether the store still answers.
    pub fn is_alive(&self) -> bool {
        self.store.label_names(&[], TimeRange::ALL, 1).is_ok()
    }
}

impl Service for Front {
    fn call(&self, request: Request) -> Response {
        front_door::answer(&self.doors, &request).unwrap_or_else(|| self.api.call(&request))
    }

    fn is_brief(&self, path: &str, body_bytes: usize) -> bool {
        let is_push =
            || body_bytes <= front_door::BRIEF_BODY_BYTES_MAX && ingest::route::find(path).is_some();
        matches!(path, "/health" | "/-/healthy" | "/-/ready" | "/metrics") || is_push()
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
