//! What is answered, byte for byte where clients are strict.

use crate::Api;
use crate::events::tests::{NOW_MS, ask, house};
use model::memory::MemoryStore;
use model::{Kind, Labels, Source};
use serde_json::{Value, json};
use serve::{Body, Method};
use std::sync::Arc;

/// `up{job="a"}` 1, 2, 3 … every 10 s for 10 minutes up to now, `up{job="b"}` always 0.5.
fn filled() -> Arc<Api> {
    let store = Arc::new(MemoryStore::new());
    for (job, value) in [("a", None), ("b", Some(0.5))] {
        let labels = Labels::from_pairs([("__name__", "up"), ("job", job)]).unwrap();
        let samples = (0..=60).map(|n| (NOW_MS - 600_000 + n * 10_000, value.unwrap_or(n as f64)));
        store.insert(&labels, Kind::Gauge, samples);
    }
    let mut api = house();
    Arc::get_mut(&mut api).unwrap().source = store.clone() as Arc<dyn Source>;
    api
}

fn get_text(api: &Arc<Api>, path: &str, query: &str) -> (u16, String) {
    let response = ask(api, Method::GET, path, query, "");
    let Body::Full(body) = response.body else { panic!("not an answer as a whole") };
    (response.status.as_u16(), String::from_utf8(body).unwrap())
}

#[test]
fn names_and_values_are_searched_and_told_in_lines() {
    let api = filled();
    for (path, query, expected) in [
        (
            "metric_names",
            "",
            "{\"results\":[{\"name\":\"up\"}]}\n{\"status\":\"success\",\"has_more\":false}\n",
        ),
        (
            "label_names",
            "batch_size=1",
            "{\"results\":[{\"name\":\"__name__\"}]}\n{\"results\":[{\"name\":\"job\"}]}\n{\"status\":\"success\",\"has_more\":false}\n",
        ),
        (
            "label_values",
            "label=job&limit=1&sort_by=alpha&sort_dir=dsc",
            "{\"results\":[{\"name\":\"b\",\"value\":\"b\"}]}\n{\"status\":\"success\",\"has_more\":true}\n",
        ),
        (
            "label_values",
            "label=job&match[]=up{job%3D\"a\"}&search[]=A&case_sensitive=false&sort_by=score&include_score=true",
            "{\"results\":[{\"name\":\"a\",\"value\":\"a\",\"score\":1.0}]}\n{\"status\":\"success\",\"has_more\":false}\n",
        ),
        ("metric_names", "search[]=zz", "{\"results\":[]}\n{\"status\":\"success\",\"has_more\":false}\n"),
        ("metric_names", "end=10", "{\"results\":[]}\n{\"status\":\"success\",\"has_more\":false}\n"),
    ] {
        let (status, text) = get_text(&api, &format!("/api/v1/search/{path}"), query);
        assert_eq!((status, text.as_str()), (200, expected), "{path} {query}");
    }
    for (query, part) in [
        ("", "\"label\""),
        ("label=a&limit=x", "\"limit\""),
        ("label=a&fuzz_threshold=101", "0-100"),
        ("label=a&fuzz_alg=x", "jarowinkler"),
        ("label=a&sort_by=score", "search[]"),
        ("label=a&sort_dir=asc", "sort_by"),
        ("label=a&case_sensitive=maybe", "boolean"),
        ("label=a&match[]=(", "match[]"),
    ] {
        let (status, answer) = get(&api, "/api/v1/search/label_values", query);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(part), "{query}: {status} {answer}");
    }
}

fn get(api: &Arc<Api>, path: &str, query: &str) -> (u16, Value) {
    let (status, text) = get_text(api, path, query);
    (status, serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text}: {e}")))
}

#[test]
fn an_instant_is_answered_as_prometheus_answers_it() {
    let api = filled();
    for (query, expected) in [
        (
            "query=up",
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1700000000,"60"]},{"metric":{"__name__":"up","job":"b"},"value":[1700000000,"0.5"]}]}}"#,
        ),
        (
            "query=up%2B1&time=1699999995.5",
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1699999995.500,"60"]},{"metric":{"job":"b"},"value":[1699999995.500,"1.5"]}]}}"#,
        ),
        (
            "query=1%2F0&time=1970-01-01T00:00:10Z",
            r#"{"status":"success","data":{"resultType":"scalar","result":[10,"+Inf"]}}"#,
        ),
        ("query=%22a%22&time=5", r#"{"status":"success","data":{"resultType":"string","result":[5,"a"]}}"#),
        (
            "query=up%7Bjob=%22a%22%7D%5B15s%5D",
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a"},"values":[[1699999990,"59"],[1700000000,"60"]]}]}}"#,
        ),
        (
            "query=up>100",
            r#"{"status":"success","data":{"resultType":"vector","result":[]},"reasons":["no value satisfies the comparison > 100"]}"#,
        ),
        (
            "query=up&limit=1",
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1700000000,"60"]}]},"warnings":["results truncated due to limit"]}"#,
        ),
        (
            "query=up{job=\"a\"}&time=1700000400&lookback_delta=10m",
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1700000400,"60"]}]}}"#,
        ),
    ] {
        assert_eq!(get_text(&api, "/api/v1/query", query), (200, expected.to_owned()), "{query}");
    }
}

#[test]
fn an_empty_answer_says_why() {
    let api = filled();
    for (query, reasons) in [
        ("upp", json!([r#"there is no metric named "upp" (did you mean "up"?)"#])),
        ("sum(rate(nothing[5m]))", json!([r#"there is no metric named "nothing""#])),
        ("up{job=\"aa\"}", json!([r#"no series of up has job="aa" (did you mean "a"?)"#])),
        ("up{jbo=\"a\"}", json!([r#"no series of up has the label jbo (did you mean "job"?)"#])),
        ("up{job=~\"x.*\"}", json!([r#"no series of up has job=~"x.*""#])),
        ("up{job!~\".*\"}", json!([r#"no series satisfies all of up{job!~".*"}"#])),
        (
            "rate(up[9s])",
            json!(["a window of 9s rarely holds two samples of up, which are 10s apart: use [40s] or more"]),
        ),
        ("up offset 1y", json!(["there are no samples of up at the time asked for: offset 1y"])),
        ("up unless on(job) up", json!(["every series of up has its like in up"])),
        ("up - on(job) vector(1)", json!(["no series of up has the same labels as one of vector(1)"])),
        ("up offset 5m - y", json!([r#"there is no metric named "y""#])),
        ("up > 100", json!(["no value satisfies the comparison > 100"])),
    ] {
        let (status, answer) = get(&api, "/api/v1/query", &format!("query={}", query.replace(' ', "+")));
        assert_eq!(
            (status, &answer["data"]["result"], &answer["reasons"]),
            (200, &json!([]), &reasons),
            "{query}"
        );
    }
    let later = format!("query=up{{job=\"a\"}}&time={}", NOW_MS / 1000 + 3600);
    let answer = get(&api, "/api/v1/query", &later).1;
    assert_eq!(answer["reasons"], json!([r#"the newest sample of up{job="a"} is of 2023-11-14T22:13:20Z"#]));
}

#[test]
fn a_range_is_answered_as_prometheus_answers_it() {
    let api = filled();
    let (status, text) =
        get_text(&api, "/api/v1/query_range", "query=sum(up)&start=1699999990&end=1700000000&step=5");
    let expected = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1699999990,"59.5"],[1699999995,"59.5"],[1700000000,"60.5"]]}]}}"#;
    assert_eq!((status, &*text), (200, expected));
    let body = "query=2&start=10&end=20&step=10s&stats=all";
    let response = ask(&api, Method::POST, "/api/v1/query_range", "", body);
    let Body::Full(body) = response.body else { panic!() };
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["data"]["result"], json!([{ "metric": {}, "values": [[10, "2"], [20, "2"]] }]));
    assert!(answer["data"]["stats"]["timings"]["execTotalTime"].is_number());
}

#[test]
fn what_makes_no_sense_is_told_as_prometheus_tells_it() {
    let api = filled();
    for (path, query, status, kind, error) in [
        (
            "query",
            "query=up%20%2B",
            400,
            "bad_data",
            r#"invalid parameter "query": 1:5: parse error: unexpected end of input"#,
        ),
        (
            "query",
            "",
            400,
            "bad_data",
            r#"invalid parameter "query": 1:1: parse error: no expression found in input"#,
        ),
        (
            "query",
            "query=up&time=x",
            400,
            "bad_data",
            r#"invalid parameter "time": cannot parse "x" to a valid timestamp"#,
        ),
        (
            "query",
            "query=up&timeout=x",
            400,
            "bad_data",
            r#"invalid parameter "timeout": cannot parse "x" to a valid duration"#,
        ),
        (
            "query",
            "query=up&limit=-1",
            400,
            "bad_data",
            r#"invalid parameter "limit": limit must be non-negative"#,
        ),
        ("query", "query=up*on(a)up", 422, "execution", "many-to-many"),
        (
            "query_range",
            "query=up&start=2&end=1&step=1",
            400,
            "bad_data",
            r#"invalid parameter "end": end timestamp must not be before start time"#,
        ),
        (
            "query_range",
            "query=up&start=0&end=1&step=0",
            400,
            "bad_data",
            r#"invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer"#,
        ),
        (
            "query_range",
            "query=up&start=0&end=11001&step=1",
            400,
            "bad_data",
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        ),
        (
            "query_range",
            "query=up[1m]&start=0&end=1&step=1",
            400,
            "bad_data",
            r#"invalid parameter "query": invalid expression type "range vector" for range query, must be Scalar or instant Vector"#,
        ),
        (
            "query_range",
            "query=up&end=1&step=1",
            400,
            "bad_data",
            r#"invalid parameter "start": cannot parse "" to a valid timestamp"#,
        ),
        (
            "format_query",
            "query=foo(",
            400,
            "bad_data",
            r#"invalid parameter "query": 1:1: parse error: unknown function"#,
        ),
        ("query_exemplars", "query=up&start=2&end=1", 400, "bad_data", "invalid parameter \"end\""),
    ] {
        let (found, answer) = get(&api, &format!("/api/v1/{path}"), query);
        let said = answer["error"].as_str().unwrap_or_default();
        assert_eq!((found, answer["errorType"].as_str()), (status, Some(kind)), "{query}: {answer}");
        assert!(said.contains(error), "{query}: {said}");
    }
}

#[test]
fn an_infinitely_long_evaluation_ends_when_its_time_is_up_or_its_client_left() {
    let api = filled();
    let (status, answer) = get(&api, "/api/v1/query", "query=sum_over_time(up[1000d:1ms])&timeout=50ms");
    assert!((422..=503).contains(&status), "{answer}");
}

#[test]
fn expressions_are_printed_and_shown_as_trees() {
    let api = filled();
    let (_, answer) = get(&api, "/api/v1/format_query", "query=sum(rate(up%5B5m%5D))by(job)");
    assert_eq!(answer, json!({ "status": "success", "data": "sum by (job) (rate(up[5m]))" }));
    let (_, answer) =
        get(&api, "/api/v1/parse_query", "query=topk(3,up%7Ba!=%22b%22%7D%20offset%205m)>bool%20on(a)-y");
    let expected = json!({
        "type": "binaryExpr", "op": ">", "bool": true,
        "matching": {
            "card": "one-to-one", "labels": ["a"], "on": true, "include": [], "fillValues": { "lhs": null, "rhs": null },
        },
        "lhs": {
            "type": "aggregation", "op": "topk", "param": { "type": "numberLiteral", "val": "3" }, "grouping": [],
            "without": false,
            "expr": {
                "type": "vectorSelector", "name": "up", "offset": 300_000, "timestamp": null, "startOrEnd": null,
                "anchored": false, "smoothed": false,
                "matchers": [
                    { "name": "a", "value": "b", "type": "!=" }, { "name": "__name__", "value": "up", "type": "=" },
                ],
            },
        },
        "rhs": {
            "type": "unaryExpr", "op": "-",
            "expr": {
                "type": "vectorSelector", "name": "y", "offset": 0, "timestamp": null, "startOrEnd": null,
                "anchored": false, "smoothed": false,
                "matchers": [{ "name": "__name__", "value": "y", "type": "=" }],
            },
        },
    });
    assert_eq!(answer["data"], expected);
}

#[test]
fn newest_samples_are_given_to_who_federates() {
    let api = filled();
    let (status, text) = get_text(&api, "/federate", "match[]=up%7Bjob=%22b%22%7D&match[]=up");
    let expected = format!(
        "# TYPE up untyped\nup{{job=\"a\",instance=\"\"}} 60 {NOW_MS}\nup{{job=\"b\",instance=\"\"}} 0.5 {NOW_MS}\n"
    );
    assert_eq!((status, text), (200, expected));
    assert_eq!(get(&api, "/federate", "match[]=sum(up)").0, 400);
}

#[test]
fn what_there_is_not_is_empty_but_right() {
    let api = filled();
    for (path, data) in [
        ("rules", json!({ "groups": [] })),
        ("alerts", json!({ "alerts": [] })),
        ("targets", json!({ "activeTargets": [], "droppedTargets": [], "droppedTargetCounts": {} })),
        ("status/flags", json!({})),
        ("status/config", json!({ "yaml": "" })),
    ] {
        assert_eq!(
            get(&api, &format!("/api/v1/{path}"), ""),
            (200, json!({ "status": "success", "data": data }))
        );
    }
    assert_eq!(get(&api, "/api/v1/query_exemplars", "query=up").1["data"], json!([]));
    assert_eq!(get(&api, "/api/v1/status/buildinfo", "").1["data"]["version"], "3.14.0");
    assert!(get(&api, "/api/v1/status/runtimeinfo", "").1["data"]["startTime"].is_string());
}

mod remote_read {
    use super::*;
    use crate::dialects::prometheus::remote_read::native_chunk;
    use model::Histogram;
    use serve::{HeaderMap, Request};

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2];
        stdx::varint::write_bytes(&mut out, bytes);
        out
    }

    fn query(matcher: &[u8], start_ms: i64, end_ms: i64) -> Vec<u8> {
        let mut out = vec![1 << 3];
        stdx::varint::write_u64(&mut out, start_ms as u64);
        out.push(2 << 3);
        stdx::varint::write_u64(&mut out, end_ms as u64);
        out.extend(field(3, matcher));
        field(1, &out)
    }

    fn read(api: &Arc<Api>, body: Vec<u8>) -> (u16, Vec<u8>) {
        let response = api.call(&Request {
            method: Method::POST,
            path: "/api/v1/read".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: body.into(),
            peer: ([127, 0, 0, 1], 1).into(),
            gone: serve::Gone::default(),
        });
        let Body::Full(body) = response.body else { panic!() };
        (response.status.as_u16(), body)
    }

    #[test]
    fn samples_are_given_in_order_of_labels_with_both_ends() {
        let api = filled();
        let matcher = [field(2, b"__name__"), field(3, b"up")].concat();
        let (status, body) = read(&api, query(&matcher, NOW_MS - 10_000, NOW_MS));
        assert_eq!(status, 200);
        let message = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
        // Two series of two labels and two samples; the wire's own reader of remote write knows the same series.
        let result = &message[6..];
        let mut batch = model::Batch::new();
        let report = wire::protocols::remote_write::decode(result, &wire::Context::at(NOW_MS), &mut batch);
        assert_eq!((report.accepted, report.rejected), (4, 0));
    }

    /// A remote-write message of one histogram.
    fn written(histogram: &Histogram, time_ms: i64) -> Vec<u8> {
        let label = |name: &[u8], value: &[u8]| field(1, &[field(1, name), field(2, value)].concat());
        let mut message = Vec::new();
        wire::protocols::remote_write::write_histogram(histogram, time_ms, &mut message);
        let labels = [label(b"__name__", b"lat"), label(b"job", b"a")].concat();
        field(1, &[labels, field(4, &message)].concat())
    }

    /// Remote write in, PromQL and remote read out: the same histogram.
    #[test]
    fn native_histograms_come_and_go_as_they_are() {
        let (store, mut batch) = (Arc::new(MemoryStore::new()), model::Batch::new());
        let text = "{{schema:3 sum:5.25 count:12 z_bucket:2 z_bucket_w:0.001 buckets:[1 0 3 6]}}";
        let histogram = Histogram::parse(text).unwrap();
        for n in 0..3 {
            let message =
                written(&histogram.clone().times(f64::from(n + 1)), NOW_MS - 20_000 + i64::from(n) * 10_000);
            let report =
                wire::protocols::remote_write::decode(&message, &wire::Context::at(NOW_MS), &mut batch);
            assert_eq!(report.rejected, 0, "{:?}", report.reasons);
        }
        model::Sink::push(store.as_ref(), &batch).unwrap();
        let mut api = house();
        Arc::get_mut(&mut api).unwrap().source = store as Arc<dyn Source>;
        let value = |query: &str| {
            let (status, answer) = get(&api, "/api/v1/query", &format!("query={query}"));
            assert_eq!(status, 200, "{answer}");
            answer["data"]["result"].clone()
        };
        let told = value("lat");
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
        assert_eq!(told[0]["metric"], json!({"__name__": "lat", "job": "a"}));
        let native = &told[0]["histogram"][1];
        assert_eq!((&native["count"], &native["sum"]), (&"36".into(), &"15.75".into()), "{told}");
        assert_eq!(native["buckets"].as_array().unwrap().len(), 4, "{told}");
        assert_eq!(value("histogram_count(increase(lat%5B15s%5D))")[0]["value"][1], "18");
        let median =
            value("histogram_quantile(0.5,lat)")[0]["value"][1].as_str().unwrap().parse::<f64>().unwrap();
        assert!((median - 0.25_f64.exp2()).abs() < 1e-9, "{median}");
        let (_, series) = get(&api, "/api/v1/series", "match%5B%5D=lat");
        assert_eq!(series["data"], json!([{"__name__": "lat", "job": "a"}]));
        let (_, values) = get(&api, "/api/v1/label/__native__/values", "");
        assert_eq!(values["data"], json!([]));
        let (_, classic) = get(&api, "/api/v1/query", "query=histogram_quantile(0.5,lat_bucket)");
        assert_eq!(classic["data"]["result"].as_array().unwrap().len(), 1, "{classic}");

        let matcher = [field(2, b"__name__"), field(3, b"lat")].concat();
        let (status, body) = read(&api, query(&matcher, NOW_MS, NOW_MS));
        assert_eq!(status, 200);
        let message = snap::raw::Decoder::new().decompress_vec(&body).unwrap();
        let mut wanted = Vec::new();
        let last = Histogram { hint: model::CounterReset::NotReset, ..histogram.times(3.0) };
        wire::protocols::remote_write::write_histogram(&last, NOW_MS, &mut wanted);
        let is_there = message.windows(wanted.len()).any(|window| window == wanted);
        assert!(is_there, "{message:?} has not {wanted:?}");
        // Who likes chunks best is given a chunk of histograms.
        let asked = [query(&matcher, NOW_MS, NOW_MS), vec![2 << 3, 1, 2 << 3, 0]].concat();
        let (status, body) = read(&api, asked);
        assert_eq!(status, 200);
        let chunk = native_chunk::encode(&[NOW_MS], &[Arc::new(last)]);
        let wanted = [&[3 << 3, 3, 4 << 3 | 2, chunk.len() as u8], chunk.as_slice()].concat();
        let is_there = body.windows(wanted.len()).any(|window| window == wanted);
        assert!(is_there, "{body:?} has not {wanted:?}");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let api = filled();
        for body in [vec![0xff; 9], query(&[field(2, b"a"), field(3, b"(")].concat(), 0, 1), vec![8]] {
            let is_regex = body.len() > 9;
            // Only the broken ones; an equality with "(" is a fine matcher.
            assert_eq!(read(&api, body).0 == 200, is_regex);
        }
        let unknown_way = [query(&field(2, b"a"), 0, 1), vec![2 << 3, 7]].concat();
        let (status, body) = read(&api, unknown_way);
        assert_eq!(status, 400, "{}", String::from_utf8_lossy(&body));
    }

    #[test]
    fn chunks_are_given_to_who_takes_them() {
        let api = filled();
        let matcher = [field(2, b"__name__"), field(3, b"up")].concat();
        let asked = [query(&matcher, 0, NOW_MS), vec![2 << 3 | 2, 2, 1, 0]].concat();
        let (status, body) = read(&api, asked);
        assert_eq!(status, 200);
        // Two frames, each of a length, a checksum and a message.
        let mut rest = &body[..];
        for job in ["a", "b"] {
            let length = stdx::varint::read_u64(&mut rest).unwrap() as usize;
            let message = &rest[4..4 + length];
            assert!(String::from_utf8_lossy(message).contains(&format!("job\x12\x01{job}")), "{message:?}");
            rest = &rest[4 + length..];
        }
        assert!(rest.is_empty());
    }
}
