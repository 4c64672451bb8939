use super::*;

const GOOD: &str = r#"{"metric":"a","timestamp":1700000000,"value":1,"tags":{"host":"h"}}"#;
const BAD: &str = r#"{"metric":"a","timestamp":1700000000,"value":"x","tags":{"host":"h"}}"#;

#[test]
fn answers_are_opentsdbs() {
    let house = House::new();
    let both = format!("[{GOOD},{BAD}]");
    for (path, body, status, answer) in [
        ("/api/put", GOOD, 204, ""),
        ("/api/put?summary", GOOD, 200, r#"{"failed":0,"success":1}"#),
        ("/api/put?details&sync", GOOD, 200, r#"{"failed":0,"success":1,"errors":[]}"#),
        ("/api/put?summary", &both, 400, r#"{"failed":1,"success":1}"#),
        (
            "/api/put",
            &both,
            400,
            r#"{"error":{"code":400,"message":"One or more data points had errors","details":"Please see the TSD logs or append \"details\" to the put request"}}"#,
        ),
        (
            "/api/put?details=true",
            &both,
            400,
            &format!(
                r#"{{"failed":1,"success":1,"errors":[{{"datapoint":{BAD},"error":"value `x` is not a number"}}]}}"#
            ),
        ),
    ] {
        assert_eq!(text(&house.post(path, body)), (status, answer), "{path} {body}");
    }
    let broken = house.post("/api/put", "[");
    assert_eq!(broken.status, 400);
    assert!(text(&broken).1.contains("Unable to parse the given JSON"));
    assert_eq!(house.stats("opentsdb").samples, 6);
    house.fail_with(PushError::Busy("full".to_owned()));
    let busy = house.post("/api/put", GOOD);
    assert_eq!((busy.status, busy.headers[0].0), (503, "retry-after"));
}
