use super::*;
use crate::protocols::putval;
use crate::tests::{NOW_MS, dump};

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

/// An object as collectd writes it.
fn object(values: &str, kinds: &str, names: &str, plugin: (&str, &str), kind: (&str, &str)) -> String {
    format!(
        r#"{{"values":[{values}],"dstypes":[{kinds}],"dsnames":[{names}],"time":1700000000.125,"interval":10.000,"host":"web1","plugin":"{}","plugin_instance":"{}","type":"{}","type_instance":"{}","meta":{{"a":true}}}}"#,
        plugin.0, plugin.1, kind.0, kind.1
    )
}

#[test]
fn the_same_comes_by_json_and_by_putval() {
    let json = [
        object("7,8.5", r#""derive","derive""#, r#""rx","tx""#, ("interface", "eth0"), ("if_octets", "")),
        object(
            "0.5,0.25,0.1",
            r#""gauge","gauge","gauge""#,
            r#""shortterm","midterm","longterm""#,
            ("load", ""),
            ("load", ""),
        ),
        object("42", r#""gauge""#, r#""value""#, ("exec", "queue"), ("gauge", "depth")),
        object("3", r#""absolute""#, r#""value""#, ("a", ""), ("absolute", "")),
        object("null", r#""gauge""#, r#""value""#, ("exec", "queue"), ("gauge", "x")),
    ];
    let lines = "PUTVAL web1/interface-eth0/if_octets 1700000000.125:7:8.5\nPUTVAL web1/load/load 1700000000.125:0.5:0.25:0.1\n\
                 PUTVAL web1/exec-queue/gauge-depth 1700000000.125:42\nPUTVAL web1/a/absolute 1700000000.125:3\n\
                 PUTVAL web1/exec-queue/gauge-x 1700000000.125:U\n";
    let mut batch = Batch::new();
    let report = putval::decode(lines.as_bytes(), &Context::at(NOW_MS), &mut batch);
    assert!(report.is_clean() && report.accepted == 7, "{report}");
    // The last series has no sample in either.
    assert_eq!(decoded(&format!("[{}]", json.join(","))), dump(&batch, &report));
}

#[test]
fn what_is_wrong_costs_its_object() {
    let good = object("42", r#""gauge""#, r#""value""#, ("exec", ""), ("gauge", ""));
    let bad = [
        "7".to_owned(),
        object("1,2", r#""gauge""#, r#""value""#, ("exec", ""), ("gauge", "")),
        object("true", r#""gauge""#, r#""value""#, ("exec", ""), ("gauge", "")),
        object("1", r#""level""#, r#""value""#, ("exec", ""), ("gauge", "")),
        object("1", r#""gauge""#, r#""value""#, ("", ""), ("gauge", "")),
        good.replace("1700000000.125", "\"x\""),
    ];
    assert_eq!(
        decoded(&format!("[{},{good},{{\"labels\":{{}},\"annotations\":{{}}}}]", bad.join(","))),
        "1 accepted, 6 rejected, 1 skipped\nrejected item 1: an item that is no object\n\
         rejected item 2: 2 values with 1 kinds and 1 names\nrejected item 3: a value that is no number\n\
         rejected item 4: `level` is no kind of value\nrejected item 5: `plugin` is missing\n\
         rejected item 6: `time` is no number of seconds\n1700000000125 gauge exec_gauge{host=\"web1\"} 42\n"
    );
    assert!(decoded(&format!("[{good},")).starts_with("1 accepted, 1 rejected"));
    assert!(decoded("{}").contains("rejected byte 0"));
}
