use super::*;
use crate::tests::dump;
use proptest::prelude::*;

/// A part as collectd writes it.
fn part(kind: u16, content: &[u8]) -> Vec<u8> {
    let len = (content.len() + 4) as u16;
    [&kind.to_be_bytes()[..], &len.to_be_bytes(), content].concat()
}

fn words(kind: u16, words: &str) -> Vec<u8> {
    part(kind, &[words.as_bytes(), b"\0"].concat())
}

fn gauges(values: &[f64]) -> Vec<u8> {
    let mut content = (values.len() as u16).to_be_bytes().to_vec();
    content.extend(vec![1; values.len()]);
    values.iter().for_each(|value| content.extend(value.to_le_bytes()));
    part(6, &content)
}

fn decoded(packet: &[u8]) -> String {
    let mut batch = Batch::new();
    let report = decode(packet, &Context::at(7), &mut batch);
    dump(&batch, &report)
}

#[test]
fn what_was_said_holds_until_it_is_said_anew() {
    let mut content = vec![0, 2, 2, 2];
    content.extend((-5i64).to_be_bytes());
    content.extend(6i64.to_be_bytes());
    let packet = [
        words(0, "web1"),
        part(8, &(1_700_000_000u64 << 30 | 1 << 29).to_be_bytes()),
        part(9, &(10u64 << 30).to_be_bytes()),
        words(2, "load"),
        words(4, "load"),
        gauges(&[1.0, f64::NAN, 3.0]),
        words(2, "interface"),
        words(3, "eth0"),
        words(4, "if_octets"),
        part(1, &1_700_000_001u64.to_be_bytes()),
        part(6, &content),
        words(0x100, "disk is full"),
        part(0x7777, b"later versions"),
    ]
    .concat();
    assert_eq!(
        decoded(&packet),
        "4 accepted, 0 rejected, 2 skipped\n\
         1700000000500 gauge load_shortterm{host=\"web1\"} 1\n\
         1700000000500 gauge load_longterm{host=\"web1\"} 3\n\
         1700000001000 derive interface_if_octets_rx{host=\"web1\",plugin_instance=\"eth0\"} -5\n\
         1700000001000 derive interface_if_octets_tx{host=\"web1\",plugin_instance=\"eth0\"} 6\n"
    );
}

#[test]
fn what_is_wrong_is_said() {
    let named = [words(0, "h"), words(2, "p"), words(4, "gauge")].concat();
    for (packet, reason) in [
        (b"\0\0\0".to_vec(), "byte 0: a part without a whole head"),
        (b"\0\0\0\x03".to_vec(), "byte 0: a part that does not fit its packet"),
        (b"\0\0\0\x09web1".to_vec(), "byte 0: a part that does not fit its packet"),
        (part(0, b"web1"), "byte 0: a text without NUL at its end"),
        (words(0, "h"), ""),
        (part(0, b"\xff\0"), "byte 0: a text that is not UTF-8"),
        (part(1, b"1"), "byte 0: a number that has not 8 bytes"),
        (part(1, &[0xff; 8]), "byte 0: time 18446744073709551615 is no number of seconds"),
        (gauges(&[1.0]), "byte 0: values before any host was named"),
        (
            [named.clone(), part(6, b"\0\x01\x01")].concat(),
            "byte 22: a list of values that does not fit its length",
        ),
        ([named.clone(), gauges(&[])].concat(), "byte 22: a list of values that does not fit its length"),
        ([named.clone(), gauges(&[f64::INFINITY])].concat(), "byte 22: 1 values are not finite"),
        ([named, part(6, b"\0\x01\x09\0\0\0\0\0\0\0\0")].concat(), "byte 22: kind 9 of a value is not known"),
        (part(SIGNATURE, &[0; 40]), "byte 0: a signed packet"),
        (part(ENCRYPTION, &[0; 40]), "byte 0: an encrypted packet"),
    ] {
        let wanted = match reason {
            "" => "0 accepted, 0 rejected, 0 skipped\n".to_owned(),
            reason => format!("0 accepted, 1 rejected, 0 skipped\nrejected {reason}\n"),
        };
        assert_eq!(decoded(&packet), wanted);
    }
}

proptest! {
    /// The same values as `PUTVAL` has them are the same series and samples.
    #[test]
    fn packets_and_putval_lines_say_the_same(
        host in "[a-z]{1,8}", plugin in "[a-z]{1,8}", instance in "[a-z0-9]{0,4}", type_instance in "[a-z]{0,4}",
        kind in prop::sample::select(vec!["gauge", "load", "percent", "nobody_knows"]),
        values in prop::collection::vec(any::<f64>().prop_filter("finite", |v| v.is_finite()), 1..4),
        time_ms in 1i64..4_000_000_000_000,
    ) {
        let values = if kind == "load" { [values[0]; 3].to_vec() } else if kind == "nobody_knows" { values } else { vec![values[0]] };
        // Rounded up, so that the tick is not before the millisecond.
        let ticks = ((time_ms as u128) << 30).div_ceil(1000) as u64;
        let packet = [
            words(0, &host), part(8, &ticks.to_be_bytes()), words(2, &plugin), words(3, &instance), words(4, kind),
            words(5, &type_instance), gauges(&values),
        ].concat();
        let dash = |name: &str, instance: &str| if instance.is_empty() { name.to_owned() } else { format!("{name}-{instance}") };
        let list: Vec<_> = values.iter().map(f64::to_string).collect();
        let line = format!(
            "PUTVAL {host}/{}/{} {}.{:03}:{}", dash(&plugin, &instance), dash(kind, &type_instance),
            time_ms / 1000, time_ms % 1000, list.join(":")
        );
        let mut batch = Batch::new();
        let report = super::super::putval::decode(line.as_bytes(), &Context::at(7), &mut batch);
        // A type that nobody knows has no kinds in a line.
        prop_assert_eq!(decoded(&packet), dump(&batch, &report).replace(" unknown ", " gauge "));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        decoded(&bytes);
    }
}
