//! The tree of paths, and tags.

use super::*;
use model::keeper::{Deleted, KeepError, Keeper};
use model::{Matcher, TimeRange};
use serde_json::json;
use std::sync::Mutex;

fn leaf(text: &str, id: &str) -> Value {
    json!({ "text": text, "id": id, "allowChildren": 0, "expandable": 0, "leaf": 1 })
}

fn branch(text: &str, id: &str) -> Value {
    json!({ "text": text, "id": id, "allowChildren": 1, "expandable": 1, "leaf": 0 })
}

#[test]
fn find_tells_the_nodes_of_a_place_branches_first() {
    let api = house();
    let find = |query: &str| get_value(&api, "/metrics/find", query);
    assert_eq!(find("query=web.*"), json!([branch("a", "web.a"), branch("b", "web.b"), leaf("b", "web.b")]));
    assert_eq!(find("query=web.a.c%2A"), json!([leaf("cpu", "web.a.cpu")]));
    assert_eq!(find("query=web.{a,b}.cpu&wildcards=1")[0], leaf("*", "web.{a,b}.*"));
    assert_eq!(find("query=nothing.*"), json!([]));
    // What has no path of its own is called by the template.
    assert_eq!(find("query=here.cpu_user.*"), json!([leaf("0", "here.cpu_user.0")]));
    let (status, text) = text_of(&get(&api, "/metrics/find", ""));
    assert_eq!((status, text.as_str()), (400, "Invalid parameters (Missing required parameter 'query')"));
    assert_eq!(get(&api, "/metrics/find", "query=*&format=xml").status.as_u16(), 400);
}

#[test]
fn find_says_when_there_are_more_nodes_than_it_tells() {
    let mut api = house();
    Arc::get_mut(&mut api).unwrap().find_nodes_max = 2;
    let note = |query: &str| {
        let answer = get(&api, "/metrics/find", query);
        answer.headers.get("x-windhover-note").map(|note| note.to_str().unwrap().to_owned())
    };
    assert_eq!(get_value(&api, "/metrics/find", "query=*").as_array().unwrap().len(), 2);
    assert!(note("query=*").is_some_and(|note| note.contains("Only the first 2")));
    assert!(note("query=*&format=pickle").is_some());
    assert_eq!(note("query=web.*"), None);
    let expanded = get_value(&api, "/metrics/expand", "query=*");
    assert_eq!(expanded["results"].as_array().unwrap().len(), 2);
    assert!(expanded["note"].as_str().unwrap().contains("graphite.find_nodes_max"));
    assert_eq!(get_value(&api, "/metrics/expand", "query=web.a.*").get("note"), None);
}

#[test]
fn find_has_every_format() {
    let api = house();
    let find = |query: &str| get_value(&api, "/metrics/find/", query);
    assert_eq!(
        find("query=web.a.c&format=completer"),
        json!({ "metrics": [{ "path": "web.a.cpu", "name": "cpu", "is_leaf": "1" }] })
    );
    assert_eq!(find("query=w&format=completer")["metrics"][0]["path"], "web.");
    assert_eq!(find("query=web.*.*&format=nodelist&position=1"), json!({ "nodes": ["a", "b"] }));
    assert_eq!(find("query=web.*.*&format=nodelist"), json!({ "nodes": ["cpu", "mem"] }));
    let nodes = find("query=db.*&format=json");
    assert_eq!(nodes, json!([{ "path": "db.a", "is_leaf": false }]));
    let Body::Full(pickle) = get(&api, "/metrics/find", "query=db.*&format=pickle").body else { panic!() };
    assert_eq!(pickle, b"\x80\x02](}(X\x04\0\0\0pathX\x04\0\0\0db.aX\x07\0\0\0is_leaf\x89ue.");
    let Body::Full(msgpack) = get(&api, "/metrics/find", "query=db.*&format=msgpack").body else { panic!() };
    assert_eq!(msgpack, b"\x91\x82\xa4path\xa4db.a\xa7is_leaf\xc2");
}

#[test]
fn expand_and_index_give_whole_paths() {
    let api = house();
    let expand = |query: &str| get_value(&api, "/metrics/expand", query);
    assert_eq!(
        expand("query=web.*.cpu&query=web.b"),
        json!({ "results": ["web.a.cpu", "web.b", "web.b.cpu"] })
    );
    assert_eq!(
        expand("query=web.*&leavesOnly=1&groupByExpr=1"),
        json!({ "results": { "web.*": ["web.b"] } })
    );
    let index = get_value(&api, "/metrics/index.json", "");
    assert_eq!(index.as_array().unwrap().len(), 8);
    assert_eq!(index[0], "db.a.cpu.user");
}

#[test]
fn tags_are_labels() {
    let api = house();
    let get = |path: &str, query: &str| get_value(&api, path, query);
    assert_eq!(get("/tags", "filter=n|d"), json!([{ "tag": "dc" }, { "tag": "name" }]));
    let dc = get("/tags/dc", "");
    assert_eq!(dc["values"], json!([{ "count": 1, "value": "ber" }, { "count": 1, "value": "fra" }]));
    let find = |query: &str| get("/tags/findSeries", query);
    assert_eq!(find("expr=name%3Ddisk.used&expr=rack%3D"), json!(["disk.used;dc=fra"]));
    assert_eq!(find("expr[]=dc%3D~b"), json!(["disk.used;dc=ber;rack=a1"]));
    assert_eq!(get("/tags/autoComplete/tags", "expr=name%3Ddisk.used&tagPrefix=r"), json!(["rack"]));
    assert_eq!(get("/tags/autoComplete/tags", "limit=2"), json!(["cpu", "dc"]));
    let values = |query: &str| get("/tags/autoComplete/values", query);
    assert_eq!(values("tag=name&valuePrefix=web.a"), json!(["web.a.cpu", "web.a.mem"]));
    assert_eq!(values("tag=dc&expr=rack%3Da1"), json!(["ber"]));
    // That the tag is there is condition enough.
    assert_eq!(values("tag=dc&expr=dc%21%3Dber"), json!(["fra"]));
    assert_eq!(values("tag=rack&expr=dc%3D"), json!([]));
    for (path, query) in [
        ("/tags/findSeries", ""),
        ("/tags/findSeries", "expr=dc%3D~.*"),
        ("/tags/findSeries", "expr=dc"),
        ("/tags/autoComplete/values", ""),
    ] {
        let (status, error) = json_of(super::get(&api, path, query));
        assert!(status == 400 && error["error"].is_string(), "{path}?{query}: {status} {error}");
    }
}

#[test]
fn tagged_names_are_put_in_order_and_series_deleted() {
    let (mut api, keeper) = (house(), Arc::new(Forgetful::default()));
    Arc::get_mut(&mut api).unwrap().keeper = keeper.clone();
    let post = |path: &str, body: &str| json_of(ask(&api, Method::POST, path, "", body));
    assert_eq!(post("/tags/tagSeries", "path=disk;b=2;a=1"), (200, json!("disk;a=1;b=2")));
    assert_eq!(post("/tags/tagMultiSeries", "path=x;b=2&path=y;a=1"), (200, json!(["x;b=2", "y;a=1"])));
    assert_eq!(post("/tags/tagSeries", "path=disk;b").0, 400);
    // Just the series that was named, and not the one with further tags.
    assert_eq!(post("/tags/delSeries", "path=disk.used;dc=fra"), (200, json!(true)));
    assert_eq!(post("/tags/delSeries", "path=disk.used;dc=ber"), (200, json!(true)));
    let asked = keeper.0.lock().unwrap();
    let told = |at: usize| -> Vec<String> { asked[at][0].iter().map(ToString::to_string).collect() };
    assert_eq!(told(0), ["__name__=\"disk.used\"", "dc=\"fra\""]);
    // Just the series that was named, and not the one with further tags.
    assert_eq!(told(1), ["__name__=\"disk.used\"", "dc=\"ber\"", "rack=\"\""]);
}

/// Remembers what it was asked to delete.
#[derive(Default)]
struct Forgetful(Mutex<Vec<Vec<Vec<Matcher>>>>);

impl Keeper for Forgetful {
    fn delete(&self, selectors: &[Vec<Matcher>], _: TimeRange) -> Result<Deleted, KeepError> {
        self.0.lock().unwrap().push(selectors.to_vec());
        Ok(Deleted::default())
    }
}
