use super::*;
use crate::tests::{NOW_MS, dump};

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

/// A request with one metric of one resource.
fn request(resource: &str, metric: &str) -> String {
    format!(
        r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{resource}]}},"scopeMetrics":[{{"metrics":[{metric}]}}]}}]}}"#
    )
}

fn attribute(name: &str, value: &str) -> String {
    format!(r#"{{"key":"{name}","value":{{"stringValue":"{value}"}}}}"#)
}

#[test]
fn resources_and_scopes_become_labels() {
    let point = format!(r#"{{"timeUnixNano":"5000000","asDouble":1.5,"attributes":[{}]}}"#, [
        attribute("http.route", "/a"), attribute("job", "mine"),
        r#"{"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"b\""},{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}}]}}]}}}"#.into(),
        r#"{"key":"n","value":{"intValue":"-3"}}"#.into(),
        r#"{"key":"b","value":{"bytesValue":"AQI="}}"#.into(),
    ].join(","));
    let resource = [
        attribute("service.name", "shop"),
        attribute("service.namespace", "eu"),
        attribute("service.instance.id", "627cc493"),
        attribute("host.name", "web1"),
        attribute("os.type", "linux"),
    ]
    .join(",");
    let input = format!(
        r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{resource}]}},"scopeMetrics":[{{"scope":{{"name":"lib","version":"1","attributes":[{}]}},"metrics":[{{"name":"queue.size","unit":"By","description":"How full.","gauge":{{"dataPoints":[{point}]}}}}]}}]}}]}}"#,
        attribute("a", "b")
    );
    assert_eq!(
        decoded(&input),
        "2 accepted, 0 rejected, 0 skipped\n\
         5 gauge queue.size{b=\"AQI=\",exported_job=\"mine\",host=\"web1\",http.route=\"/a\",instance=\"627cc493\",job=\"eu/shop\",\
         list=\"[1,\\\"b\\\\\\\"\\\",{\\\"k\\\":true}]\",n=\"-3\",otel_scope_a=\"b\",otel_scope_name=\"lib\",otel_scope_version=\"1\"} 1.5\n\
         5 gauge target_info{host=\"web1\",instance=\"627cc493\",job=\"eu/shop\",os.type=\"linux\"} 1\n\
         about queue.size gauge \"By\" \"How full.\"\n"
    );
}

#[test]
fn temporality_and_monotony_make_the_kind() {
    let kind = |more: &str| {
        let metric =
            format!(r#"{{"name":"m","sum":{{"dataPoints":[{{"timeUnixNano":1000000,"asInt":2}}],{more}}}}}"#);
        decoded(&request("", &metric)).lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(kind(r#""aggregationTemporality":2,"isMonotonic":true"#), "1 counter m 2");
    assert_eq!(kind(r#""aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE""#), "1 gauge m 2");
    assert_eq!(
        kind(r#""aggregation_temporality":"AGGREGATION_TEMPORALITY_DELTA","is_monotonic":true"#),
        "1 absolute m 2"
    );
}

#[test]
fn histograms_and_summaries_become_their_parts() {
    let histogram = r#"{"name":"lat","histogram":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1000000","count":"6","sum":9.5,
        "bucketCounts":["1","2","3"],"explicitBounds":[0.5,10],"min":0.1,"max":11,"exemplars":[{"asDouble":1}]}]}}"#;
    assert_eq!(
        decoded(&request("", histogram)),
        "7 accepted, 0 rejected, 2 skipped\n1 counter lat_bucket{le=\"0.5\"} 1\n1 counter lat_bucket{le=\"10\"} 3\n\
         1 counter lat_bucket{le=\"+Inf\"} 6\n1 counter lat_count 6\n1 counter lat_sum 9.5\n1 gauge lat_min 0.1\n1 gauge lat_max 11\n\
         about lat_bucket counter \"\" \"\"\nabout lat_count counter \"\" \"\"\nabout lat_sum counter \"\" \"\"\n"
    );
    // Scale 0: bucket 0 is (1, 2].
    let exponential = r#"{"name":"e","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"1000000","count":"4","sum":5,
        "scale":0,"zeroCount":"1","zeroThreshold":0,"positive":{"offset":0,"bucketCounts":["1","0","1"]},"negative":{"offset":-1,"bucketCounts":["1"]}}]}}"#;
    let lines: Vec<String> =
        decoded(&request("", exponential)).lines().skip(1).take(7).map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            r#"1 absolute e_bucket{le="-0.5"} 1"#,
            r#"1 absolute e_bucket{le="0"} 2"#,
            r#"1 absolute e_bucket{le="2"} 3"#,
            r#"1 absolute e_bucket{le="8"} 4"#,
            r#"1 absolute e_bucket{le="+Inf"} 4"#,
            "1 absolute e_count 4",
            "1 absolute e_sum 5",
        ]
    );
    let summary = r#"{"name":"s","summary":{"dataPoints":[{"timeUnixNano":"1000000","count":"4","sum":5,"quantileValues":[{"quantile":0.99,"value":2}]}]}}"#;
    assert!(decoded(&request("", summary)).starts_with(
        "3 accepted, 0 rejected, 1 skipped\n1 gauge s{quantile=\"0.99\"} 2\n1 counter s_count 4\n1 counter s_sum 5\n"
    ));
}

#[test]
fn a_point_without_a_value_ends_its_series_and_one_without_time_is_of_now() {
    let points =
        r#"{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"1000000","flags":1},{"asDouble":"NaN"}]}}"#;
    assert!(
        decoded(&request("", points)).starts_with(&format!(
            "2 accepted, 0 rejected, 1 skipped\n1 gauge m stale\n{NOW_MS} gauge m NaN\n"
        ))
    );
}

#[test]
fn what_is_wrong_costs_as_little_as_it_can() {
    let good = r#"{"name":"g","gauge":{"dataPoints":[{"timeUnixNano":"1000000","asInt":"1"}]}}"#;
    let bad = r#"{"name":"","gauge":{}},{"name":"b","histogram":{"dataPoints":[{"bucketCounts":[1],"explicitBounds":[1,2]},{"bucketCounts":[1,2,3],"explicitBounds":[2,1]}]}},{"name":"v","gauge":{"dataPoints":[{}]}}"#;
    assert!(decoded(&request("", &format!("{bad},{good}"))).starts_with(
        "1 accepted, 4 rejected, 1 skipped\nrejected item 1: a metric without a name\n\
         rejected item 2: `b`: 1 buckets with 2 bounds between them\nrejected item 2: `b`: bounds of buckets that do not grow\n\
         rejected item 3: `v`: a point without a value\n1 gauge g 1\n"
    ));
    assert!(decoded(r#"{"resourceMetrics":7}"#).contains("rejected byte 19"));
    assert!(decoded(r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":"x"}]}}]}]}]}"#).contains("not a number that fits"));
    let mut batch = Batch::new();
    let report = decode(b"\x0a\xff", &Context::at(0), &mut batch);
    assert_eq!(report.reasons[0].reason, "not an OTLP message");
    assert!(decode(b"", &Context::at(0), &mut batch).is_clean(), "nothing is a message too");
}

#[test]
fn deep_nesting_is_refused() {
    let mut value = r#"{"intValue":1}"#.to_owned();
    for _ in 0..12 {
        value = format!(r#"{{"arrayValue":{{"values":[{value}]}}}}"#);
    }
    let input = request(&format!(r#"{{"key":"a","value":{value}}}"#), "");
    assert!(decoded(&input).contains("an attribute nested deeper than 8"), "{}", decoded(&input));
}
