//! The doors from outside: a request in, an answer out, and what the sink got.

mod conformance;
mod falcon;
mod influx;
mod opentsdb;
mod otlp;
mod own;
mod remote_write;

use crate::route::{self, ROUTES};
use crate::{Answer, Doors, HttpPush, Options, TELEMETRY};
use model::{Batch, Labels, PushError, Receipt, Sink};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use stdx::clock::ManualClock;
use wire::protocols::PROTOCOLS;

/// 2023-11-14T22:14:00Z, a whole minute.
const NOW_MS: i64 = 1_700_000_040_000;

/// A sink that keeps what it gets, in order, or answers with an error; samples before `oldest_ms` are refused.
struct Recorder {
    samples: Mutex<Vec<(i64, Labels, f64)>>,
    error: Mutex<Option<PushError>>,
    oldest_ms: i64,
}

impl Recorder {
    fn refusing_before(oldest_ms: i64) -> Self {
        Self { samples: Mutex::default(), error: Mutex::default(), oldest_ms }
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::refusing_before(i64::MIN)
    }
}

impl Sink for Recorder {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        if let Some(error) = self.error.lock().unwrap().clone() {
            return Err(error);
        }
        let mut receipt = Receipt::default();
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                if rows.time_ms < self.oldest_ms {
                    receipt.report.reject(model::Position::Whole, "too old");
                    continue;
                }
                receipt.report.accepted += 1;
                self.samples.lock().unwrap().push((rows.time_ms, batch.dictionary.labels(slot), value));
            }
        }
        Ok(receipt)
    }
}

struct House {
    doors: Doors,
    sink: Arc<Recorder>,
}

impl House {
    fn new() -> Self {
        Self::with(Recorder::default(), Options::default())
    }

    fn with(recorder: Recorder, options: Options) -> Self {
        let sink = Arc::new(recorder);
        let clock = Arc::new(ManualClock::at(NOW_MS));
        Self { doors: Doors::new(sink.clone(), sink.clone(), clock, options), sink }
    }

    fn request(&self, method: &str, target: &str, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let push = HttpPush {
            method,
            path,
            query,
            content_type,
            body: body.as_ref(),
            peer: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            header: &|name| (name == "user-agent").then(|| "test/1".to_owned()),
        };
        self.doors.http(&push).unwrap()
    }

    fn post(&self, target: &str, body: impl AsRef<[u8]>) -> Answer {
        self.request("POST", target, "", body)
    }

    /// What the sink got, as `time labels value`.
    fn got(&self) -> Vec<String> {
        let samples = self.sink.samples.lock().unwrap();
        samples.iter().map(|(time_ms, labels, value)| format!("{time_ms} {labels} {value}")).collect()
    }

    fn fail_with(&self, error: PushError) {
        *self.sink.error.lock().unwrap() = Some(error);
    }

    fn stats(&self, protocol: &str) -> crate::DoorStats {
        self.doors.stats().into_iter().find(|stats| stats.protocol == protocol).unwrap()
    }
}

fn text(answer: &Answer) -> (u16, &str) {
    (answer.status, std::str::from_utf8(&answer.body).unwrap())
}

#[test]
fn every_protocol_has_its_doors_and_counters() {
    let house = House::new();
    for protocol in PROTOCOLS.iter().filter(|protocol| !protocol.paths.is_empty()) {
        assert!(house.doors.door(protocol.name).is_some(), "{} is not counted", protocol.name);
        for path in protocol.paths {
            assert!(route::find(path).is_some(), "no door on {path}");
            let answer = house.request("POST", path, protocol.media_types[0], protocol.example);
            assert!(matches!(answer.status, 200 | 204), "{path}: {answer:?}");
        }
        let stats = house.stats(protocol.name);
        assert_eq!((stats.requests, stats.rejected), (protocol.paths.len() as u64, 0), "{}", protocol.name);
        assert!(stats.samples > 0 && stats.last_ms == Some(NOW_MS) && stats.last_program == "test/1");
        let counted = TELEMETRY.iter().any(|item| {
            item.name() == "windhover_ingest_samples_total"
                && item.labels() == [("protocol", protocol.name)]
                && item.value() > 0.0
        });
        assert!(counted, "{}", protocol.name);
    }
}

#[test]
fn paths_are_unique_and_methods_checked() {
    let house = House::new();
    for (i, route) in ROUTES.iter().enumerate() {
        assert!(std::ptr::eq(route::find(route.path).unwrap(), &raw const ROUTES[i]), "{}", route.path);
        assert!(!route.summary.is_empty());
        if !route.methods.is_empty() {
            let answer = house.request("DELETE", route.path, "", "");
            assert_eq!(answer.status, 405);
            assert_eq!(answer.headers, [("allow", route.methods.join(", "))]);
        }
    }
    let nowhere = HttpPush {
        method: "POST",
        path: "/nowhere",
        query: "",
        content_type: "",
        body: b"",
        peer: None,
        header: &|_| None,
    };
    assert!(house.doors.http(&nowhere).is_none());
}

#[test]
fn extra_labels_are_added_to_every_series() {
    let house = House::new();
    house.post("/write?extra_label=dc=b&extra_label=host=c", "m,host=a v=1 1000000000");
    assert_eq!(house.got(), [r#"1000 m_v{dc="b",host="c"} 1"#]);
    let answer = house.post("/api/v1/probe?extra_label=dc", "h:a:1:GAUGE");
    assert_eq!(text(&answer), (400, "{\"error\":\"extra_label `dc` is not name=value\"}\n"));
    assert_eq!(house.stats("probe").rejected, 1);
}

#[test]
fn the_last_bad_inputs_are_remembered_and_bounded() {
    let house = House::new();
    house.post("/api/v1/probe", "h:a:1:GAUGE\nh:a:x\u{7}:GAUGE\n");
    let stats = house.stats("probe");
    assert_eq!((stats.samples, stats.rejected, stats.bad.len()), (1, 1, 1));
    assert_eq!(stats.bad[0].position.to_string(), "line 2");
    assert_eq!(stats.bad[0].excerpt, "h:a:x\u{fffd}:GAUGE");
    assert!(stats.bad[0].reason.starts_with("value"));
    for i in 0..30 {
        house.post("/api/v1/probe", format!("bad{i}\n").repeat(100));
    }
    let stats = house.stats("probe");
    assert_eq!((stats.rejected, stats.bad.len()), (3001, crate::BAD_INPUTS_MAX));
    assert_eq!(stats.bad.last().unwrap().excerpt, "bad29");
    assert_eq!(stats.bad[0].excerpt, "bad23");
}

#[test]
fn our_own_agents_have_a_door() {
    let house = House::new();
    let answer = house.post("/api/v1/native", "not a frame");
    assert_eq!((answer.status, answer.content_type), (400, "application/json"));
    assert!(house.doors.agents().is_empty());
}
