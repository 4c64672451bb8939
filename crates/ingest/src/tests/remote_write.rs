use super::*;
use wire::protocols::remote_write::PROTOCOL;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/wire/remote_write/{name}.in", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

#[test]
fn a_request_that_is_good_in_part_is_a_success() {
    let house = House::new();
    let answer = house.request("POST", "/api/v1/write", "application/x-protobuf", fixture("mixed"));
    assert_eq!(text(&answer), (204, ""));
    let stats = house.stats("remote_write");
    assert_eq!((stats.samples, stats.rejected), (4, 1));
    assert!(house.got()[0].ends_with(r#"node_load1{host="web1",instance="web1:9100",job="node"} 0.42"#));
}

#[test]
fn a_request_of_which_nothing_can_be_taken_is_a_bad_one() {
    let house = House::new();
    let answer = house.post("/api/v1/write", fixture("broken"));
    assert_eq!(text(&answer), (400, "byte 0: not a remote-write message\n"));
    let old = House::with(Recorder::refusing_before(i64::MAX), Options::default());
    assert_eq!(text(&old.post("/api/v1/write", PROTOCOL.example)), (400, "input: too old\n"));
}

#[test]
fn what_may_be_repeated_is_no_bad_request() {
    let house = House::new();
    house.fail_with(PushError::Busy("full".to_owned()));
    let answer = house.post("/api/v1/write", PROTOCOL.example);
    assert_eq!((answer.status, answer.headers[0].0), (503, "retry-after"));
    house.fail_with(PushError::Failed("disk".to_owned()));
    assert_eq!(house.post("/api/v1/write", PROTOCOL.example).status, 500);
}

/// The headers that tell how much was written.
fn written(answer: &Answer) -> Vec<&str> {
    answer.headers.iter().filter(|(name, _)| name.ends_with("-written")).map(|(_, n)| n.as_str()).collect()
}

#[test]
fn version_two_tells_how_much_was_written() {
    let house = House::new();
    let media_type = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
    let example = wire::protocols::remote_write_v2::PROTOCOL.example;
    let answer = house.request("POST", "/api/v1/write", media_type, example);
    assert_eq!((text(&answer), written(&answer)), ((204, ""), vec!["1", "0", "0"]));
    assert!(house.got()[0].ends_with(r#"up{host="web1",instance="web1:9100"} 1"#));
    let mixed =
        std::fs::read(format!("{}/../../fixtures/wire/remote_write_v2/mixed.in", env!("CARGO_MANIFEST_DIR")));
    let answer = house.request("POST", "/api/v1/write", media_type, mixed.unwrap());
    assert_eq!(
        (answer.status, written(&answer)),
        (400, vec!["3", "0", "0"]),
        "what is good is in all the same"
    );
    house.fail_with(PushError::Busy("full".to_owned()));
    let answer = house.request("POST", "/api/v1/write", media_type, example);
    assert_eq!((answer.status, written(&answer)), (503, vec!["0", "0", "0"]));
    let old = House::with(Recorder::refusing_before(i64::MAX), Options::default());
    let answer = old.request("POST", "/api/v1/write", media_type, example);
    assert_eq!((answer.status, written(&answer)), (400, vec!["0", "0", "0"]));
}

#[test]
fn a_message_that_is_not_known_is_told_to_fall_back() {
    let house = House::new();
    for (media_type, status) in [
        ("application/x-protobuf;proto=io.prometheus.write.v3.Request", 415),
        ("text/plain;proto=io.prometheus.write.v2.Request", 415),
        ("application/x-protobuf; proto=\"prometheus.WriteRequest\"", 204),
        ("application/x-protobuf", 204),
        ("", 204),
    ] {
        let answer = house.request("POST", "/api/v1/write", media_type, PROTOCOL.example);
        assert_eq!(answer.status, status, "{media_type}");
    }
}

#[test]
fn what_is_remembered_of_a_sender_changes_no_answer_and_no_sample() {
    let remembering = House::new();
    let targets = [
        "/api/v1/write",
        "/api/v1/write?extra_label=dc=x",
        "/api/v1/write?extra_label=dc=y&extra_label=host=h",
        "/api/v1/write?extra_label=broken",
    ];
    let mixed = fixture("mixed");
    let bodies =
        [mixed.clone(), PROTOCOL.example.to_vec(), fixture("broken"), mixed[..mixed.len() - 1].to_vec()];
    let mut expected = Vec::new();
    for round in 0..50 {
        let (target, body) = (targets[round * 7 % 11 % targets.len()], &bodies[round * 5 % 7 % bodies.len()]);
        let forgetful = House::new();
        assert_eq!(remembering.post(target, body), forgetful.post(target, body), "round {round}");
        expected.extend(forgetful.got());
    }
    assert!(expected.len() > 50);
    assert_eq!(remembering.got(), expected);
}
