//! What OpenTSDB answers over HTTP on its port: points that are put, and who is there.

use crate::doors::Place;
use crate::http::{Answer, Handler, Request};
use crate::service::{Peer, Told};
use crate::telemetry::OPENTSDB_TAKEN as TAKEN;
use model::{Batch, PushError};
use std::time::Instant;
use wire::Context;
use wire::json::write_string;
use wire::protocols::opentsdb::answer::{Asked, answer, error};
use wire::protocols::opentsdb::decode;

/// Memory that is kept from one request to the next; after larger ones it is given back.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// See the module's text.
pub(super) struct Pages {
    place: Place,
    batch: Batch,
    told: Told,
}

impl Pages {
    pub(super) fn new(place: Place) -> Self {
        Self { place, batch: Batch::new(), told: Told::default() }
    }

    /// The points of a body. They are in the sink before the answer says so.
    fn put(&mut self, request: &Request, peer: Peer) -> Answer {
        let (started, now_ms) = (Instant::now(), self.place.clock.now_ms());
        let context = Context { host_default: &self.place.options.host, ..Context::at(now_ms) };
        let mut report = decode(&request.body, &context, &mut self.batch);
        let pushed =
            if self.batch.is_empty() { Ok(None) } else { self.place.sink.push(&self.batch).map(Some) };
        let said = match pushed {
            Ok(receipt) => {
                if let Some(receipt) = receipt {
                    report.accepted = 0;
                    report.merge(receipt.report);
                }
                TAKEN.samples.add(report.accepted);
                TAKEN.refused.add(report.rejected);
                TAKEN.skipped.add(report.skipped);
                self.told.samples = report.accepted;
                let first =
                    report.reasons.first().map(|first| format!("{}: {}", first.position, first.reason));
                self.told.problem = first.map(|why| from(peer, &why)).unwrap_or_default();
                let (status, body) = answer(&report, &request.body, Asked::read(&request.query));
                json(status, body)
            }
            Err(why) => {
                TAKEN.deferred.add(1);
                self.told.problem = from(peer, &why.to_string());
                let status = if matches!(why, PushError::Busy(_)) { 503 } else { 500 };
                json(status, error(status, &why.to_string(), ""))
            }
        };
        self.told.last_ms = Some(now_ms);
        self.told.took_us = started.elapsed().as_micros() as u64;
        if self.batch.memory_bytes() > KEPT_BYTES_MAX {
            self.batch = Batch::new();
        }
        self.batch.clear();
        said
    }

    fn version(&self) -> Answer {
        let mut body = "{\"short_revision\":\"\",\"repo\":\"windhover\",\"version\":".to_owned();
        write_string(&mut body, &self.place.options.version);
        json(200, body + "}")
    }
}

impl Handler for Pages {
    fn answer(&mut self, request: &Request, peer: Peer) -> Answer {
        match (request.method.as_str(), request.path.trim_end_matches('/')) {
            ("POST", "/api/put" | "/api/v1/put") => self.put(request, peer),
            (_, "/api/put" | "/api/v1/put") => {
                json(405, error(405, "Method not allowed", "points are put by POST"))
            }
            (_, "/api/version" | "/version") => self.version(),
            _ => {
                json(404, error(404, "Endpoint not found", "questions are asked at the address of the pages"))
            }
        }
    }

    fn refused(&mut self, why: &str, peer: Peer) {
        TAKEN.refused.add(1);
        self.told.problem = from(peer, why);
    }

    fn told(&self) -> Told {
        self.told.clone()
    }
}

fn json(status: u16, body: String) -> Answer {
    Answer { status, ..Answer::json(body) }
}

fn from(peer: Peer, why: &str) -> String {
    peer.map_or_else(|| why.to_owned(), |peer| format!("the last put, from {}: {why}", peer.ip()))
}
