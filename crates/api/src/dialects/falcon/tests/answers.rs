use super::*;

#[test]
fn answers_have_the_exact_names_in_their_order() {
    let house = House::with(Kind::Gauge, &[(T, 97.5), (T + 60, 1e-7), (T + 180, 1e300)]);
    let asked = r#"{"start":1462428000,"end":1462428180,"cf":"AVERAGE","endpoint_counters":[
        {"endpoint":"h","counter":"m"},{"endpoint":"h\"","counter":"n/a=1"},null]}"#;
    let said = house.post_text("/graph/history", asked).1;
    let wanted = concat!(
        r#"[{"endpoint":"h","counter":"m","dstype":"GAUGE","step":60,"Values":[{"timestamp":1462428000,"value":97.500000},"#,
        r#"{"timestamp":1462428060,"value":1e-7},{"timestamp":1462428120,"value":null},{"timestamp":1462428180,"value":1e300}]},"#,
        r#"{"endpoint":"h\"","counter":"n/a=1","dstype":"","step":0,"Values":[]},"#,
        r#"{"endpoint":"","counter":"","dstype":"","step":0,"Values":[]}]"#,
    );
    assert_eq!(said, wanted);
    let pairs = r#"[{"Endpoint":"h","COUNTER":"m"},null,{"endpoint":"g","counter":"m"}] and more"#;
    let wanted = concat!(
        r#"[{"endpoint":"h","counter":"m","consolFun":"GAUGE","step":60,"filename":"","addr":"127.0.0.1:9463"},"#,
        r#"{"endpoint":"g","counter":"m","consolFun":"","step":0,"filename":"","addr":"127.0.0.1:9463"}]"#,
    );
    assert_eq!(house.post_text("/graph/info", pairs).1, wanted);
    let wanted = concat!(
        r#"[{"endpoint":"h","counter":"m","value":{"timestamp":1462428180,"value":1e300}},"#,
        r#"{"endpoint":"g","counter":"m","value":{"timestamp":0,"value":0.000000}}]"#,
    );
    for path in ["/graph/last", "/graph/last/raw", "/api/v1/graph/lastpoint"] {
        assert_eq!(house.post_text(path, pairs).1, wanted);
    }
}

#[test]
fn refusals_say_why() {
    let house = House::with(Kind::Gauge, &minutes(5));
    let many =
        json!(vec![json!({"endpoint": "h", "counter": "m"}); super::super::COUNTERS_MAX + 1]).to_string();
    let large = json!({"start": T, "end": T + 60 * 15_000, "endpoint_counters": vec![json!({"endpoint": "h", "counter": "m"}); 100]});
    for (path, body, reason) in [
        ("/graph/history", "", "the request is empty"),
        ("/graph/history", "null", "empty_payload"),
        ("/graph/history", "{}", "empty_payload"),
        ("/graph/history", "[]", "the request is not an object"),
        ("/graph/history", r#"{"start":1.5}"#, "`start` is not a whole number of at most 64 bits"),
        ("/graph/history", r#"{"cf":"SUM"}"#, "`cf` is `SUM`, not AVERAGE, MAX or MIN"),
        ("/graph/history", r#"{"cf":1}"#, "`cf` is not a text"),
        ("/graph/history", r#"{"endpoint_counters":{}}"#, "`endpoint_counters` is not a list"),
        ("/graph/history", &large.to_string(), "more than 1000000 values, ask for less at once"),
        ("/graph/last", "null", "empty"),
        ("/graph/last", "[]", "empty"),
        ("/graph/last", "{}", "the request is not a list"),
        ("/graph/last/raw", "[1]", "an item is not an object"),
        ("/graph/info", r#"[{"endpoint":1}]"#, "`endpoint` is not a text"),
        ("/graph/info", &many, "5001 counters, at most 5000 are allowed at once"),
    ] {
        assert_eq!(house.post(path, body), (400, json!({ "msg": reason })), "{path} {body:.60}");
    }
    let (status, said) = house.post("/graph/last", "[{");
    assert_eq!(status, 400);
    assert!(said["msg"].as_str().unwrap().starts_with("the request is not JSON: "), "{said}");
    let hosts = json!({
        "start_time": T, "end_time": T, "consol_fun": "MIN", "hostnames": ["h", "g"], "counters": ["m"],
    });
    for (name, value, reason) in [
        ("hostnames", json!(null), "`hostnames` is missing"),
        ("counters", json!([]), "no host or no counter"),
        ("counters", json!([1]), "`counters` is not a list of texts"),
        ("consol_fun", json!("x"), "`consol_fun` is `x`, not AVERAGE, MAX or MIN"),
        ("step", json!("60"), "`step` is not a whole number of at most 64 bits"),
    ] {
        let mut asked = hosts.clone();
        asked[name] = value;
        assert_eq!(house.post("/api/v1/graph/history", asked), (400, json!({ "error": reason })));
    }
}

#[test]
fn unknown_series_are_left_out_when_no_step_is_told() {
    let house = House::with(Kind::Gauge, &minutes(5));
    let mut asked = json!({
        "start_time": T, "end_time": T + 60, "consol_fun": "MIN", "hostnames": ["g", "h"], "counters": ["m"],
    });
    let known = json!({
        "endpoint": "h", "counter": "m", "dstype": "GAUGE", "step": 60,
        "Values": [{"timestamp": T, "value": 0.0}, {"timestamp": T + 60, "value": 1.0}],
    });
    assert_eq!(house.post("/api/v1/graph/history", &asked), (200, json!([known])));
    asked["step"] = json!(30);
    let unknown = json!({"endpoint": "g", "counter": "m", "dstype": "", "step": 0, "Values": []});
    assert_eq!(house.post("/api/v1/graph/history", &asked), (200, json!([unknown, known])));
}

#[test]
fn mangled_requests_are_refused_or_answered() {
    let house = House::with(Kind::Counter, &minutes(5));
    let good = br#"{"start":1462428000,"end":1462428180,"cf":"AVERAGE","endpoint_counters":[{"endpoint":"h","counter":"m/a=1"}]}"#;
    let mut random = 1u64;
    for _ in 0..5_000 {
        let mut body = good.to_vec();
        for _ in 0..3 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (random >> 33) as usize % body.len();
            body[at] = b"0123456789-.e\"{}[],:=/mnull "[(random >> 20) as usize % 28];
        }
        let body = String::from_utf8(body).unwrap();
        let (status, said) = house.post("/graph/history", &body);
        assert!(status == 200 && said.is_array() || status == 400 && said["msg"].is_string(), "{body}");
    }
}
