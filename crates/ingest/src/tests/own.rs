use super::*;

#[test]
fn good_lines_are_kept_and_bad_ones_told() {
    let house = House::new();
    let answer = house.post("/api/v1/probe", "h:a:1:GAUGE\r\nping\nh:b:U:GAUGE\nh:c:2:COUNTER");
    assert_eq!(
        text(&answer),
        (
            200,
            "{\"accepted\":2,\"rejected\":1,\"skipped\":1,\"reasons\":[{\"line\":2,\"reason\":\"expected host:source:value:TYPE\"}]}\n"
        )
    );
    assert_eq!(answer.content_type, "application/json");
    assert_eq!(house.got(), [format!("{NOW_MS} a{{host=\"h\"}} 1"), format!("{NOW_MS} c{{host=\"h\"}} 2")]);
}

#[test]
fn only_a_body_without_anything_good_is_a_bad_request() {
    let house = House::new();
    let answer = house.post("/api/v1/import/prometheus", "up{\nup 1 x\n");
    assert_eq!(answer.status, 400);
    assert_eq!(
        text(&house.post("/api/v1/import/prometheus", "")),
        (200, "{\"accepted\":0,\"rejected\":0,\"skipped\":0,\"reasons\":[]}\n")
    );
}

#[test]
fn what_the_sink_refuses_is_told_too() {
    let house = House::with(Recorder::refusing_before(100), Options::default());
    let answer = house.post("/api/v1/import/prometheus", "a 1 100\nb 2 99\nc x\n");
    assert_eq!(
        text(&answer),
        (
            200,
            "{\"accepted\":1,\"rejected\":2,\"skipped\":0,\"reasons\":[{\"line\":3,\"reason\":\"value `x` is not a number\"},{\"reason\":\"too old\"}]}\n"
        )
    );
    assert_eq!(house.stats("prometheus_text").rejected, 2);
}

#[test]
fn the_host_comes_from_the_instance_unless_that_is_off() {
    let line = "up{instance=\"web1:9100\"} 1 5\n";
    let house = House::new();
    house.post("/api/v1/import/prometheus", line);
    assert_eq!(house.got(), [r#"5 up{host="web1",instance="web1:9100"} 1"#]);
    let house = House::with(Recorder::default(), Options { host_from_instance: false, ..Default::default() });
    house.post("/api/v1/import/prometheus", line);
    assert_eq!(house.got(), [r#"5 up{instance="web1:9100"} 1"#]);
}

#[test]
fn a_busy_sink_asks_to_come_again_and_a_broken_one_says_so() {
    let house = House::new();
    house.fail_with(PushError::Busy("the queue is full".to_owned()));
    let answer = house.post("/api/v1/probe", "h:a:1:GAUGE");
    assert_eq!(text(&answer), (503, "{\"error\":\"not now: the queue is full\"}\n"));
    assert_eq!(answer.headers, [("retry-after", "1".to_owned())]);
    house.fail_with(PushError::Failed("disk".to_owned()));
    let answer = house.post("/api/v1/probe", "h:a:1:GAUGE");
    assert_eq!(text(&answer), (500, "{\"error\":\"writing failed: disk\"}\n"));
    let stats = house.stats("probe");
    assert_eq!((stats.requests, stats.deferred, stats.samples, stats.bad.len()), (2, 2, 0, 2));
}

#[test]
fn tables_have_their_columns_named_by_a_line_or_a_format() {
    let house = House::new();
    let answer = house.post(
        "/api/v1/import/csv?format=2:metric:ask,1:label:ticker,3:time:unix_s",
        "GOOG,1.23,1700000000\n",
    );
    assert_eq!(text(&answer).0, 200, "{answer:?}");
    assert_eq!(house.got(), [r#"1700000000000 ask{ticker="GOOG"} 1.23"#]);
    let answer = house.post("/api/v1/import/csv?format=x", "a\n");
    assert!(answer.status == 400 && text(&answer).1.contains("is not column:kind:name"), "{answer:?}");
    assert_eq!(house.post("/api/v1/import/csv", "time,a,b\n1,x,2\n").status, 200);
    assert_eq!(house.stats("csv").rejected, 1);
}
