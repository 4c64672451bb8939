//! The HTTP side of a relay: every door, and a few pages for those who look after it.

use crate::role::front_door;
use ingest::Doors;
use model::{Batch, Sink};
use relay::{OutputStats, Relay, telling};
use serde_json::{Value, json};
use serve::{Request, Response, Service, StatusCode};
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::telemetry::Item;
use wire::protocols::prometheus_text::{encode, encode_telemetry};

/// See the module's text.
pub(super) struct Front {
    doors: Doors,
    relay: Arc<Relay>,
    clock: Arc<dyn Clock>,
    tables: Vec<&'static [Item]>,
}

impl Front {
    pub(super) fn new(relay: Arc<Relay>, clock: Arc<dyn Clock>, tables: Vec<&'static [Item]>) -> Self {
        let sink: Arc<dyn Sink> = relay.clone();
        let doors = Doors::new(sink.clone(), sink, clock.clone(), ingest::Options::default());
        Self { doors, relay, clock, tables }
    }

    fn metrics(&self) -> Response {
        let (mut text, mut batch) = (String::new(), Batch::new());
        let stats = self.relay.stats();
        encode_telemetry(&self.tables, &[], &mut text);
        telling::tell(&stats, "", self.clock.now_ms(), &mut batch);
        encode(&batch, false, &mut text);
        Response::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text.into_bytes())
    }

    fn outputs(&self) -> Response {
        let outputs: Vec<Value> = self.relay.stats().iter().map(output).collect();
        let text = json!({ "outputs": outputs, "log_samples": self.relay.samples() }).to_string();
        Response::json(StatusCode::OK, text.into_bytes())
    }
}

impl Service for Front {
    fn call(&self, request: Request) -> Response {
        match request.path.as_str() {
            "/health" => Response::text(StatusCode::OK, "ok\n"),
            "/metrics" => self.metrics(),
            "/api/v1/relay" => self.outputs(),
            "/" => Response::text(
                StatusCode::OK,
                "A Windhover relay. How its outputs stand: /api/v1/relay, /metrics\n",
            ),
            _ => front_door::answer(&self.doors, &request).unwrap_or_else(|| {
                Response::text(StatusCode::NOT_FOUND, "a relay has doors, and no pages\n")
            }),
        }
    }

    fn is_brief(&self, path: &str, body_bytes: usize) -> bool {
        let is_push =
            || body_bytes <= front_door::BRIEF_BODY_BYTES_MAX && ingest::route::find(path).is_some();
        matches!(path, "/health" | "/metrics") || is_push()
    }
}

fn output(output: &OutputStats) -> Value {
    json!({
        "name": output.name,
        "kind": output.kind,
        "problem": output.problem,
        "refusal": output.refusal,
        "out": output.is_out,
        "last_ms": output.last_ms,
        "entered": output.entered,
        "sent": output.sent,
        "passed": output.passed,
        "rehashed": output.rehashed,
        "dropped": {
            "full_queue": output.dropped_full,
            "refused": output.dropped_refused,
            "damaged": output.dropped_damaged,
            "unsayable": output.dropped_unsayable,
        },
        "held": output.held,
        "missing": output.missing(),
        "queue_bytes": output.queue_bytes,
        "sent_bytes": output.bytes,
        "batches": output.batches,
        "retries": output.retries,
    })
}
