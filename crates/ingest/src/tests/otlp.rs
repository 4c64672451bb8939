use super::*;
use wire::protocols::otlp::PROTOCOL;

fn send(house: &House, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
    house.request("POST", "/v1/metrics", content_type, body)
}

#[test]
fn success_is_an_empty_message_in_the_encoding_of_the_request() {
    let house = House::new();
    let answer = send(&house, "application/json", PROTOCOL.example);
    assert_eq!((text(&answer), answer.content_type), ((200, "{}"), "application/json"));
    assert_eq!(house.got(), [r#"1700000000000 queue.size{host="web1"} 7"#]);
    let answer = send(&house, "application/x-protobuf", b"");
    assert_eq!((text(&answer), answer.content_type), ((200, ""), "application/x-protobuf"));
    assert_eq!(send(&house, "text/plain", "x").status, 415);
}

#[test]
fn what_was_refused_is_told_as_partial_success() {
    let house = House::new();
    let bad = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{},{"asInt":1}]}}]}]}]}"#;
    let answer = send(&house, "application/json", bad);
    let wanted = r#"{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"item 1: `a`: a point without a value"}}"#;
    assert_eq!(text(&answer), (200, wanted));
    let answer = send(&house, "application/x-protobuf", b"\x0a\x08\x12\x06\x12\x04\x0a\x00\x2a\x00");
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with(b"\x0a") && answer.body.ends_with(b"a metric without a name"));
}

#[test]
fn what_cannot_be_read_or_kept_is_a_status() {
    let house = House::new();
    let answer = send(&house, "application/json", "{");
    assert_eq!(answer.status, 400);
    assert!(text(&answer).1.starts_with(r#"{"code":3,"message":"byte 1"#), "{answer:?}");
    let answer = send(&house, "application/x-protobuf", b"\xff");
    assert_eq!((answer.status, &answer.body[..3]), (400, &b"\x08\x03\x12"[..]));
    house.fail_with(PushError::Busy("full".to_owned()));
    let answer = send(&house, "application/json", PROTOCOL.example);
    assert_eq!((answer.status, answer.headers[0].0), (503, "retry-after"));
}
