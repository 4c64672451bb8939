//! What Grafana's Graphite data source asks, in its own words.

use super::*;
use serde_json::json;

#[test]
fn grafana_finds_what_it_browses_and_completes() {
    let api = house();
    let form = |path: &str, body: &str| json_of(ask(&api, Method::POST, path, "", body));
    // Its test of the connection, the query editor's lists, and variables.
    assert_eq!(form("/metrics/find", "query=*").0, 200);
    let range = format!("from={}&until={}", NOW_MS / 1000 - 3600, NOW_MS / 1000);
    let (_, items) = form("/metrics/find", &format!("query=web.*&{range}"));
    assert!(
        items
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["text"].is_string() && item["expandable"].is_number())
    );
    assert_eq!(
        get_value(&api, "/metrics/expand", "query=web.*.cpu")["results"],
        json!(["web.a.cpu", "web.b.cpu"])
    );
    assert_eq!(form("/tags/autoComplete/tags", "tagPrefix=&limit=10000").0, 200);
    assert_eq!(form("/tags/autoComplete/values", "tag=dc&valuePrefix=b&limit=10000"), (200, json!(["ber"])));
    assert_eq!(get_value(&api, "/tags", "")[0], json!({ "tag": "cpu" }));
    let functions = get_value(&api, "/functions", "");
    let function = functions.as_object().unwrap().values().next().unwrap();
    for member in ["name", "group", "description", "params"] {
        assert!(!function[member].is_null(), "{member} in {function}");
    }
    assert_eq!(get_value(&api, "/events/get_data", &format!("{range}&tags=deploy")), json!([]));
    assert_eq!(text_of(&get(&api, "/version", "")).1, "1.1.10");
    assert_eq!(get(&api, "/functions/none", "").status.as_u16(), 404);
}

#[test]
fn grafana_draws() {
    let api = house();
    let body = format!(
        "target=aliasByNode(web.*.cpu%2C1)&target=sumSeries(web.*.cpu)&from={}&until={}&format=json&maxDataPoints=100",
        NOW_MS / 1000 - 600,
        NOW_MS / 1000
    );
    let (status, answer) = json_of(ask(&api, Method::POST, "/render", "", &body));
    assert_eq!(status, 200, "{answer}");
    let names: Vec<&str> = answer.as_array().unwrap().iter().map(|s| s["target"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b", "sumSeries(web.*.cpu)"]);
    assert_eq!(answer[0]["tags"]["name"], "web.a.cpu");
    let points = answer[0]["datapoints"].as_array().unwrap();
    assert_eq!(points.last().unwrap(), &json!([60.0, NOW_MS / 60_000 * 60]));
    assert_eq!(answer[2]["datapoints"].as_array().unwrap().last().unwrap()[0], 120.0);
    // Fewer points than there are: means of whole buckets.
    let few = get_value(&api, "/render", "target=web.a.cpu&from=-1h&format=json&maxDataPoints=7");
    assert!(few[0]["datapoints"].as_array().unwrap().len() <= 7);
    // The same as JSON.
    let request = Request {
        method: Method::POST,
        path: "/render/".to_owned(),
        query: String::new(),
        headers: HeaderMap::from_iter([(
            serve::HeaderName::from_static("content-type"),
            serve::HeaderValue::from_static("application/json"),
        )]),
        body: b"{\"target\":[\"web.a.cpu\"],\"from\":\"-10min\",\"format\":\"raw\"}".to_vec().into(),
        peer: ([127, 0, 0, 1], 1).into(),
        gone: serve::Gone::default(),
    };
    assert!(text_of(&api.call(&request)).1.starts_with("web.a.cpu,"));
}

#[test]
fn a_wrong_target_is_told_with_its_place() {
    let api = house();
    let (status, text) = text_of(&get(&api, "/render", "target=sumSeriess(web.a.cpu)&format=json"));
    assert_eq!(status, 400);
    assert!(text.starts_with("Invalid parameters (") && text.contains("sumSeries"), "{text}");
    assert!(text.contains("\nsumSeriess(web.a.cpu)\n^^^^^^^^^^"), "{text}");
    // Nothing found is no error; why is told beside it.
    let nothing = get(&api, "/render", "target=no.such.thing&format=json");
    assert_eq!(text_of(&nothing), (200, "[]".to_owned()));
    assert!(nothing.headers["x-windhover-note"].to_str().unwrap().contains("no.such.thing"));
}

#[test]
fn a_picture_is_drawn_of_series() {
    let api = house();
    let png = get(&api, "/render", "target=web.*.cpu&from=-1h&width=400&height=200");
    let Body::Full(bytes) = &png.body else { panic!() };
    assert!(
        png.headers["content-type"] == "image/png" && bytes.starts_with(b"\x89PNG") && bytes.len() > 2000
    );
    let query =
        "target=alias(stacked(web.a.cpu),'one')&target=secondYAxis(web.b.cpu)&from=-1h&format=svg&title=T";
    let (status, svg) = text_of(&get(&api, "/render", query));
    assert_eq!(status, 200, "{svg}");
    for wanted in [">T<", ">one<", "→"] {
        assert!(svg.contains(wanted), "{wanted} in {svg}");
    }
    let (_, svg) = text_of(&get(&api, "/render", "target=no.such&format=svg"));
    assert!(svg.contains("No data"));
}
