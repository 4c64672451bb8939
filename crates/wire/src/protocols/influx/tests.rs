use super::*;
use crate::TimeUnit;
use crate::tests::{NOW_MS, dump};
use proptest::prelude::*;

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

/// What a single good line becomes, without times and kinds.
fn series_of(line: &str) -> Vec<String> {
    let out = decoded(line);
    assert!(out.contains(" 0 rejected"), "{line}: {out}");
    out.lines().skip(1).map(|l| l.splitn(3, ' ').nth(2).unwrap().to_owned()).collect()
}

#[test]
fn lines_become_series() {
    for (line, series) in [
        ("m v=1", vec!["m_v 1"]),
        ("m value=1", vec!["m 1"]),
        ("m,b=2,a=1 x=1,y=-2.5e1", vec![r#"m_x{a="1",b="2"} 1"#, r#"m_y{a="1",b="2"} -25"#]),
        ("m i=7i,u=8u,n=-9i,t=t,f=FALSE,T=True", vec!["m_i 7", "m_u 8", "m_n -9", "m_t 1", "m_f 0", "m_T 1"]),
        (r#"m s="x, \"y\" z=1\\",v=3"#, vec!["m_v 3"]),
        (r"my\,m\ x,t\=a\ g=v\,a\=l f\ i\=e\,ld=1", vec![r#"my,m x_f i=e,ld{t=a g="v,a=l"} 1"#]),
        (r"m=x,p=C:\new\\dir v=1", vec![r#"m=x_v{p="C:\\new\\\\dir"} 1"#]),
        ("m,empty=,a=1 v=1", vec![r#"m_v{a="1"} 1"#]),
        ("  m   v=1   1700000000000000000  \r\n", vec!["m_v 1"]),
        ("m,host=é v=1", vec![r#"m_v{host="é"} 1"#]),
        ("# comment, x=1\n\n\t\r\nm v=1", vec!["m_v 1"]),
        ("m v=18446744073709551615u", vec!["m_v 18446744073709552000"]),
    ] {
        assert_eq!(series_of(line), series, "{line}");
    }
}

#[test]
fn bad_lines_are_refused_alone() {
    for (line, reason) in [
        ("m", "the fields are missing"),
        ("m ", "the fields are missing"),
        (",t=1 v=1", "the measurement is missing"),
        ("m v", "field `v` has no value"),
        ("m v=", "field `v` has no value"),
        ("m =1", "a field without a name"),
        ("m v=1,", "a field without a name"),
        ("m v=abc", "field `v` has `abc`, which is no number, boolean or quoted text"),
        ("m v=NaN", "field `v` has `NaN`, which is no number, boolean or quoted text"),
        ("m v=1.5i", "field `v` has `1.5i`, which is no number, boolean or quoted text"),
        ("m v=-1u", "field `v` has `-1u`, which is no number, boolean or quoted text"),
        (
            "m v=9223372036854775808i",
            "field `v` has `9223372036854775808i`, which is no number, boolean or quoted text",
        ),
        ("m v=1 12x", "time `12x` is not a whole number of 64 bits"),
        ("m v=1 12 13", "text after the time"),
        ("m,tag v=1", "tag `tag` is not key=value"),
        ("m,=x v=1", "tag `=x` is not key=value"),
        ("m,a=1,a=2 v=1", "label `a` is given twice"),
        ("m v=\"open", "a quote is not closed"),
        ("m v=\"a\"b", "text after a closing quote"),
        ("m good=1,bad=x", "field `bad` has `x`, which is no number, boolean or quoted text"),
    ] {
        let out = decoded(&format!("a v=1\n{line}\nb v=2\n"));
        let wanted = format!(
            "2 accepted, 1 rejected, 0 skipped\nrejected line 2: {reason}\n\
             {NOW_MS} unknown a_v 1\n{NOW_MS} unknown b_v 2\n"
        );
        assert_eq!(out, wanted, "{line}");
    }
}

#[test]
fn text_may_hold_line_ends() {
    assert_eq!(
        decoded("m s=\"one\ntwo\",v=1\nm v=x\n"),
        format!(
            "1 accepted, 1 rejected, 1 skipped\n\
             rejected line 3: field `v` has `x`, which is no number, boolean or quoted text\n\
             {NOW_MS} unknown m_v 1\n"
        )
    );
}

#[test]
fn a_line_that_is_too_long_or_not_utf8_is_refused_alone() {
    let long = format!("m,t={} v=1", "x".repeat(LINE_BYTES_MAX));
    let input = [long.as_bytes(), b"\nm,t=\xff v=1\nm v=2"].concat();
    let mut batch = Batch::new();
    let report = decode(&input, &Context::at(0), &mut batch);
    assert_eq!(
        dump(&batch, &report),
        "1 accepted, 2 rejected, 0 skipped\n\
         rejected line 1: the line has 65544 bytes, at most 65536 are allowed\n\
         rejected line 2: not UTF-8 at byte 4 of the line\n\
         0 unknown m_v 2\n"
    );
}

#[test]
fn times_have_the_unit_that_was_named() {
    for (unit, ms) in [
        (TimeUnit::Nanosecond, 1),
        (TimeUnit::Microsecond, 1_234),
        (TimeUnit::Millisecond, 1_234_567),
        (TimeUnit::Second, 1_234_567_000),
        (TimeUnit::Hour, 1_234_567 * 3_600_000),
    ] {
        let mut batch = Batch::new();
        decode(b"m v=1 1234567", &Context { time_unit: unit, ..Context::at(0) }, &mut batch);
        assert_eq!(batch.groups().next().unwrap().time_ms, ms, "{unit:?}");
    }
}

#[test]
fn repeated_heads_share_their_series() {
    let mut batch = Batch::new();
    let input = b"m,a=1 x=1,y=2 1000000\nm,a=1 y=3,x=4,z=5 2000000\nm,a=1 x=6,y=7 3000000\n";
    let report = decode(input, &Context::at(0), &mut batch);
    assert!(report.is_clean() && report.accepted == 7);
    assert_eq!(batch.dictionary.len(), 3);
    let rows: Vec<_> = batch.groups().map(|r| (r.time_ms, r.values.to_vec())).collect();
    assert_eq!(rows, [(1, vec![1.0, 2.0]), (2, vec![3.0, 4.0, 5.0]), (3, vec![6.0, 7.0])]);
    let second: Vec<_> = batch.groups().nth(1).unwrap().slots.to_vec();
    let names: Vec<_> = second.iter().map(|s| batch.dictionary.labels(*s).name().to_owned()).collect();
    assert_eq!(names, ["m_y", "m_x", "m_z"]);
}

/// Writes a line as a client library does.
fn line_of(measurement: &str, tags: &[(String, String)], field: &str, value: f64, time_ns: i64) -> String {
    let escape = |text: &str, special: &[char]| {
        text.chars()
            .flat_map(|c| special.contains(&c).then_some('\\').into_iter().chain([c]))
            .collect::<String>()
    };
    let mut line = escape(measurement, &[',', ' ']);
    for (key, value) in tags {
        line += &format!(",{}={}", escape(key, &[',', '=', ' ']), escape(value, &[',', '=', ' ']));
    }
    line + &format!(" {}={value:e} {time_ns}\n", escape(field, &[',', '=', ' ']))
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        measurement in "[a-z ,=é\"]{0,6}[a-z]",
        tags in prop::collection::btree_map("[a-z ,=é]{0,5}[a-z]", "[a-z ,=é\"]{0,5}[a-z]", 0..5),
        field in "[a-z ,=é\"]{0,5}[a-z]",
        value in any::<f64>().prop_filter("finite", |v| v.is_finite()),
        time_ns in any::<i64>(),
    ) {
        prop_assume!(!measurement.trim_start().is_empty() && !measurement.starts_with([' ', ',', '#']));
        let tags: Vec<_> = tags.into_iter().collect();
        let input = line_of(&measurement, &tags, &field, value, time_ns);
        let mut batch = Batch::new();
        let report = decode(input.as_bytes(), &Context::at(0), &mut batch);
        prop_assert!(report.is_clean() && batch.len() == 1, "{} {}", input, report);
        let name = if field == "value" { measurement } else { format!("{measurement}_{field}") };
        let labels = batch.dictionary.labels(model::Slot(0));
        prop_assert_eq!(labels.name(), name);
        for (key, value) in &tags {
            prop_assert_eq!(labels.get(key), Some(value.as_str()));
        }
        let rows = batch.groups().next().unwrap();
        prop_assert_eq!((rows.time_ms, rows.values[0]), (time_ns.div_euclid(1_000_000), value));
    }

    #[test]
    fn no_text_is_too_odd(text in "[a-c,= \\\\\"\n\r#0-9.iut-]{0,80}") {
        decoded(&text);
    }
}
