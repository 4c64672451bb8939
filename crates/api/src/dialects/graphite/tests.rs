//! Graphite's API over a store in memory; what Grafana's data source asks is in `grafana.rs`.

mod data;
mod grafana;
mod notes;
mod pictures;
mod times;
mod tree;

use super::asked::Form;
use super::render::Asked;
use crate::Api;
use crate::events::tests::{NOW_MS, ask, house_of, json_of};
use model::memory::MemoryStore;
use model::{Kind, Labels};
use serde_json::Value;
use serve::{Body, HeaderMap, Method, Request, Response};
use std::sync::Arc;

/// Paths as Graphite's agents send them, tagged series, and one that came from our own agent.
fn house() -> Arc<Api> {
    let store = MemoryStore::new();
    let minute = |k: i64| NOW_MS - NOW_MS % 60_000 - k * 60_000;
    let put = |labels: Labels| {
        let samples = (0..60).rev().map(|k| (minute(k), (60 - k) as f64));
        store.insert(&labels, Kind::Gauge, samples);
    };
    for path in ["web.a.cpu", "web.a.mem", "web.b.cpu", "web.b", "db.a.cpu.user"] {
        put(Labels::from_pairs([("__name__", path)]).unwrap());
    }
    put(Labels::from_pairs([("__name__", "disk.used"), ("dc", "ber"), ("rack", "a1")]).unwrap());
    put(Labels::from_pairs([("__name__", "disk.used"), ("dc", "fra")]).unwrap());
    put(Labels::from_pairs([("__name__", "cpu_user"), ("host", "here"), ("cpu", "0")]).unwrap());
    house_of(Arc::new(store))
}

/// A request for `/render`, read.
fn asked(query: &str) -> Asked {
    let request = Request {
        method: Method::GET,
        path: "/render".to_owned(),
        query: query.to_owned(),
        headers: HeaderMap::new(),
        body: Vec::new().into(),
        peer: ([127, 0, 0, 1], 1).into(),
        gone: serve::Gone::default(),
    };
    Asked::read(Form::of(&request).unwrap(), NOW_MS).unwrap()
}

fn text_of(response: &Response) -> (u16, String) {
    let Body::Full(bytes) = &response.body else { panic!("not a whole answer") };
    (response.status.as_u16(), String::from_utf8_lossy(bytes).into_owned())
}

fn get(api: &Arc<Api>, path: &str, query: &str) -> Response {
    ask(api, Method::GET, path, query, "")
}

fn get_value(api: &Arc<Api>, path: &str, query: &str) -> Value {
    let (status, value) = json_of(get(api, path, query));
    assert_eq!(status, 200, "{value}");
    value
}
