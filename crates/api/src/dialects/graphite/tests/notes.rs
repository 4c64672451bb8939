//! Events.

use super::*;
use serde_json::json;

#[test]
fn events_come_and_are_told_by_tags_and_time() {
    let api = house();
    let post = |body: &str| ask(&api, Method::POST, "/events/", "", body).status.as_u16();
    let now_s = NOW_MS / 1000;
    assert_eq!(
        post(&format!(
            "{{\"what\":\"deploy <1>\",\"tags\":[\"web\",\"prod\"],\"when\":{},\"data\":\"v1\"}}",
            now_s - 300
        )),
        200
    );
    assert_eq!(
        post(&format!("{{\"what\":\"restart\",\"tags\":\"web  test\",\"when\":\"{}\"}}", now_s - 200)),
        200
    );
    assert_eq!(post("{\"what\":\"now\"}"), 200);
    let told = |query: &str| {
        let all = get_value(&api, "/events/get_data", query);
        all.as_array()
            .unwrap()
            .iter()
            .map(|event| event["what"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(""), ["deploy <1>", "restart", "now"]);
    assert_eq!(told("tags=web"), ["deploy <1>", "restart"]);
    assert_eq!(told("tags=web+prod"), ["deploy <1>"]);
    assert_eq!(told("tags=test+prod&set=union"), ["deploy <1>", "restart"]);
    assert_eq!(told("from=-4min&until=-1min"), ["restart"]);
    let first = &get_value(&api, "/events/get_data", "tags=prod")[0];
    assert_eq!(
        json!([first["when"], first["tags"], first["data"]]),
        json!([now_s - 300, ["web", "prod"], "v1"])
    );
    let one = get_value(&api, &format!("/events/{}", first["id"]), "");
    assert_eq!(&one, first);
    assert_eq!(get(&api, "/events/999", "").status.as_u16(), 404);
    assert!(text_of(&get(&api, "/events", "")).1.contains("deploy &lt;1>"));
}

#[test]
fn bad_events_are_refused() {
    let api = house();
    for body in
        ["", "[]", "{}", "{\"what\":1}", "{\"what\":\"a\",\"tags\":7}", "{\"what\":\"a\",\"when\":\"soon\"}"]
    {
        let (status, error) = json_of(ask(&api, Method::POST, "/events", "", body));
        assert!(status == 400 && error["error"].is_string(), "{body}: {error}");
    }
}
