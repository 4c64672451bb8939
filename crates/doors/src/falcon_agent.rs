//! The door of Open-Falcon's agent on port 1988: `POST /v1/push` with its answers to the letter, and the harmless ones of
//! its other pages, which scripts ask for. What would run or change something there is not here.

mod pages;

use crate::doors::Place;
use crate::http::{Answer, Handler, Http, Request};
use crate::service::{Peer, Told};
use model::{Batch, PushError, Report};
use std::time::Instant;
use stdx::telemetry::{Counter, Item};
use wire::Context;
use wire::protocols::falcon::{read, words};

static REQUESTS: Counter =
    Counter::new("windhover_doors_falcon_agent_requests_total", "Pushes to the door of Open-Falcon's agent.");
static SAMPLES: Counter = Counter::new(
    "windhover_doors_falcon_agent_samples_total",
    "Samples that the door of Open-Falcon's agent took.",
);
static REFUSED: Counter = Counter::new(
    "windhover_doors_falcon_agent_refused_total",
    "Items and bodies that the door of Open-Falcon's agent refused.",
);
static DEFERRED: Counter = Counter::new(
    "windhover_doors_falcon_agent_deferred_total",
    "Pushes to the door of Open-Falcon's agent that were asked to come again, as nothing could be kept.",
);

/// The numbers of this file.
pub(crate) static TELEMETRY: [Item; 4] =
    [Item::Counter(&REQUESTS), Item::Counter(&SAMPLES), Item::Counter(&REFUSED), Item::Counter(&DEFERRED)];

/// Memory that is kept from one push to the next; after larger ones it is given back.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// The service behind the door.
pub(crate) fn service(place: &Place) -> Http<Agent> {
    Http::new(Agent { place: place.clone(), batch: Batch::new(), told: Told::default() })
}

/// Answers as Open-Falcon's agent does.
pub(crate) struct Agent {
    place: Place,
    batch: Batch,
    told: Told,
}

impl Handler for Agent {
    fn answer(&mut self, request: &Request, peer: Peer) -> Answer {
        // Open-Falcon looks at the body only, so any method is taken as it is there.
        match request.path.trim_end_matches('/') {
            "/v1/push" => self.push(&request.body, peer),
            path => {
                pages::answer(path, &self.place).unwrap_or_else(|| Answer::text(404, "404 page not found\n"))
            }
        }
    }

    fn refused(&mut self, why: &str, peer: Peer) {
        REFUSED.add(1);
        self.told.problem = told(peer, why);
    }

    fn told(&self) -> Told {
        self.told.clone()
    }
}

impl Agent {
    fn push(&mut self, body: &[u8], peer: Peer) -> Answer {
        let started = Instant::now();
        REQUESTS.add(1);
        if body.is_empty() {
            self.refused("an empty body", peer);
            return Answer::text(400, words::AGENT_BLANK);
        }
        let now_ms = self.place.clock.now_ms();
        let context = Context { host_default: &self.place.options.host, ..Context::at(now_ms) };
        let answer = match read(body, &context, &mut self.batch) {
            Ok(report) => self.store(report, peer),
            Err(error) => {
                self.refused(&error.to_string(), peer);
                Answer::text(400, words::AGENT_UNREADABLE)
            }
        };
        self.told.last_ms = Some(now_ms);
        self.told.took_us = started.elapsed().as_micros() as u64;
        if self.batch.memory_bytes() > KEPT_BYTES_MAX {
            self.batch = Batch::new();
        }
        self.batch.clear();
        answer
    }

    /// Hands on what could be read. The sender is told of success even when items were bad, as it is there; our standing
    /// tells of them.
    fn store(&mut self, mut report: Report, peer: Peer) -> Answer {
        if !self.batch.is_empty() {
            match self.place.sink.push(&self.batch) {
                Ok(receipt) => {
                    report.accepted = 0;
                    report.merge(receipt.report);
                }
                Err(error) => return self.defer(&error, peer),
            }
        }
        SAMPLES.add(report.accepted);
        REFUSED.add(report.rejected);
        self.told.samples = report.accepted;
        self.told.problem = match report.reasons.first() {
            Some(first) => told(
                peer,
                &format!("{} items refused, {}: {}", report.rejected, first.position, first.reason),
            ),
            None => String::new(),
        };
        Answer::text(200, words::AGENT_TAKEN)
    }

    fn defer(&mut self, error: &PushError, peer: Peer) -> Answer {
        DEFERRED.add(1);
        self.told.problem = told(peer, &error.to_string());
        let status = if matches!(error, PushError::Busy(_)) { 503 } else { 500 };
        Answer::text(status, format!("{error}\n"))
    }
}

fn told(peer: Peer, why: &str) -> String {
    peer.map_or_else(|| why.to_owned(), |peer| format!("the last push, from {}: {why}", peer.ip()))
}

#[cfg(test)]
mod tests;
