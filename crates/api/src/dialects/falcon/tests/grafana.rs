use super::*;

fn house() -> House {
    let house = House::at(T + 240);
    for host in ["a.b", "c"] {
        for metric in ["cpu.idle", "cpu.user", "net.if.in.bytes", "load"] {
            house.insert(&[("__name__", metric), ("host", host)], Kind::Gauge, &minutes(5));
        }
    }
    house
}

fn texts(said: &Value) -> Vec<String> {
    let text = |item: &Value| {
        let more = if item["expandable"] == true { "…" } else { "" };
        format!("{}{more}", item["text"].as_str().unwrap())
    };
    said.as_array().unwrap().iter().map(text).collect()
}

#[test]
fn hosts_and_pieces_of_counters_are_found() {
    let house = house();
    for (query, wanted) in [
        ("", vec!["a.b…", "c…"]),
        ("?query=!N!&limit=1", vec!["a.b…"]),
        ("?query=^c", vec!["c…"]),
        ("?query=!HG!web", vec![]),
        ("?query=a.b%23select+metric", vec![]),
        ("?query=a~b%23.%2B", vec!["cpu…", "load", "net…", "$", "%"]),
        ("?query={a.b,c}%23cpu%23.%2B", vec!["idle", "user", "$", "%"]),
        ("?query=c%23net%23if%23.%2B", vec!["in…", "%"]),
        ("?query=nobody%23.%2B", vec![]),
    ] {
        for path in ["/api/v1/grafana", "/api/v1/grafana/metrics/find"] {
            let (status, said) = house.get(&format!("{path}{query}"));
            assert_eq!(
                (status, texts(&said)),
                (200, wanted.iter().map(|t| (*t).to_owned()).collect()),
                "{query}"
            );
        }
    }
}

#[test]
fn targets_are_drawn_however_they_are_asked_for() {
    let house = house();
    let asked = format!("from={T}&until={}", T + 240);
    let pairs = |said: &Value| -> Vec<String> {
        let pair = |one: &Value| {
            format!("{}:{}", one["endpoint"].as_str().unwrap(), one["counter"].as_str().unwrap())
        };
        said.as_array().unwrap().iter().map(pair).collect()
    };
    let two = ["a.b:cpu.idle", "c:cpu.idle"];
    let (status, said) =
        house.get(&format!("/api/v1/grafana/render?target={{a~b,c}}%23cpu%23idle%23$&{asked}"));
    assert_eq!((status, pairs(&said)), (200, two.map(str::to_owned).to_vec()));
    assert_eq!(said[0]["Values"].as_array().unwrap().len(), 5);
    let form = format!("target={{a~b}}%23cpu%23%25&target=nobody%23x&target=c%23load&{asked}");
    let (status, said) = house.post("/api/v1/grafana/render", form);
    assert_eq!((status, pairs(&said).join(" ")), (200, "a.b:cpu.idle a.b:cpu.user c:load".to_owned()));
    let json = json!({"target": ["{a.b,c}#cpu#idle"], "from": T, "until": T + 240, "consolFun": "MAX"});
    assert_eq!(pairs(&house.post("/api/v1/grafana/render", json).1), two);
}

#[test]
fn what_is_missing_is_told() {
    let house = house();
    for (query, reason) in [
        ("from=1&until=2", "`target` is missing"),
        ("target=a&until=2", "`from` is missing"),
        ("target=a&from=1", "`until` is missing"),
        ("target=a%23b&from=now&until=2", "`from` is `now`, not a whole number"),
        ("target=a%23b&from=1&until=2&consolFun=SUM", "`consolFun` is `SUM`, not AVERAGE, MAX or MIN"),
    ] {
        let said = house.get(&format!("/api/v1/grafana/render?{query}"));
        assert_eq!(said, (400, json!({ "error": reason })), "{query}");
    }
}
