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

#[test]
fn version_two_is_told_to_fall_back() {
    let house = House::new();
    let media_type = "application/x-protobuf;proto=io.prometheus.write.v2.Request";
    assert_eq!(house.request("POST", "/api/v1/write", media_type, b"").status, 415);
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
