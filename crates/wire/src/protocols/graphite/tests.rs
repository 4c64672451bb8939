use super::*;
use crate::tests::dump;
use proptest::prelude::*;

fn decoded(line: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(line.as_bytes(), &Context::at(7), &mut batch);
    dump(&batch, &report)
}

#[test]
fn all_ways_to_say_now_and_to_write_numbers() {
    for line in ["a 1", "a 1 -1", "a 1 -1.5", "a 1 N", "a\t 1.0 \t0.007", "a +1e0 -1\r\n"] {
        assert_eq!(decoded(line), "1 accepted, 0 rejected, 0 skipped\n7 unknown a 1\n", "{line}");
    }
    assert!(decoded("a 1 1700000000.25").contains("\n1700000000250 unknown a 1\n"));
}

#[test]
fn a_path_that_came_before_is_the_same_series() {
    let (mut decoder, mut batch) = (Decoder { needs_time: true, ..Decoder::default() }, Batch::new());
    let lines = "a;x=y 1 1\na;x=y 2 2\r\na;x=y\t3 3\na{x=\"y\"} 4 4\na{x=\"y\"} 5 5\na;x=y 6 -1\na;x=y nan 7\na;x=y 8\n";
    let report = decoder.decode(lines.as_bytes(), &Context::at(7), &mut batch);
    assert_eq!((report.accepted, report.rejected, report.skipped), (6, 1, 1), "{report}");
    let wanted: String = [(1000, 1), (2000, 2), (3000, 3), (4000, 4), (5000, 5), (7, 6)]
        .map(|(time, value)| format!("{time} unknown a{{x=\"y\"}} {value}\n"))
        .concat();
    assert!(dump(&batch, &report).ends_with(&wanted), "{}", dump(&batch, &report));
    assert_eq!(batch.dictionary.len(), 4);
    batch.clear();
    decoder.decode(b"b 1 1\na;x=y 1 1\n", &Context::at(7), &mut batch);
    assert_eq!(batch.groups().flat_map(|rows| rows.slots).count(), 2);
    assert_eq!(batch.dictionary.len(), 2);
}

#[test]
fn tags_are_labels_in_both_forms() {
    let wanted = "1 accepted, 0 rejected, 0 skipped\n1000 unknown disk.used{dc=\"x=1\",host=\"web1\"} 5\n";
    assert_eq!(decoded("disk.used;host=web1;dc=x=1 5 1"), wanted);
    assert_eq!(decoded("disk.used;dc=no;host=web1;dc=x=1 5 1"), wanted);
    assert_eq!(decoded("disk.used{host=\"web1\",dc=\"x=1\"} 5 1"), wanted);
    assert!(decoded(r#"a{path="C:\\x \"y\""} 5 1"#).contains(r#"a{path="C:\\x \"y\""} 5"#));
}

#[test]
fn braces_without_quoted_tags_are_part_of_a_name() {
    for name in ["a{b,c}.d", "a{", "{}", "a{b=1}"] {
        assert!(decoded(&format!("{name} 5 1")).starts_with("1 accepted"), "{name}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (line, reason) in [
        ("a", "expected `path value time`, there is no value"),
        (";a=b 1 1", "the path is empty"),
        ("a;b 1 1", "tag `b` has no `=`"),
        ("a;b= 1 1", "the value `` of tag `b` is empty, starts with `~` or has a `;`"),
        ("a;b=~c 1 1", "the value `~c` of tag `b` is empty, starts with `~` or has a `;`"),
        ("a;b!=c 1 1", "tag name `b!` is empty or has one of `;!^=`"),
        ("a 0x10 1", "value `0x10` is not a finite decimal number"),
        ("a inf 1", "value `inf` is not a finite decimal number"),
        ("a 1 -2", "time `-2` is not a number of seconds, -1 or N"),
        ("a 1 now", "time `now` is not a number of seconds, -1 or N"),
        ("a 1 1700000000000", "time `1700000000000` is behind the year 9999; it must be in seconds"),
        ("a 1 1 x", "expected `path value time`, then came `x`"),
        ("a{b=\"c 1 1", "the value of tag `b` has no end"),
        ("a{b=\"c\" 1 1", "after tag `b` comes no `}`"),
    ] {
        assert_eq!(decoded(line), format!("0 accepted, 1 rejected, 0 skipped\nrejected line 1: {reason}\n"));
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        name in "[a-zA-Z0-9._-]{1,30}",
        tags in prop::collection::btree_map("[a-z]{1,8}", "[a-zA-Z0-9./:=-]{1,12}", 0..4),
        value in any::<f64>().prop_filter("finite", |v| v.is_finite()),
        time_ms in 0i64..9_999_999_999_000,
        in_braces in any::<bool>(),
    ) {
        let pairs: Vec<_> = tags.iter().map(|(tag, value)| match in_braces {
            true => format!("{tag}=\"{value}\""),
            false => format!(";{tag}={value}"),
        }).collect();
        let path = match in_braces && !tags.is_empty() {
            true => format!("{name}{{{}}}", pairs.join(",")),
            false if tags.is_empty() => name.clone(),
            false => name.clone() + &pairs.concat(),
        };
        let line = format!("{path} {value} {}.{:03}\n", time_ms / 1000, time_ms % 1000);
        let mut batch = Batch::new();
        let report = decode(line.as_bytes(), &Context::at(5), &mut batch);
        prop_assert!(report.is_clean() && report.accepted == 1, "{line}: {report}");
        let rows = batch.groups().next().unwrap();
        let labels = batch.dictionary.labels(rows.slots[0]);
        prop_assert_eq!((rows.time_ms, rows.values[0], labels.name()), (time_ms, value, name.as_str()));
        prop_assert_eq!(labels.len(), tags.len() + 1);
        for (tag, value) in &tags {
            prop_assert_eq!(labels.get(tag), Some(value.as_str()));
        }
    }
}
