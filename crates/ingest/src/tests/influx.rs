use super::*;

#[test]
fn a_clean_write_says_nothing() {
    let house = House::new();
    let answer = house.post("/write?db=telegraf&precision=s", "cpu,host=a v=1 1700000000\n");
    assert_eq!(text(&answer), (204, ""));
    let answer = house.post("/api/v2/write?org=o&bucket=b&precision=ms", "cpu,host=a v=2 1700000000001\n");
    assert_eq!(text(&answer), (204, ""));
    assert_eq!(house.got(), [r#"1700000000000 cpu_v{host="a"} 1"#, r#"1700000000001 cpu_v{host="a"} 2"#]);
}

#[test]
fn a_partial_write_names_the_lines_in_both_shapes() {
    let house = House::new();
    let body = "m v=1\nm v=\nm v=2\n";
    assert_eq!(
        text(&house.post("/write", body)),
        (400, "{\"error\":\"partial write: line 2: field `v` has no value dropped=1\"}\n")
    );
    assert_eq!(
        text(&house.post("/api/v2/write", body)),
        (
            400,
            "{\"code\":\"invalid\",\"message\":\"partial write: line 2: field `v` has no value dropped=1\",\"line\":2}\n"
        )
    );
    assert_eq!(house.got().len(), 4);
}

#[test]
fn an_unknown_precision_is_refused() {
    let house = House::new();
    let answer = house.post("/write?precision=d", "m v=1 1");
    assert_eq!(
        text(&answer),
        (400, "{\"error\":\"invalid precision \\\"d\\\" (use ns, us, ms, s, m or h)\"}\n")
    );
    assert!(house.got().is_empty());
}

#[test]
fn a_busy_sink_is_unavailable() {
    let house = House::new();
    house.fail_with(PushError::Busy("full".to_owned()));
    let answer = house.post("/api/v2/write", "m v=1");
    assert_eq!(text(&answer), (503, "{\"code\":\"unavailable\",\"message\":\"not now: full\"}\n"));
    assert!(answer.headers.contains(&("retry-after", "1".to_owned())));
}

#[test]
fn clients_that_ask_first_are_answered() {
    let house = House::new();
    let answer = house.request("GET", "/ping", "", "");
    assert_eq!((answer.status, answer.headers[0].0), (204, "x-influxdb-version"));
    assert_eq!(text(&house.request("GET", "/ping?verbose=true", "", "")).0, 200);
    let created = (200, "{\"results\":[{\"statement_id\":0}]}\n");
    assert_eq!(text(&house.post("/query?q=CREATE+DATABASE+%22telegraf%22", "")), created);
    let form = "application/x-www-form-urlencoded";
    let answer = house.request("POST", "/query", form, "q=create%20database%20x");
    assert_eq!(text(&answer), created);
    assert_eq!(house.post("/query?q=SELECT+1", "").status, 400);
    assert_eq!(house.post("/query", "q=create database x").status, 400, "a body that is no form");
}
