use super::*;
use crate::tests::{NOW_MS, dump};
use proptest::prelude::*;

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

#[test]
fn lines_are_points() {
    assert_eq!(
        decoded(
            "put sys.cpu 1346846400 18 host=web1 cpu=0\nput  sys.cpu 1346846400500 -1.5e3\tcpu=0  host=web1\r\nput a 1346846400.250 1\n"
        ),
        "3 accepted, 0 rejected, 0 skipped\n1346846400000 unknown sys.cpu{cpu=\"0\",host=\"web1\"} 18\n\
         1346846400500 unknown sys.cpu{cpu=\"0\",host=\"web1\"} -1500\n1346846400250 unknown a 1\n"
    );
}

#[test]
fn what_is_wrong_with_a_line_is_told() {
    for (line, why) in [
        ("version", "`version` is not put"),
        ("put a 1", "a line is put metric time value key=value …"),
        ("put a x 1 b=c", "time `x` is not a number of seconds or milliseconds"),
        ("put a -5 1 b=c", "time `-5` is not a number of seconds or milliseconds"),
        ("put a 1 NaN b=c", "value `NaN` is not a number"),
        ("put a 1 1 b", "tag `b` is not key=value"),
        ("put a 1 1 b=", "tag `b=` is not key=value"),
        ("put a 1 1 b=1 b=2", "label `b` is given twice"),
    ] {
        assert_eq!(
            decoded(line),
            format!("0 accepted, 1 rejected, 0 skipped\nrejected line 1: {why}\n"),
            "{line}"
        );
    }
}

#[test]
fn items_are_points_alone_or_together() {
    let one =
        r#"{"metric":"a","timestamp":1346846400,"value":"18.5","tags":{"host":"web1","__name__":"x","n":7}}"#;
    let wanted = "1346846400000 unknown a{exported___name__=\"x\",host=\"web1\",n=\"7\"} 18.5\n";
    assert_eq!(decoded(one), format!("1 accepted, 0 rejected, 0 skipped\n{wanted}"));
    let more = format!(
        r#"[{one},7,{{"timestamp":1,"value":1}},{{"metric":"a","value":1}},{{"metric":"a","timestamp":1}},
            {{"metric":"a","timestamp":1,"value":true}},{{"metric":"a","timestamp":1,"value":"x"}},{{"metric":"a","timestamp":1,"value":1,"tags":{{"b":null}}}}]"#
    );
    assert_eq!(
        decoded(&more),
        format!(
            "1 accepted, 7 rejected, 0 skipped\nrejected item 2: an item that is no object\nrejected item 3: metric name was empty\n\
             rejected item 4: `timestamp` is missing\nrejected item 5: `value` is missing\nrejected item 6: `value` is missing\n\
             rejected item 7: value `x` is not a number\nrejected item 8: tag `b` has no text\n{wanted}"
        )
    );
    assert_eq!(raw_items(more.as_bytes())[..2], [one.as_bytes(), b"7"]);
    assert!(decoded(&format!("[{one},")).starts_with("1 accepted, 1 rejected"), "what is whole counts");
    assert!(decoded("{").contains("rejected byte 1"));
}

proptest! {
    /// Lines and items say the same.
    #[test]
    fn both_forms_say_the_same(
        points in proptest::collection::vec(("[a-z.]{1,5}", 1u64..2_000_000_000_000, -1e9f64..1e9, proptest::collection::btree_map("[a-z]{1,3}", "[a-z0-9./_-]{1,4}", 0..3)), 1..5)
    ) {
        let (mut lines, mut items) = (String::new(), Vec::new());
        for (metric, time, value, tags) in &points {
            let pairs: Vec<String> = tags.iter().map(|(k, v)| format!(" {k}={v}")).collect();
            lines += &format!("put {metric} {time} {value}{}\n", pairs.concat());
            let pairs: Vec<String> = tags.iter().map(|(k, v)| format!("\"{k}\":\"{v}\"")).collect();
            items.push(format!(r#"{{"metric":"{metric}","timestamp":{time},"value":{value},"tags":{{{}}}}}"#, pairs.join(",")));
        }
        prop_assert_eq!(decoded(&lines), decoded(&format!("[{}]", items.join(","))));
    }
}
