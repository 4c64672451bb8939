use super::*;
use crate::tests::{NOW_MS, dump};
use model::{Description, Kind, Labels, Slot};
use proptest::prelude::*;
use stdx::telemetry::{Counter, Gauge, Item};

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

#[test]
fn samples_are_read() {
    for (line, seen) in [
        ("up 1", "1700000000000 unknown up 1"),
        ("up\t1 123", "123 unknown up 1"),
        ("up{} -1e3 -5", "-5 unknown up -1000"),
        (r#"up{a="1",b = "x y" , } NaN"#, r#"1700000000000 unknown up{a="1",b="x y"} NaN"#),
        (r#"up {a="\\ \" \n \x é"} +Inf"#, r#"1700000000000 unknown up{a="\\ \" \n \\x é"} inf"#),
        (r#"{"my.metric","my label"="1"} 1"#, r#"1700000000000 unknown my.metric{my label="1"} 1"#),
        (r#"{__name__="up",a="}#{"} 1 # {trace="1"} 2"#, r#"1700000000000 unknown up{a="}#{"} 1"#),
        ("job:up:sum{le=\"+Inf\"} 0x", "rejected line 1: value `0x` is not a number"),
        ("up", "rejected line 1: the value is missing"),
        ("up 1 2 3", "rejected line 1: `3` after the time"),
        ("up 1 1.5", "rejected line 1: time `1.5` is not a whole number of milliseconds"),
        ("{a=\"1\"} 1", "rejected line 1: a sample without a name"),
        ("up{a=1} 1", "rejected line 1: the value of label `a` is not quoted"),
        ("up{a} 1", "rejected line 1: label `a` has no value"),
        ("up{a=\"1} 1", "rejected line 1: a quote is not closed"),
        ("up{a=\"1\\", "rejected line 1: a quote is not closed"),
        ("up{a=\"1\"b=\"2\"} 1", "rejected line 1: expected `,` or `}` after a label"),
        ("up{", "rejected line 1: a label without a name, or a brace that is not closed"),
        ("up{a=\"1\",a=\"2\"} 1", "rejected line 1: label `a` is given twice"),
        ("up{\"down\"} 1", "rejected line 1: label `__name__` is given twice"),
    ] {
        let out = decoded(line);
        assert_eq!(out.lines().nth(1), Some(seen), "{line}");
    }
}

#[test]
fn comments_give_kinds_and_descriptions() {
    let out = decoded(concat!(
        "# plain comment\n#\n# HELP req Requests \\\\ served.\\nAll.\n# TYPE req counter\nreq 1\n",
        "# TYPE lat histogram\nlat_bucket{le=\"1\"} 1\nlat_sum 2\nlat_count 3\n",
        "# TYPE rpc summary\nrpc{quantile=\"0.5\"} 1\nrpc_sum 2\nrpc_created 4\n",
        "# TYPE \"my.gauge\" gauge\n{\"my.gauge\"} 1\n# TYPE odd nonsense\nodd 1\nother_total 1\n",
    ));
    let wanted = "9 accepted, 0 rejected, 0 skipped\n\
        T counter req 1\nT counter lat_bucket{le=\"1\"} 1\nT counter lat_sum 2\nT counter lat_count 3\n\
        T gauge rpc{quantile=\"0.5\"} 1\nT counter rpc_sum 2\nT gauge rpc_created 4\nT gauge my.gauge 1\n\
        T unknown odd 1\nT unknown other_total 1\n\
        about lat_bucket counter \"\" \"\"\nabout lat_count counter \"\" \"\"\nabout lat_sum counter \"\" \"\"\n\
        about my.gauge gauge \"\" \"\"\nabout odd unknown \"\" \"\"\n\
        about req counter \"\" \"Requests \\\\ served.\\nAll.\"\n\
        about rpc gauge \"\" \"\"\nabout rpc_count counter \"\" \"\"\nabout rpc_sum counter \"\" \"\"\n";
    assert_eq!(out, wanted.replace("T ", &format!("{NOW_MS} ")).replacen("9 acc", "10 acc", 1));
}

#[test]
fn an_input_that_ends_with_eof_is_open_metrics() {
    let out = decoded(concat!(
        "# TYPE req counter\n# UNIT req requests\nreq_total 7 1700000000.1234\nreq_created 1 1700000001\n",
        "# TYPE build info\nbuild_info{v=\"1\"} 1 # {id=\"x\"} 1.0 2.0\n# EOF\n"
    ));
    let wanted = format!(
        "3 accepted, 0 rejected, 1 skipped\n1700000000123 counter req_total 7\n1700000001000 gauge req_created 1\n\
         {NOW_MS} gauge build_info{{v=\"1\"}} 1\nabout build gauge \"\" \"\"\nabout req_total counter \"requests\" \"\"\n"
    );
    assert_eq!(out, wanted);
}

#[test]
fn batches_are_written_by_family() {
    let mut batch = Batch::new();
    let mut add = |pairs: &[(&str, &str)], kind| {
        batch.dictionary.add(&Labels::from_pairs(pairs.iter().copied()).unwrap(), kind)
    };
    let b = add(&[("__name__", "b"), ("x", "a\"b\\c\nd")], Kind::Counter);
    let a = add(&[("__name__", "a.b"), ("my label", "1")], Kind::Derive);
    let nameless = add(&[("x", "1")], Kind::Gauge);
    batch.dictionary.describe(Description {
        metric: "b".into(),
        help: "Two\nlines \\".into(),
        ..Default::default()
    });
    for (slot, value) in [(b, 1e300), (a, -0.5), (b, f64::NEG_INFINITY), (nameless, 1.0)] {
        batch.sample(slot, 5, value);
    }
    let mut out = String::new();
    encode(&batch, true, &mut out);
    let wanted = concat!(
        "# TYPE \"a.b\" gauge\n{\"a.b\",\"my label\"=\"1\"} -0.5 5\n",
        "# HELP b Two\\nlines \\\\\n# TYPE b counter\n",
        "b{x=\"a\\\"b\\\\c\\nd\"} 1e300 5\nb{x=\"a\\\"b\\\\c\\nd\"} -Inf 5\n",
    );
    assert_eq!(out, wanted);
}

#[test]
fn own_numbers_are_written() {
    static LINES: Counter = Counter::labelled("windhover_x_lines_total", "Lines.", &[("kind", "good")]);
    static BAD_LINES: Counter = Counter::labelled("windhover_x_lines_total", "Lines.", &[("kind", "bad")]);
    static FILL: Gauge = Gauge::new("windhover_x_fill_ratio", "How full.");
    LINES.add(3);
    FILL.set(0.25);
    let mut out = String::new();
    let tables: [&[Item]; 2] = [&[Item::Counter(&LINES), Item::Gauge(&FILL)], &[Item::Counter(&BAD_LINES)]];
    encode_telemetry(&tables, &[("host", "h")], &mut out);
    let wanted = concat!(
        "# HELP windhover_x_fill_ratio How full.\n# TYPE windhover_x_fill_ratio gauge\n",
        "windhover_x_fill_ratio{host=\"h\"} 0.25\n",
        "# HELP windhover_x_lines_total Lines.\n# TYPE windhover_x_lines_total counter\n",
        "windhover_x_lines_total{kind=\"good\",host=\"h\"} 3\nwindhover_x_lines_total{kind=\"bad\",host=\"h\"} 0\n",
    );
    assert_eq!(out, wanted);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        name in "[a-z.:é \"\\\\{}#]{1,8}",
        labels in prop::collection::btree_map("[a-z.é \"\\\\]{1,6}", "[^\u{0}-\u{8}]{1,10}", 0..5),
        value in any::<f64>(),
        time_ms in any::<i64>(),
    ) {
        let mut builder = LabelsBuilder::default();
        builder.add(model::NAME, &name);
        for (label, value) in &labels {
            builder.add(label, value);
        }
        let mut batch = Batch::new();
        let slot = batch.dictionary.add(&builder.build().unwrap(), Kind::Gauge);
        batch.sample(slot, time_ms, value);
        let mut text = String::new();
        encode(&batch, true, &mut text);
        let mut back = Batch::new();
        let report = decode(text.as_bytes(), &Context::at(0), &mut back);
        prop_assert!(report.is_clean() && back.len() == 1, "{} {}", text, report);
        prop_assert_eq!(back.dictionary.labels(Slot(0)), batch.dictionary.labels(slot));
        prop_assert_eq!(back.dictionary.kind(Slot(0)), Kind::Gauge);
        let rows = back.groups().next().unwrap();
        prop_assert!(rows.time_ms == time_ms && (rows.values[0] == value || value.is_nan()));
    }

    #[test]
    fn no_text_is_too_odd(text in "[a-c{}\",= \\\\\n#0-9.NTYPE]{0,80}") {
        decoded(&text);
    }
}
