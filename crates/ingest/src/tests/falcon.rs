use super::*;

const GOOD: &str =
    r#"{"endpoint":"h","metric":"m","step":60,"value":1,"counterType":"GAUGE","tags":"b=2,a=1"}"#;

#[test]
fn the_agent_says_success_whatever_the_items_are() {
    let house = House::new();
    assert_eq!(text(&house.post("/v1/push", format!("[{GOOD}, null]"))), (200, "success"));
    assert_eq!(house.got(), [format!("{NOW_MS} m{{a=\"1\",b=\"2\",host=\"h\"}} 1")]);
    let stats = house.stats("falcon");
    assert_eq!((stats.samples, stats.rejected), (1, 1));
    assert_eq!(stats.bad[0].position.to_string(), "item 2");
}

#[test]
fn the_transfer_counts_invalid_items_but_not_what_the_store_refused() {
    let house = House::with(Recorder::refusing_before(i64::MAX), Options::default());
    let answer = house.post("/api/push", format!("[{GOOD},{{}}]"));
    assert_eq!(
        text(&answer),
        (200, r#"{"msg":"success","data":{"Message":"ok","Total":2,"Invalid":1,"Latency":0}}"#)
    );
    assert_eq!(house.stats("falcon").rejected, 2);
}

#[test]
fn bodies_that_cannot_be_read_are_refused_in_each_ones_words() {
    let house = House::new();
    for (path, body, said) in [
        ("/v1/push", "", "body is blank\n"),
        ("/v1/push", "[", "connot decode body\n"),
        ("/v1/push", GOOD, "connot decode body\n"),
        ("/api/push", "", "blank body\n"),
        ("/api/push", "{}", "decode error\n"),
    ] {
        assert_eq!(text(&house.post(path, body)), (400, said), "{path} {body}");
    }
    assert!(house.got().is_empty());
    assert_eq!(house.stats("falcon").rejected, 3);
}

#[test]
fn a_busy_sink_is_not_a_success() {
    let house = House::new();
    house.fail_with(PushError::Busy("full".to_owned()));
    for path in ["/v1/push", "/api/push"] {
        assert_eq!(text(&house.post(path, format!("[{GOOD}]"))), (503, "not now: full\n"));
    }
}

#[test]
fn nightingale_counts_and_is_lenient() {
    let house = House::new();
    let one = r#"{"metric":"cpu.idle","endpoint":"web1","timestamp":1700000000123,"value":97.5}"#;
    let answer = house.post("/openfalcon/push", one);
    assert_eq!(text(&answer), (200, r#"{"fail":0,"msg":"received","succ":1}"#));
    assert_eq!(house.got(), [r#"1700000000123 cpu.idle{host="web1"} 97.5"#]);
    let answer = house.post("/openfalcon/push", format!(r#"[{one},{{"metric":""}}]"#));
    assert_eq!(text(&answer), (200, r#"{"fail":1,"msg":"received","succ":1}"#));
    assert_eq!(house.post("/openfalcon/push", "[").status, 400);
    assert_eq!(house.post("/openfalcon/push", "").status, 400);
}
