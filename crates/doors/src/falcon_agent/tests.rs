use super::*;
use crate::doors::Options;
use crate::tests::Recorder;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::clock::ManualClock;

/// 2023-11-14T22:14:00Z, a whole minute.
const NOW_MS: i64 = 1_700_000_040_000;

struct House {
    agent: Agent,
    sink: Arc<Recorder>,
}

impl House {
    fn new() -> Self {
        let sink = Arc::new(Recorder::default());
        let options = Options {
            host: "this-host".to_owned(),
            version: "1.2.3".to_owned(),
            folder: "/srv/x".into(),
            ..crate::tests::options()
        };
        let place = Place {
            options: Arc::new(options),
            sink: sink.clone(),
            clock: Arc::new(ManualClock::at(NOW_MS)),
        };
        Self { agent: Agent { place, batch: Batch::new(), told: Told::default() }, sink }
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        };
        let answer = self.agent.answer(&request, "127.0.0.1:5000".parse().ok());
        (answer.status, answer.body)
    }
}

#[test]
fn items_are_taken_and_an_absent_endpoint_is_this_host() {
    let mut house = House::new();
    let items = r#"[{"metric":"m","step":60,"value":1,"counterType":"GAUGE","tags":"b=2,a=1"},
                    {"endpoint":"other","metric":"m","step":60,"value":"2.5","counterType":"COUNTER"},
                    {"endpoint":"h","metric":"","step":60,"value":1,"counterType":"GAUGE"}]"#;
    assert_eq!(house.ask("POST", "/v1/push", items), (200, "success".to_owned()));
    assert_eq!(
        house.sink.take(),
        [
            format!(r#"{NOW_MS} gauge m{{a="1",b="2",host="this-host"}} 1"#),
            format!(r#"{NOW_MS} counter m{{host="other"}} 2.5"#),
        ]
    );
    let told = house.agent.told();
    assert_eq!((told.samples, told.last_ms), (2, Some(NOW_MS)));
    assert_eq!(told.problem, "the last push, from 127.0.0.1: 1 items refused, item 3: `metric` is empty");
    house.ask("POST", "/v1/push", "[]");
    assert_eq!(house.agent.told().problem, "");
}

#[test]
fn not_now_is_not_success() {
    let mut house = House::new();
    let item = r#"[{"metric":"m","step":60,"value":1,"counterType":"GAUGE"}]"#;
    house.sink.answer(Some(PushError::Busy("full".to_owned())));
    assert_eq!(house.ask("POST", "/v1/push", item), (503, "not now: full\n".to_owned()));
    house.sink.answer(None);
    assert_eq!(house.ask("POST", "/v1/push", item).0, 200);
    assert_eq!(house.sink.take().len(), 1);
}

#[test]
fn pages_tell_what_scripts_ask_for() {
    let mut house = House::new();
    for (path, wanted) in [
        ("/health", "ok"),
        ("/version", "1.2.3"),
        ("/workdir", "/srv/x"),
        ("/proc/kernel/hostname", r#"{"msg":"success","data":"this-host"}"#),
    ] {
        assert_eq!(house.ask("GET", path, ""), (200, wanted.to_owned()), "{path}");
    }
    for path in ["/run", "/exit", "/plugin/update", "/config/reload", "/", "/v1"] {
        assert_eq!(house.ask("POST", path, "x").0, 404, "{path}");
    }
}

/// Open-Falcon's cases. They lie beside the repository, not in it: see the test of the same kind in `ingest`.
fn cases() -> Vec<Value> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|f| f.join("shared/conformance"));
    let named = std::env::var_os("WINDHOVER_CONFORMANCE").map(PathBuf::from);
    let found = named.into_iter().chain(above).map(|f| f.join("openfalcon.json")).find(|p| p.exists());
    let Some(path) = found else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    let file: Value = serde_json::from_str(&text.replace("\"{now}\"", &(NOW_MS / 1000).to_string())).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// Whether an answer has the shape that a case wants.
fn fits(said: &Value, shape: &Value) -> bool {
    match shape {
        Value::String(kind) if kind == "<any>" => true,
        // The counts of days and hours come as text, as they do there.
        Value::String(kind) if kind == "<int>" => {
            said.is_u64() || said.as_str().is_some_and(|s| s.parse::<u64>().is_ok())
        }
        Value::String(kind) if kind == "<number>" => said.is_number(),
        Value::String(kind) if kind == "<string>" => said.is_string(),
        Value::Object(fields) => fields.iter().all(|(name, shape)| fits(&said[name], shape)),
        Value::Array(items) => {
            said.as_array().is_some_and(|all| all.iter().all(|said| fits(said, &items[0])))
        }
        shape => said == shape,
    }
}

#[test]
fn the_door_answers_as_open_falcons_agent_does() {
    for case in cases().iter().filter(|case| case["module"] == "agent" && case["kind"] == "http") {
        let path = case["path"].as_str().unwrap();
        let body = match &case["body"] {
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        let mut house = House::new();
        let (status, said) = house.ask(case["method"].as_str().unwrap(), path, &body);
        if status == 404 && path != "/v1/push" {
            continue;
        }
        assert_eq!(u64::from(status), case["expect"]["status"].as_u64().unwrap(), "{case}");
        match &case["expect"]["shape"] {
            Value::String(text) if !text.contains('<') => assert_eq!(said, *text, "{case}"),
            Value::String(_) => {}
            shape => {
                let said: Value = serde_json::from_str(&said).unwrap();
                let is_text = shape["data"].as_str().is_some_and(|s| s.starts_with("<int> "));
                assert!(fits(&said, shape) || (is_text && said["data"].is_string()), "{case}: {said}");
            }
        }
    }
}
