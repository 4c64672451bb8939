use crate::events::tests::{NOW_MS, ask, house, json_of};
use serde_json::{Value, json};
use serve::{Body, HeaderMap, HeaderValue, Method, Request};

#[test]
fn sheets_come_and_go() {
    let api = house();
    let call = |method, path: &str, query: &str, body: &str| json_of(ask(&api, method, path, query, body));
    assert_eq!(call(Method::GET, "/api/v1/sheets", "", ""), (200, json!({"sheets": []})));

    let own = json!({"title": "Load", "exprs": [".es(metric=avg:load1)", "@1.abs()"], "columns": 3});
    let (status, made) = call(Method::POST, "/api/v1/sheets", "", &own.to_string());
    assert_eq!((status, &made), (200, &json!({"sheets": [{"id": "load", "title": "Load", "charts": 2}]})));
    let (_, shown) = call(Method::GET, "/api/v1/sheets/load", "", "");
    let wanted = json!({"id": "load", "title": "Load", "description": "", "exprs": own["exprs"], "columns": 3,
        "rows": 2, "interval": "auto", "compatible": false, "changed_ms": NOW_MS});
    assert_eq!(shown, wanted);

    let kibana = |title: &str, interval: &str| {
        json!({"type": "timelion-sheet", "attributes": {"title": title, "timelion_sheet": [".es(*)"],
            "timelion_interval": interval}})
    };
    let lines = format!("{}\n{}\n", kibana("Load", "1m"), kibana("Other", "auto"));
    let ids = |answer: Value| -> Vec<String> {
        answer["sheets"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(call(Method::POST, "/api/v1/sheets", "", &lines).1), ["load-2", "other"]);
    let again = call(Method::POST, "/api/v1/sheets", "overwrite=true", &lines).1;
    assert_eq!(ids(again), ["load", "other"]);
    let (_, shown) = call(Method::GET, "/api/v1/sheets/load", "", "");
    assert_eq!((&shown["compatible"], &shown["interval"]), (&json!(true), &json!("1m")));

    let renamed = json!({"title": "Load of all", "exprs": []}).to_string();
    let (status, shown) = call(Method::PUT, "/api/v1/sheets/load", "", &renamed);
    assert_eq!((status, &shown["id"], &shown["title"]), (200, &json!("load"), &json!("Load of all")));
    assert_eq!(call(Method::DELETE, "/api/v1/sheets/other", "", "").0, 200);
    let left = call(Method::GET, "/api/v1/sheets", "", "").1;
    assert_eq!(ids(left), ["load-2", "load"]);

    let exported = ask(&api, Method::GET, "/api/v1/sheets/load-2/export", "", "");
    let Body::Full(line) = exported.body else { panic!("not a whole answer") };
    let line: Value = serde_json::from_slice(&line).unwrap();
    assert_eq!(line["attributes"]["timelion_sheet"], json!([".es(*)"]));
}

#[test]
fn who_saves_a_sheet_that_changed_meanwhile_is_told() {
    let api = house();
    let sheet = |title: &str| json!({"title": title, "exprs": []}).to_string();
    ask(&api, Method::POST, "/api/v1/sheets", "", &sheet("Shared"));
    let tag = ask(&api, Method::GET, "/api/v1/sheets/shared", "", "").headers["etag"].clone();
    let put = |title: &str, tag: &HeaderValue| {
        let mut headers = HeaderMap::new();
        headers.insert("if-match", tag.clone());
        let path = "/api/v1/sheets/shared".to_owned();
        let request = Request {
            method: Method::PUT,
            path,
            query: String::new(),
            headers,
            body: sheet(title).into_bytes().into(),
            peer: ([127, 0, 0, 1], 1).into(),
            gone: serve::Gone::default(),
        };
        json_of(api.call(&request))
    };
    assert_eq!(put("First", &tag).0, 200);
    let (status, why) = put("Second", &tag);
    assert_eq!(status, 412);
    assert!(why["error"].to_string().contains("changed meanwhile"), "{why}");
    assert_eq!(put("Third", &HeaderValue::from_static("*")).0, 200);
    assert_eq!(put("Fourth", &HeaderValue::from_static("\"x\"")).0, 400);
}

#[test]
fn what_is_wrong_with_a_sheet_is_said() {
    let api = house();
    let cases = [
        (Method::GET, "/api/v1/sheets/no", "", 404, "no sheet `no`"),
        (Method::GET, "/api/v1/sheets/no/export", "", 404, "no sheet"),
        (Method::DELETE, "/api/v1/sheets/no", "", 404, "no sheet"),
        (Method::PUT, "/api/v1/sheets/no", r#"{"title":"x","exprs":[]}"#, 404, "no sheet"),
        (Method::PUT, "/api/v1/sheets/no", r#"{"title":"x"}"#, 400, "missing field `exprs`"),
        (Method::POST, "/api/v1/sheets", "{", 400, "line 1"),
        (Method::POST, "/api/v1/sheets", r#"{"exprs":[1],"title":"x"}"#, 400, "this is no sheet"),
        (Method::POST, "/api/v1/sheets", r#"{"exprs":[],"title":""}"#, 400, "needs a `title`"),
        (Method::POST, "/api/v1/sheets", r#"{"type":"index-pattern"}"#, 400, "no sheet or chart"),
    ];
    for (method, path, body, wanted, why) in cases {
        let (status, told) = json_of(ask(&api, method, path, "", body));
        assert_eq!(status, wanted, "{path} {body}: {told}");
        assert!(told["error"].as_str().unwrap().contains(why), "{path} {body}: {told}");
    }
}
