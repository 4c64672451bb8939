use crate::events::tests::{NOW_MS, ask, get_json, house, json_of};
use model::{Event, EventKind, Level};
use serde_json::json;
use serve::{Body, Method};

/// `collect;cpu 5`, packed.
const PACKED: &str = "H4sIAAAAAAAC/0vOz8lJTS6xTi4oVTDlAgBiRbb+DgAAAA==";

fn profile(time_ms: i64) -> Event {
    let fields = vec![("cpu_us".to_owned(), "5".to_owned()), ("why".to_owned(), "asked".to_owned())];
    let event = Event::log(time_ms, Level::Info, "agent", PACKED);
    Event { kind: EventKind::PROFILE, fields, ..event }
}

#[test]
fn profiles_are_listed_shown_and_not_in_the_log() {
    let api = house();
    api.event_sink.tell("web1", &[profile(NOW_MS - 5), profile(NOW_MS - 9)], None).unwrap();
    let list = get_json(&api, "/api/v1/profiles", "host=web1");
    let newest =
        json!({ "time_ms": NOW_MS - 5, "source": "agent", "empty": false, "cpu_us": 5.0, "why": "asked" });
    assert_eq!((&list["profiles"][0], list["profiles"].as_array().unwrap().len()), (&newest, 2));
    assert_eq!(get_json(&api, "/api/v1/events", "")["events"], json!([]));
    let one = format!("host=web1&time_ms={}&source=agent", NOW_MS - 9);
    let shown = ask(&api, Method::GET, "/api/v1/profile", &one, "");
    let Body::Full(text) = shown.body else { panic!("not a whole answer") };
    assert_eq!(text, b"collect;cpu 5\n");
    for (bad, status) in [("host=web1", 400), ("host=web1&time_ms=3", 404), ("time_ms=3", 400)] {
        assert_eq!(json_of(ask(&api, Method::GET, "/api/v1/profile", bad, "")).0, status, "{bad}");
    }
}

#[test]
fn an_agent_is_told_once_when_it_asks_for_settings() {
    let api = house();
    let post = |query: &str| json_of(ask(&api, Method::POST, "/api/v1/profile", query, ""));
    let settings = || ask(&api, Method::GET, "/api/v1/agent/settings", "host=web1", "");
    let told = |response: &serve::Response| response.headers.get(super::PROFILE_HEADER).cloned();
    let (status, why) = post("host=web1");
    assert_eq!(status, 409);
    assert!(why["error"].as_str().unwrap().contains("agent.settings_every"), "{why}");
    assert!(told(&settings()).is_none());
    assert_eq!(post("host=web1&seconds=601").0, 400);
    assert_eq!(post("host=web1&seconds=7").0, 202);
    assert_eq!(get_json(&api, "/api/v1/profiles", "host=web1")["waiting"], json!(true));
    assert_eq!(told(&settings()).unwrap(), "7");
    assert!(told(&settings()).is_none(), "once");
    assert_eq!(get_json(&api, "/api/v1/profiles", "host=web1")["waiting"], json!(false));
}
