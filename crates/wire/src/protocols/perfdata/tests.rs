use super::*;
use crate::tests::dump;
use proptest::prelude::*;

fn decoded(output: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(output.as_bytes(), &Context::at(7), &mut batch);
    dump(&batch, &report)
}

/// The samples of one item, without the time.
fn samples(item: &str) -> Vec<String> {
    decoded(&format!("OK|{item}"))
        .lines()
        .skip(1)
        .map(|line| line.trim_start_matches("7 ").to_owned())
        .collect()
}

#[test]
fn units_are_brought_to_their_base() {
    for (item, sample) in [
        ("a=1.5", "gauge perfdata_value{label=\"a\"} 1.5"),
        ("a=12ms", "gauge perfdata_seconds{label=\"a\"} 0.012"),
        ("a=250us", "gauge perfdata_seconds{label=\"a\"} 0.00025"),
        ("a=65%", "gauge perfdata_ratio{label=\"a\"} 0.65"),
        ("a=2KB", "gauge perfdata_bytes{label=\"a\"} 2000"),
        ("a=2KiB", "gauge perfdata_bytes{label=\"a\"} 2048"),
        ("a=1.5MB", "gauge perfdata_bytes{label=\"a\"} 1500000"),
        ("a=1TB", "gauge perfdata_bytes{label=\"a\"} 1000000000000"),
        ("a=3Mb", "gauge perfdata_bits{label=\"a\"} 3000000"),
        ("a=42c", "counter perfdata_total{label=\"a\"} 42"),
        ("a=21.5C", "gauge perfdata_celsius{label=\"a\"} 21.5"),
        ("a=3rpm", "gauge perfdata_value{label=\"a\",unit=\"rpm\"} 3"),
        ("a=1.5E-3s", "gauge perfdata_seconds{label=\"a\"} 0.0015"),
        ("a=0,012s", "gauge perfdata_seconds{label=\"a\"} 0.012"),
        ("a=1,", "gauge perfdata_value{label=\"a\"} 1"),
        ("a=.5", "gauge perfdata_value{label=\"a\"} 0.5"),
    ] {
        assert_eq!(samples(item), [sample], "{item}");
    }
}

#[test]
fn labels_may_be_quoted() {
    for (item, label) in [
        ("'a b'=1", "a b"),
        ("'l=abel'=1", "l=abel"),
        ("'it''s'=1", "it's"),
        ("'C:\\ %'=1", "C:\\\\ %"),
        ("a=b=1", "a=b"),
        ("'open=1", "'open"),
        ("it's=1", "it's"),
    ] {
        assert_eq!(samples(item), [format!("gauge perfdata_value{{label=\"{label}\"}} 1")], "{item}");
    }
}

#[test]
fn bounds_are_series() {
    let wanted = [
        "gauge perfdata_seconds{label=\"a\"} 0.005",
        "gauge perfdata_seconds_bound{bound=\"warn_above\",label=\"a\"} 0.01",
        "gauge perfdata_seconds_bound{bound=\"crit_from\",label=\"a\"} 0.02",
        "gauge perfdata_seconds_bound{bound=\"crit_to\",label=\"a\"} 0.03",
        "gauge perfdata_seconds_bound{bound=\"min\",label=\"a\"} 0",
        "gauge perfdata_seconds_bound{bound=\"max\",label=\"a\"} 1",
    ];
    assert_eq!(samples("a=5ms;10;@20:30;0;1000"), wanted);
    assert_eq!(decoded("OK|a=U;;;0"), "0 accepted, 0 rejected, 1 skipped\n");
}

#[test]
fn items_stand_on_the_first_line_and_behind_the_second_bar() {
    let output = "DISK OK | /=1B\n/ 15272 MB (77%);\nnot=perf\n/boot fine | /boot=2B\n/home=3B '/var log'=4B\nmore text\n";
    let labels: Vec<_> =
        decoded(output).lines().skip(1).map(|l| l.split('"').nth(1).unwrap().to_owned()).collect();
    assert_eq!(labels, ["/", "/boot", "/home", "/var log"]);
    assert_eq!(first_line(output), "DISK OK");
    assert_eq!(first_line("\n A | B\n"), "A | B");
    assert_eq!(first_line("|a=1"), "");
}

#[test]
fn a_prefix_holds_for_the_items_after_it() {
    let said = decoded("OK|web::http::time=1s size=2B db::x=3 y=4");
    let labels: Vec<_> = said.lines().skip(1).map(|l| l.split('"').nth(1).unwrap().to_owned()).collect();
    assert_eq!(labels, ["web::http::time", "web::http::size", "db::x", "db::y"]);
}

#[test]
fn what_is_wrong_is_said_and_the_rest_is_taken() {
    assert_eq!(
        decoded("OK|a=x b=1 c =2 d=1;?;;? e="),
        "2 accepted, 4 rejected, 2 skipped\n\
         rejected item 1: the value `x` of `a` is not a decimal number (nor U)\n\
         rejected item 3: `c` is not label=value\nrejected item 4: `=2` has no label\n\
         rejected item 6: the value `` of `e` is not a decimal number (nor U)\n\
         7 gauge perfdata_value{label=\"b\"} 1\n7 gauge perfdata_value{label=\"d\"} 1\n"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        items in prop::collection::vec(("[a-zA-Z0-9/ =_']{1,12}", -1e12f64..1e12, prop::option::of(0f64..1e6)), 1..5)
    ) {
        let text: Vec<_> = items.iter().map(|(label, value, warn)| {
            let warn = warn.map_or(String::new(), |w| w.to_string());
            format!("'{}'={value};{warn};", label.replace('\'', "''"))
        }).collect();
        let mut batch = Batch::new();
        let report = decode(format!("text | {}", text.join(" ")).as_bytes(), &Context::at(5), &mut batch);
        prop_assert!(report.is_clean(), "{text:?} {report}");
        let read: Vec<_> = batch.groups().flat_map(|r| r.slots.iter().zip(r.values).map(|(s, v)| {
            (batch.dictionary.labels(*s).get("label").unwrap().to_owned(), *v)
        }).collect::<Vec<_>>()).collect();
        let wanted: Vec<_> = items.iter().flat_map(|(label, value, warn)| {
            [Some(*value), *warn].into_iter().flatten().map(|v| (label.clone(), v))
        }).collect();
        prop_assert_eq!(read, wanted);
    }
}
