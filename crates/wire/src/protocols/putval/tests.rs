use super::notice::Severity;
use super::*;
use crate::tests::dump;
use proptest::prelude::*;

fn decoded(line: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(line.as_bytes(), &Context::at(7), &mut batch);
    dump(&batch, &report)
}

#[test]
fn names_and_kinds_come_from_the_type() {
    for (line, series) in [
        ("PUTVAL h/load/load N:1:2:3", "gauge load_shortterm{host=\"h\"} 1"),
        (
            "PUTVAL h/cpu-0/cpu-idle N:1",
            "derive cpu{host=\"h\",plugin_instance=\"0\",type_instance=\"idle\"} 1",
        ),
        (
            "PUTVAL h/interface-eth0/if_octets N:1:2",
            "derive interface_if_octets_tx{host=\"h\",plugin_instance=\"eth0\"} 2",
        ),
        (
            "PUTVAL \"h h/exec-a/gauge-b c\" N:1",
            "gauge exec_gauge{host=\"h h\",plugin_instance=\"a\",type_instance=\"b c\"} 1",
        ),
        ("putval h/p/own interval=\"1 0\" n:1", "unknown p_own{host=\"h\"} 1"),
        ("PUTVAL h/p/own N:1:2", "unknown p_own_1{host=\"h\"} 2"),
        (r#"PUTVAL "h/p/gauge-a\"\\b" N:1"#, r#"gauge p_gauge{host="h",type_instance="a\"\\b"} 1"#),
    ] {
        assert!(decoded(line).contains(&format!("7 {series}\n")), "{line}: {}", decoded(line));
    }
}

#[test]
fn a_line_may_have_several_lists_and_unknown_values() {
    let line = "PUTVAL h/i/if_octets interval=10 1:10:U 2:11:21 meta:a=b U:1:2";
    assert!(decoded(line).contains("time `U` is not a number"), "{}", decoded(line));
    let line = "PUTVAL h/i/if_octets interval=10 1:10:U interval=20 2.5:11:21";
    assert_eq!(
        decoded(line),
        "3 accepted, 0 rejected, 1 skipped\n1000 derive i_if_octets_rx{host=\"h\"} 10\n\
         2500 derive i_if_octets_rx{host=\"h\"} 11\n2500 derive i_if_octets_tx{host=\"h\"} 21\n"
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (line, reason) in [
        ("PUTVAL", "PUTVAL has no identifier"),
        ("PUTVAL h/p N:1", "`h/p` is not host/plugin-instance/type-instance"),
        ("PUTVAL h/-a/t N:1", "`h/-a/t` is not host/plugin-instance/type-instance"),
        ("PUTVAL h/p/gauge", "PUTVAL has no values, such as N:1"),
        ("PUTVAL h/p/gauge interval=10", "PUTVAL has no values, such as N:1"),
        ("PUTVAL h/p/gauge N", "`N` is not time:value"),
        ("PUTVAL h/p/gauge N:1,5", "value `1,5` is not a decimal number (nor U for unknown)"),
        ("PUTVAL h/p/gauge N:1:2", "type `gauge` has 1 values, the line has 2"),
        ("PUTVAL \"h/p/gauge N:1", "the quotes of `\"h/p/gauge N:1` are not closed"),
        ("PUTVAL \"h/p/gauge\"N:1", "after `\"h/p/gauge\"` comes no blank"),
        ("GETVAL h/p/gauge", "`GETVAL` is neither PUTVAL nor PUTNOTIF"),
    ] {
        assert_eq!(decoded(line), format!("0 accepted, 1 rejected, 0 skipped\nrejected line 1: {reason}\n"));
    }
    assert!(decoded("PUTNOTIF time=1 message=x").contains("no `severity=` before its message"));
    assert!(decoded("PUTNOTIF severity=bad message=x").contains("severity `bad` is not okay"));
    assert!(decoded("PUTNOTIF severity=okay").contains("PUTNOTIF has no `message=`"));
    assert!(decoded("PUTNOTIF severity").contains("expected name=value, found `severity`"));
}

#[test]
fn notices_are_handed_over() {
    let input = b"PUTNOTIF type=temperature severity=warning time=1201094702 message=The roof is on fire!\n\
                  PUTNOTIF severity=failure host=\"a b\" message=\"quoted \\\"text\\\"\"\n";
    let (mut batch, mut told) = (Batch::new(), Vec::new());
    let report = decode_with(input, &Context::at(7), &mut batch, |notice| told.push(notice));
    assert!(report.is_clean() && report.skipped == 2 && batch.is_empty());
    let about = |name: &str, text: &str| vec![(name.to_owned(), text.to_owned())];
    let (first, second) = (&told[0], &told[1]);
    assert_eq!((first.severity, first.time_ms), (Severity::Warning, 1_201_094_702_000));
    assert_eq!(
        (first.message.as_str(), &first.about),
        ("The roof is on fire!", &about("type", "temperature"))
    );
    assert_eq!((second.severity, second.time_ms), (Severity::Failure, 7));
    assert_eq!((second.message.as_str(), &second.about), ("quoted \"text\"", &about("host", "a b")));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        host in "[a-z0-9.:_-]{1,20}",
        plugin in "[a-z_]{1,10}",
        plugin_instance in "[a-zA-Z0-9 ._\"\\\\-]{0,10}",
        kind in "x[a-z_]{1,10}",
        type_instance in "[a-zA-Z0-9/ ._\"\\\\-]{0,10}",
        values in prop::collection::vec(prop::option::of(-1e15f64..1e15), 1..4),
        time_ms in 0i64..9_999_999_999_000,
    ) {
        let dash = |instance: &str| if instance.is_empty() { String::new() } else { format!("-{instance}") };
        let identifier = format!("{host}/{plugin}{}/{kind}{}", dash(&plugin_instance), dash(&type_instance));
        let quoted = identifier.replace('\\', "\\\\").replace('"', "\\\"");
        let list: Vec<_> = values.iter().map(|v| v.map_or("U".to_owned(), |v| v.to_string())).collect();
        let line = format!("PUTVAL \"{quoted}\" interval=10 {}.{:03}:{}\n", time_ms / 1000, time_ms % 1000, list.join(":"));
        let mut batch = Batch::new();
        let report = decode(line.as_bytes(), &Context::at(5), &mut batch);
        prop_assert!(report.is_clean(), "{line}: {report}");
        let known: Vec<f64> = values.iter().copied().flatten().collect();
        prop_assert_eq!((report.accepted, report.skipped), (known.len() as u64, (values.len() - known.len()) as u64));
        let rows: Vec<_> = batch.groups().collect();
        let read: Vec<f64> = rows.iter().flat_map(|r| r.values.to_vec()).collect();
        prop_assert_eq!(&read, &known);
        for rows in rows {
            prop_assert_eq!(rows.time_ms, time_ms);
            let labels = batch.dictionary.labels(rows.slots[0]);
            prop_assert_eq!(labels.host(), host.as_str());
            prop_assert_eq!(labels.get("plugin_instance").unwrap_or(""), plugin_instance.as_str());
            prop_assert_eq!(labels.get("type_instance").unwrap_or(""), type_instance.as_str());
        }
    }
}
