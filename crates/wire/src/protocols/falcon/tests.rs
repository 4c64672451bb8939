use super::*;
use crate::tests::dump;
use proptest::prelude::*;

const NOW_S: i64 = 1_700_000_040;

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_S * 1000), &mut batch);
    dump(&batch, &report)
}

/// An item with everything right, after changing one field.
fn item_with(field: &str, value: &str) -> String {
    let fields = [
        ("endpoint", "\"h\""),
        ("metric", "\"m\""),
        ("timestamp", "1700000040"),
        ("step", "60"),
        ("value", "1"),
        ("counterType", "\"GAUGE\""),
        ("tags", "\"\""),
    ];
    let fields =
        fields.map(|(name, usual)| format!("\"{name}\":{}", if name == field { value } else { usual }));
    format!("[{{{}}}]", fields.join(","))
}

fn row_of(field: &str, value: &str) -> String {
    let out = decoded(&item_with(field, value));
    out.split_once("skipped\n").unwrap().1.trim_end().to_owned()
}

#[test]
fn contents_are_checked_as_the_transfer_does() {
    for (field, value, seen) in [
        ("endpoint", "\"\"", "rejected item 1: `endpoint` is empty"),
        ("metric", "null", "rejected item 1: `metric` is empty"),
        ("metric", "\"kernel.hostname\"", "rejected item 1: metric kernel.hostname is not taken"),
        ("counterType", "\"gauge\"", "rejected item 1: counterType `gauge` is not GAUGE, COUNTER or DERIVE"),
        (
            "counterType",
            "\"ABSOLUTE\"",
            "rejected item 1: counterType `ABSOLUTE` is not GAUGE, COUNTER or DERIVE",
        ),
        ("counterType", "\"COUNTER\"", "1700000040000 counter m{host=\"h\"} 1"),
        ("step", "0", "rejected item 1: step 0 is not above 0"),
        ("step", "-1", "rejected item 1: step -1 is not above 0"),
        ("value", "null", "rejected item 1: `value` is missing"),
        ("value", "true", "rejected item 1: `value` is neither a number nor text"),
        ("value", "{\"a\":[1]}", "rejected item 1: `value` is neither a number nor text"),
        ("value", "\"\"", "rejected item 1: value `` is not a finite number"),
        ("value", "\"NaN\"", "rejected item 1: value `NaN` is not a finite number"),
        ("value", "\"0x10p0\"", "1700000040000 gauge m{host=\"h\"} 16"),
        ("value", "9007199254740993", "1700000040000 gauge m{host=\"h\"} 9007199254740992"),
    ] {
        assert_eq!(row_of(field, value), seen, "{field} {value}");
    }
}

#[test]
fn times_are_mended_and_floored() {
    for (field, value, time_s) in [
        ("timestamp", "0", NOW_S),
        ("timestamp", "-5", NOW_S),
        ("timestamp", "null", NOW_S),
        ("timestamp", "1", 0),
        ("timestamp", "3400000080", 3_400_000_080),
        ("timestamp", "3400000081", NOW_S),
        ("timestamp", "9223372036854775807", NOW_S),
        ("timestamp", "1700000099", NOW_S),
        ("step", "10", NOW_S),
        ("step", "31", NOW_S - NOW_S % 31),
        ("step", "9223372036854775807", 0),
    ] {
        assert!(row_of(field, value).starts_with(&format!("{} ", time_s * 1000)), "{field} {value}");
    }
}

#[test]
fn tags_become_labels() {
    for (tags, labels) in [
        ("b=2,a=1", r#"a="1",b="2",host="h""#),
        (" a = 1 , b=x y", r#"a="1",b="xy",host="h""#),
        ("a=1,a=2", r#"a="2",host="h""#),
        ("a=1,a=", r#"host="h""#),
        ("a,,=,b", r#"host="h""#),
        ("url=http://h/?q=1", r#"host="h",url="http://h/?q=1""#),
        ("host=x,__name__=y,=z", r#"=="z",exported___name__="y",exported_host="x",host="h""#),
        ("a=1\\tb=2", "a=\"1\tb=2\",host=\"h\""),
    ] {
        assert_eq!(
            row_of("tags", &format!("\"{tags}\"")),
            format!("1700000040000 gauge m{{{labels}}} 1"),
            "{tags}"
        );
    }
}

#[test]
fn one_wrong_type_refuses_everything() {
    let good = item_with("", "");
    for (bad, at, why) in [
        (r#"{"step":"60"}"#, 8, "expected a number"),
        (r#"{"step":60.0}"#, 8, "expected a whole number of at most 64 bits"),
        (r#"{"timestamp":1.5}"#, 13, "expected a whole number of at most 64 bits"),
        (r#"{"timestamp":9223372036854775808}"#, 13, "expected a whole number of at most 64 bits"),
        (r#"{"metric":5}"#, 10, "expected a string"),
        (r#"{"tags":{"a":"b"}}"#, 8, "expected a string"),
        (r#"{"value":1e400}"#, 9, "a number beyond 64-bit floating point"),
        ("5", 0, "expected an object"),
    ] {
        let start = good.len() - 1;
        let input = format!("{},{bad}]", &good[..start]);
        let seen = format!("0 accepted, 1 rejected, 0 skipped\nrejected byte {}: {why}\n", start + 1 + at);
        assert_eq!(decoded(&input), seen, "{bad}");
    }
    assert_eq!(decoded("["), "0 accepted, 1 rejected, 0 skipped\nrejected byte 1: ended in the middle\n");
    assert_eq!(decoded("{}"), "0 accepted, 1 rejected, 0 skipped\nrejected byte 0: expected an array\n");
}

#[test]
fn what_go_lets_pass_passes() {
    let good = item_with("", "");
    assert!(decoded(&format!("{good} trailing")).starts_with("1 accepted, 0 rejected"));
    assert!(decoded("null").starts_with("0 accepted, 0 rejected"));
    assert!(decoded("[null]").contains("rejected item 1: null"));
    let shouted = good.replace("endpoint", "ENDPOINT").replace("counterType", "countertype");
    assert!(decoded(&shouted).starts_with("1 accepted"));
    let twice = good.replace("\"step\":60", "\"step\":0,\"other\":[{}],\"step\":60");
    assert!(decoded(&twice).starts_with("1 accepted"));
    let nulled = good.replace("\"step\":60", "\"step\":60,\"step\":null");
    assert!(decoded(&nulled).starts_with("1 accepted"), "null leaves what was there");
}

#[test]
fn metric_and_tags_are_measured_together() {
    let with = |tags: usize| {
        let item = item_with("metric", &format!("\"{}\"", "m".repeat(200)));
        decoded(&item.replace("\"tags\":\"\"", &format!("\"tags\":\"k={}\"", "v".repeat(tags - 2))))
    };
    assert!(with(310).starts_with("1 accepted"));
    assert!(with(311).contains("rejected item 1: metric and tags have 511 bytes, at most 510 are allowed"));
}

#[test]
fn the_smallest_step_can_be_lowered() {
    let input = item_with("step", "10").replace("1700000040", "1700000059");
    let context = Context { falcon_step_s_min: 1, ..Context::at(NOW_S * 1000) };
    let mut batch = Batch::new();
    decode(input.as_bytes(), &context, &mut batch);
    assert_eq!(batch.groups().next().unwrap().time_ms, 1_700_000_050_000);
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "[\\[\\]{}\",:0-9a-z=]{0,60}") {
        decoded(&text);
    }

    #[test]
    fn every_value_comes_through(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
        let mut batch = Batch::new();
        for json in [format!("{value:e}"), format!("\"{value}\"")] {
            decode(item_with("value", &json).as_bytes(), &Context::at(0), &mut batch);
        }
        prop_assert!(batch.len() == 2 && batch.groups().all(|r| r.values.iter().all(|v| *v == value)));
    }
}
