use super::*;
use crate::dialects::falcon::index::id;

fn house() -> House {
    let house = House::at(T);
    for (host, metric, tags) in [
        ("web1.example", "cpu.idle", vec![]),
        ("web1.example", "df.used", vec![("fstype", "ext4"), ("mount", "/")]),
        ("Web2.example", "df.used", vec![("fstype", "xfs"), ("mount", "/home")]),
        ("db1.example", "cpu.idle", vec![("exported_host", "inner")]),
    ] {
        let labels: Vec<_> = [("__name__", metric), ("host", host)].into_iter().chain(tags).collect();
        house.insert(&labels, Kind::Gauge, &minutes(5));
    }
    house
}

fn names(said: &Value) -> Vec<&str> {
    said.as_array().unwrap().iter().map(|item| item["endpoint"].as_str().unwrap()).collect()
}

#[test]
fn hosts_are_found_by_regular_expressions_anywhere_and_by_tags() {
    let house = house();
    for (query, wanted) in [
        ("q=web", vec!["Web2.example", "web1.example"]),
        ("q=^WEB+1", vec!["web1.example"]),
        ("q=example+[[:<:]]db", vec!["db1.example"]),
        ("q=.&limit=1&page=2", vec!["db1.example"]),
        ("q=.&limit=2&page=2", vec!["web1.example"]),
        ("q=nobody", vec![]),
        ("tags=mount%3D/", vec!["Web2.example", "web1.example"]),
        ("tags=mount%3D/,fstype%3Dx", vec!["Web2.example"]),
        ("tags=type%3Dext4", vec!["web1.example"]),
        ("tags=idle", vec!["db1.example", "web1.example"]),
        ("tags=ome", vec!["Web2.example"]),
        ("q=1&tags=mount%3D", vec!["web1.example"]),
        ("tags=mount%3D/,fstype%3Dzfs", vec![]),
    ] {
        let (status, said) = house.get(&format!("/api/v1/graph/endpoint?{query}"));
        assert_eq!((status, names(&said)), (200, wanted), "{query}");
        let numbers = said.as_array().unwrap().iter().map(|item| item["id"].as_u64().unwrap());
        assert!(numbers.eq(names(&said).into_iter().map(id)), "{said}");
    }
}

#[test]
fn hosts_by_name_have_the_time_of_their_newest_sample() {
    let house = house();
    let at = T + 240;
    let (status, said) =
        house.get("/api/v1/graph/endpointobj?endpoints=web1.example,nobody&endpoints=db1.example");
    assert_eq!((status, names(&said)), (200, vec!["db1.example", "web1.example"]));
    assert_eq!(said[0]["ts"], at);
    let late = format!("/api/v1/graph/endpointobj?endpoints=web1.example&deadline={}", at + 1);
    assert_eq!(house.get(&late), (200, json!([])));
}

#[test]
fn counters_of_hosts_are_found_by_regular_expressions_some_of_which_negate() {
    let house = house();
    let ids = ["web1.example", "db1.example"].map(id);
    for (query, wanted) in [
        ("", vec!["cpu.idle/host=inner", "cpu.idle", "df.used/fstype=ext4,mount=/"]),
        ("&metricQuery=DF", vec!["df.used/fstype=ext4,mount=/"]),
        ("&metricQuery=cpu+!inner", vec!["cpu.idle"]),
        ("&metricQuery=.&limit=1&page=3", vec!["df.used/fstype=ext4,mount=/"]),
    ] {
        let (status, said) =
            house.get(&format!("/api/v1/graph/endpoint_counter?eid={},{}{query}", ids[0], ids[1]));
        let found: Vec<&str> =
            said.as_array().unwrap().iter().map(|item| item["counter"].as_str().unwrap()).collect();
        assert_eq!((status, found), (200, wanted), "{query}");
        assert_eq!(json!([said[0]["step"], said[0]["type"]]), json!([60, "GAUGE"]));
    }
}

#[test]
fn every_counter_found_can_be_read() {
    let house = house();
    for (host, counter) in
        [("db1.example", "cpu.idle/host=inner"), ("web1.example", "df.used/fstype=ext4,mount=/")]
    {
        assert_eq!(house.lasts(host, counter)[0], (T + 240, 4.0), "{counter}");
    }
}

#[test]
fn searches_that_make_no_sense_are_refused() {
    let house = house();
    for (path, reason) in [
        ("endpoint", "q and labels are all missing"),
        ("endpoint?q=a&limit=x", "`limit` is `x`, not a whole number"),
        ("endpointobj", "endpoints missing"),
        ("endpoint_counter", "eid is missing"),
        ("endpoint_counter?eid=1,x", "input error, please check your input info."),
    ] {
        assert_eq!(house.get(&format!("/api/v1/graph/{path}")), (400, json!({ "error": reason })), "{path}");
    }
    let (status, said) = house.get("/api/v1/graph/endpoint?q=(");
    assert_eq!(status, 400);
    assert!(said["error"].as_str().unwrap().starts_with("`(` is not a regular expression: "), "{said}");
}
