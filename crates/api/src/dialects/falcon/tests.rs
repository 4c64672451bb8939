use crate::{Api, Facts, StoreFacts};
use model::keeper::{Deleted, KeepError};
use model::memory::MemoryStore;
use model::{Batch, Keeper, Kind, Labels, Matcher, STALE, Sink, TimeRange};
use serde_json::{Value, json};
use serve::{Body, HeaderMap, Method, Request};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use stdx::clock::ManualClock;
use stdx::disk::FaultyDisk;

mod answers;
mod conformance;
mod counter;
mod dashboard;
mod grafana;
mod history;
mod index;
mod newest;
mod remove;

/// A multiple of every step used here, and of 5 and 20 of them.
const T: i64 = 1_462_428_000;

/// Remembers what it was told to delete.
#[derive(Default)]
struct Deletions(Mutex<Vec<Vec<Matcher>>>);

impl Keeper for Deletions {
    fn delete(&self, selectors: &[Vec<Matcher>], _: TimeRange) -> Result<Deleted, KeepError> {
        self.0.lock().unwrap().extend(selectors.iter().cloned());
        Ok(Deleted { series: 0 })
    }
}

/// A read side over a store in memory.
struct House {
    store: Arc<MemoryStore>,
    deletions: Arc<Deletions>,
    api: Arc<Api>,
}

impl House {
    fn at(now_s: i64) -> Self {
        let store = Arc::new(MemoryStore::new());
        let facts = Facts {
            version: "0",
            host: "here".to_owned(),
            role: "server",
            started_ms: 0,
            listen: "127.0.0.1:9463".to_owned(),
            loopback_only: true,
            data: String::new(),
            join: String::new(),
            agent_metrics: HashSet::new(),
            store: Box::new(StoreFacts::default),
            protocols: Box::new(|| json!([])),
            telemetry: Vec::new(),
        };
        let clock = Arc::new(ManualClock::at(now_s * 1000));
        let options = events::Options::new("/events", Arc::new(FaultyDisk::new()), clock.clone());
        let log = Arc::new(events::EventLog::open(options).unwrap());
        let groups = meta::Groups::open(Arc::new(FaultyDisk::new()), "/groups".into()).unwrap();
        let deletions = Arc::new(Deletions::default());
        let api = Arc::new(Api {
            agents: crate::agents::Agents { groups, check: |_| Vec::new() },
            sheets: meta::Sheets::open(Arc::new(FaultyDisk::new()), "/sheets".into()).unwrap(),
            profiles: crate::profiles::Asks::default(),
            source: store.clone(),
            keeper: deletions.clone(),
            events: log.clone(),
            event_sink: log,
            naming: query::graphite::Naming::default(),
            find_nodes_max: 10_000,
            usual: Arc::new(|_, _| foreign::Aggregate::Avg.into()),
            clock,
            facts,
        });
        Self { store, deletions, api }
    }

    /// A house with one series `m` of host `h`, samples in seconds.
    fn with(kind: Kind, samples: &[(i64, f64)]) -> Self {
        let house = Self::at(samples.last().map_or(T, |last| last.0));
        house.insert(&[("__name__", "m"), ("host", "h")], kind, samples);
        house
    }

    fn insert(&self, labels: &[(&str, &str)], kind: Kind, samples: &[(i64, f64)]) {
        let labels = Labels::from_pairs(labels.iter().copied()).unwrap();
        self.store.insert(&labels, kind, samples.iter().map(|&(time_s, value)| (time_s * 1000, value)));
    }

    /// Takes a push as the door does.
    fn push(&self, items: &Value, now_ms: i64) -> model::Report {
        let mut batch = Batch::new();
        let context = wire::Context::at(now_ms);
        let report = wire::protocols::falcon::decode(items.to_string().as_bytes(), &context, &mut batch);
        self.store.push(&batch).unwrap();
        report
    }

    /// Status and JSON of an answer.
    fn post(&self, path: &str, body: impl ToString) -> (u16, Value) {
        let (status, text) = self.post_text(path, body);
        (status, serde_json::from_str(&text).unwrap())
    }

    fn post_text(&self, path: &str, body: impl ToString) -> (u16, String) {
        self.ask(Method::POST, path, body)
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let (status, text) = self.ask(Method::GET, path, "");
        (status, serde_json::from_str(&text).unwrap())
    }

    fn ask(&self, method: Method, path: &str, body: impl ToString) -> (u16, String) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let response = self.api.call(&Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: body.to_string().into_bytes().into(),
            peer: ([127, 0, 0, 1], 1).into(),
            gone: serve::Gone::default(),
        });
        let Body::Full(body) = response.body else { panic!("not an answer as a whole") };
        (response.status.as_u16(), String::from_utf8(body).unwrap())
    }

    /// Times from `T` and values of a history.
    fn history(&self, start_s: i64, end_s: i64, cf: &str) -> Vec<(i64, Option<f64>)> {
        let asked = json!({
            "start": start_s, "end": end_s, "cf": cf, "endpoint_counters": [{"endpoint": "h", "counter": "m"}],
        });
        let (status, said) = self.post("/graph/history", asked);
        assert_eq!(status, 200, "{said}");
        let point = |v: &Value| (v["timestamp"].as_i64().unwrap() - T, v["value"].as_f64());
        said[0]["Values"].as_array().unwrap().iter().map(point).collect()
    }

    /// Values of last and last/raw, as `time value`.
    fn lasts(&self, endpoint: &str, counter: &str) -> [(i64, f64); 2] {
        ["/graph/last", "/graph/last/raw"].map(|path| {
            let (status, said) = self.post(path, json!([{"endpoint": endpoint, "counter": counter}]));
            assert_eq!((status, &said[0]["counter"]), (200, &json!(counter)));
            let value = &said[0]["value"];
            (value["timestamp"].as_i64().unwrap(), value["value"].as_f64().unwrap())
        })
    }
}

/// One sample a minute, the value is its number.
fn minutes(count: i64) -> Vec<(i64, f64)> {
    (0..count).map(|i| (T + i * 60, i as f64)).collect()
}
