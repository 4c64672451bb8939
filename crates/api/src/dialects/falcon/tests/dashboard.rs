use super::*;

fn house() -> House {
    let house = House::at(T);
    for (host, metric, tags) in [
        ("web1.example", "cpu.idle", vec![]),
        ("web1.example", "df.used", vec![("mount", "/")]),
        ("Web2.example", "df.used", vec![("mount", "/")]),
        ("db1.example", "cpu.idle", vec![]),
    ] {
        let labels: Vec<_> = [("__name__", metric), ("host", host)].into_iter().chain(tags).collect();
        house.insert(&labels, Kind::Gauge, &minutes(5));
    }
    house
}

#[test]
fn the_dashboard_finds_hosts_by_words() {
    let house = house();
    for (query, wanted) in [
        ("q=web", json!(["Web2.example", "web1.example"])),
        ("q=WEB+1", json!(["web1.example"])),
        ("q=web.*", json!([])),
        ("q=example&limit=1", json!(["Web2.example"])),
        ("tags=mount%3D/&q=1", json!(["web1.example"])),
    ] {
        let said = house.get(&format!("/api/endpoints?{query}"));
        assert_eq!(said, (200, json!({"ok": true, "msg": "", "data": wanted})), "{query}");
    }
    let said = house.get("/api/endpoints?limit=3");
    assert_eq!(said, (200, json!({"ok": false, "msg": "no query params given", "data": []})));
}

#[test]
fn the_dashboard_gets_counters_of_hosts_with_type_and_step() {
    let house = house();
    let idle = json!(["cpu.idle", "GAUGE", 60]);
    let used = json!(["df.used/mount=/", "GAUGE", 60]);
    for (form, wanted) in [
        (r#"endpoints=["web1.example","Web2.example"]"#, json!([idle, used])),
        (r#"endpoints=["web1.example"]&q=DF+mount"#, json!([used])),
        (r#"endpoints=["web1.example"]&limit=1"#, json!([idle])),
    ] {
        let said = house.post("/api/counters", form);
        assert_eq!(said, (200, json!({"ok": true, "msg": "", "data": wanted})), "{form}");
    }
    for (form, why) in [
        ("", "no endpoints or counter given"),
        ("q=cpu", "no endpoints in graph"),
        (r#"endpoints=["nobody"]"#, "no endpoints in graph"),
        (r#"endpoints=["db1.example"]&q=df"#, "no counters in graph"),
        ("endpoints=db1.example", "`endpoints` is not a list of texts in JSON"),
    ] {
        let said = house.post("/api/counters", form);
        assert_eq!(said, (200, json!({"ok": false, "msg": why, "data": []})), "{form}");
    }
}

#[test]
fn the_dashboard_gets_histories_and_types_by_its_own_paths() {
    let house = house();
    let pair = json!({"endpoint": "web1.example", "counter": "cpu.idle"});
    let history = json!({"start": T, "end": T + 240, "cf": "AVERAGE", "endpoint_counters": [pair]});
    for (own, of, body) in [
        ("/api/history", "/graph/history", history),
        ("/api/info", "/graph/info", json!([pair])),
        ("/api/info", "/graph/info", json!([])),
    ] {
        assert_eq!(house.post(own, &body), house.post(of, &body), "{own}");
    }
}
