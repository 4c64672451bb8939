use super::*;
use crate::{Facts, StoreFacts};
use events::{EventLog, Options};
use model::memory::MemoryStore;
use model::{Event, Stand};
use serve::{Body, HeaderMap, Method};
use std::collections::HashSet;
use stdx::clock::ManualClock;
use stdx::disk::FaultyDisk;

pub(crate) const NOW_MS: i64 = 1_700_000_000_000;

pub(crate) fn house() -> Arc<Api> {
    house_of(Arc::new(MemoryStore::new()))
}

/// The same over samples of somebody's own.
pub(crate) fn house_of(store: Arc<MemoryStore>) -> Arc<Api> {
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let options = Options::new("/events", Arc::new(FaultyDisk::new()), clock.clone());
    let log = Arc::new(EventLog::open(options).unwrap());
    let facts = Facts {
        version: "0",
        host: "here".to_owned(),
        role: "server",
        started_ms: 0,
        listen: String::new(),
        loopback_only: true,
        data: String::new(),
        join: String::new(),
        agent_metrics: HashSet::new(),
        store: Box::new(StoreFacts::default),
        protocols: Box::new(|| json!([])),
        telemetry: Vec::new(),
    };
    let groups = meta::Groups::open(Arc::new(FaultyDisk::new()), "/groups".into()).unwrap();
    let agents = crate::agents::Agents { groups, check: |_| Vec::new() };
    let sheets = meta::Sheets::open(Arc::new(FaultyDisk::new()), "/sheets".into()).unwrap();
    let (events, event_sink) = (log.clone(), log);
    let usual = Arc::new(|_: &_, _| foreign::Aggregate::Avg.into());
    let profiles = crate::profiles::Asks::default();
    let naming = query::graphite::Naming::default();
    let (source, keeper) = (store.clone(), store);
    Arc::new(Api {
        source,
        keeper,
        agents,
        sheets,
        profiles,
        events,
        event_sink,
        naming,
        find_nodes_max: 10_000,
        usual,
        clock,
        facts,
    })
}

pub(crate) fn ask(api: &Arc<Api>, method: Method, path: &str, query: &str, body: &str) -> Response {
    api.call(&Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: HeaderMap::new(),
        body: body.as_bytes().to_vec().into(),
        peer: ([127, 0, 0, 1], 1).into(),
        gone: serve::Gone::default(),
    })
}

pub(crate) fn json_of(response: Response) -> (u16, Value) {
    let Body::Full(bytes) = response.body else { panic!("not a whole answer") };
    (response.status.as_u16(), serde_json::from_slice(&bytes).unwrap())
}

pub(crate) fn get_json(api: &Arc<Api>, path: &str, query: &str) -> Value {
    let (status, json) = json_of(ask(api, Method::GET, path, query, ""));
    assert_eq!(status, 200, "{json}");
    json
}

fn texts(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["text"].as_str().unwrap()).collect()
}

fn fill(api: &Api) {
    for n in 0..10i64 {
        let level = [Level::Info, Level::Warn][usize::from(n % 3 == 0)];
        let event = Event::log(NOW_MS - 1000 * n, level, "agent", format!("line {n}"));
        api.event_sink.tell(["a", "b"][(n % 2) as usize], &[event], None).unwrap();
    }
}

#[test]
fn pages_filters_and_mistakes() {
    let api = house();
    fill(&api);
    let page = get_json(&api, "/api/v1/events", "host=a&limit=3");
    assert_eq!(texts(&page), ["line 0", "line 2", "line 4"]);
    let next = page["next"].as_str().unwrap();
    let rest = get_json(&api, "/api/v1/events", &format!("host=a&limit=3&before={next}"));
    assert_eq!((texts(&rest), &rest["next"]), (vec!["line 6", "line 8"], &Value::Null));
    assert_eq!(texts(&get_json(&api, "/api/v1/events", "level=warn&from=now-5s")), ["line 0", "line 3"]);
    assert_eq!(texts(&get_json(&api, "/api/v1/events", "text=LINE+7&source=agent&kind=log")), ["line 7"]);
    for (bad, word) in [
        ("level=loud", "level"),
        ("kind=x", "kind"),
        ("from=x", "from"),
        ("limit=x", "limit"),
        ("before=9", "before"),
    ] {
        let (status, json) = json_of(ask(&api, Method::GET, "/api/v1/events", bad, ""));
        assert_eq!(status, 400);
        assert!(json["error"].as_str().unwrap().starts_with(word), "{json}");
    }
}

#[test]
fn a_stream_begins_with_the_newest_and_goes_on_with_what_comes() {
    let api = house();
    fill(&api);
    let Body::Events(mut stream) = ask(&api, Method::GET, "/api/v1/events/live", "host=a&limit=2", "").body
    else {
        panic!("not a stream")
    };
    let mut next = || {
        let text = String::from_utf8((stream.next)().unwrap()).unwrap();
        text.strip_prefix("event: events\ndata: ")
            .map(|data| serde_json::from_str::<Value>(data.trim()).unwrap())
    };
    assert_eq!(texts(&next().unwrap()), ["line 0", "line 2"]);
    assert!(next().is_none());
    let late = Event::log(NOW_MS - 99_000, Level::Info, "agent", "late");
    api.event_sink.tell("b", std::slice::from_ref(&late), None).unwrap();
    assert!(next().is_none(), "of another host");
    api.event_sink.tell("a", &[late], None).unwrap();
    assert_eq!(texts(&next().unwrap()), ["late"]);
}

#[test]
fn notes_are_taken_line_by_line() {
    let api = house();
    let body = r#"{"host":"web1","text":"deployed 4.2","source":"deploy","fields":{"by":"ci","n":4}}

{"text":"nobody's"}
{"host":"web1","text":"x","level":"loud"}
{"host":"web1","text":"x","colour":"red"}
not json
{"host":"web2","text":"careful","level":"WARNING","time_ms":5}"#;
    let (status, told) = json_of(ask(&api, Method::POST, "/api/v1/events", "", body));
    assert_eq!((status, &told["accepted"], &told["rejected"]), (200, &json!(2), &json!(4)));
    let reasons = told["reasons"].to_string();
    for word in ["line 3: `host` is missing", "line 4: `level`", "`colour`", "line 6: not JSON"] {
        assert!(reasons.contains(word), "{reasons}");
    }
    let page = get_json(&api, "/api/v1/events", "kind=note");
    assert_eq!(texts(&page), ["deployed 4.2", "careful"]);
    assert_eq!(page["events"][0]["fields"], json!({ "by": "ci", "n": "4" }));
    assert_eq!((&page["events"][1]["level"], &page["events"][1]["time_ms"]), (&json!("warn"), &json!(5)));
    assert_eq!(json_of(ask(&api, Method::POST, "/api/v1/events", "", "{}")).0, 400);
}

#[test]
fn standings_are_those_of_the_host_or_of_all() {
    let api = house();
    let part = |problem| Stand {
        part: "collector",
        name: "cpu",
        last_ms: Some(7),
        took_us: 40,
        samples: 3,
        problem,
    };
    api.event_sink.stand("a", NOW_MS, &[part("")]).unwrap();
    api.event_sink.stand("b", NOW_MS, &[part("cannot read /proc/stat")]).unwrap();
    let all = get_json(&api, "/api/v1/standings", "");
    assert_eq!(all["hosts"].as_array().unwrap().len(), 2);
    let one = get_json(&api, "/api/v1/standings", "host=b");
    let wanted = json!({
        "part": "collector", "name": "cpu", "last_ms": 7, "took_us": 40, "samples": 3,
        "problem": "cannot read /proc/stat", "since_ms": NOW_MS,
    });
    assert_eq!(one["hosts"], json!([{ "host": "b", "time_ms": NOW_MS, "parts": [wanted] }]));
    assert_eq!(get_json(&api, "/api/v1/standings", "host=c")["hosts"], json!([]));
}
