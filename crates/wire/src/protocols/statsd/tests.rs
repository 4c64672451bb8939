use super::*;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

/// Items as text, as the `.out` fixtures hold them.
fn dump(packet: &[u8]) -> String {
    let mut out = String::new();
    for item in items(packet) {
        match item {
            Ok(Item::Metric(metric)) => dump_metric(&metric, &mut out),
            Ok(Item::Event(Event { title, text, time_s, host, priority, alert, tags })) => {
                let [title, text, host, priority, alert] = [title, text, host, priority, alert].map(words);
                write!(out, "event {title:?} {text:?} at {time_s:?} host {host:?} priority {priority:?} alert {alert:?}").unwrap();
                dump_tags(self::tags(tags), &mut out);
            }
            Ok(Item::Check(Check { name, state, time_s, host, message, tags })) => {
                let [name, host, message] = [name, host, message].map(words);
                write!(out, "check {name:?} {state} at {time_s:?} host {host:?} message {message:?}")
                    .unwrap();
                dump_tags(self::tags(tags), &mut out);
            }
            Err(refusal) => {
                writeln!(out, "refused line {} byte {}: {refusal}", refusal.line, refusal.at).unwrap()
            }
        }
    }
    out
}

fn words(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn dump_metric(metric: &Metric<'_>, out: &mut String) {
    let (name, own) = name_and_tags(metric.name);
    write!(out, "{:?} {}", metric.kind, words(name)).unwrap();
    for Number { value, is_signed } in metric.numbers() {
        write!(out, " {value}{}", if is_signed { " (signed)" } else { "" }).unwrap();
    }
    if metric.kind == Kind::Set {
        write!(out, " {:?}", words(metric.member())).unwrap();
    }
    if metric.rate != 1.0 {
        write!(out, " rate {}", metric.rate).unwrap();
    }
    if let Some(time_s) = metric.time_s {
        write!(out, " at {time_s}").unwrap();
    }
    dump_tags(own.chain(tags(metric.tags)), out);
}

fn dump_tags<'a>(tags: impl Iterator<Item = Tag<'a>>, out: &mut String) {
    for (key, value) in tags {
        write!(out, " {}={}", words(key), words(value)).unwrap();
    }
    out.push('\n');
}

/// `WINDHOVER_BLESS=1 cargo nextest run -p wire statsd` writes what is decoded now; look at the difference.
#[test]
fn fixtures_decode_to_what_they_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/wire/statsd");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension() != Some("in".as_ref()) {
            continue;
        }
        let (seen, wanted) = (dump(&std::fs::read(&path).unwrap()), path.with_extension("out"));
        if std::env::var_os("WINDHOVER_BLESS").is_some() {
            std::fs::write(&wanted, &seen).unwrap();
        }
        assert_eq!(seen, std::fs::read_to_string(&wanted).unwrap_or_default(), "{}", path.display());
        count += 1;
    }
    assert!(count >= 3, "the fixtures are missing");
}

fn refused(line: &str) -> (Reason, usize) {
    let found = items(line.as_bytes()).find_map(Result::err).unwrap_or_else(|| panic!("{line} was taken"));
    assert!(!found.to_string().is_empty());
    (found.reason, found.at)
}

#[test]
fn broken_lines_are_refused_with_the_place() {
    for (line, reason, at) in [
        ("gorets", Reason::NoColon, 0),
        ("ok:1|c\n  bad", Reason::NoColon, 9),
        (":1|c", Reason::NoName, 0),
        ("a:1", Reason::NoType, 2),
        ("a:1|x", Reason::UnknownType, 4),
        ("a:1|", Reason::UnknownType, 4),
        ("a:|c", Reason::NoNumber, 2),
        ("a:1:|c", Reason::NoNumber, 4),
        ("a:1::2|c", Reason::NoNumber, 4),
        ("a:1:x|c", Reason::NoNumber, 4),
        ("a:nan|g", Reason::NoNumber, 2),
        ("a:-1|ms", Reason::NegativeTime, 2),
        ("a:1|c|@0", Reason::BadRate, 7),
        ("a:1|c|@1.5", Reason::BadRate, 7),
        ("a:1|c|@", Reason::BadRate, 7),
        ("a:1|c|T1.5", Reason::BadTime, 7),
        ("a:1|c|T-5", Reason::BadTime, 7),
        ("a:1|c|T9223372036854775807", Reason::BadTime, 7),
        ("a:|s", Reason::NoMember, 2),
        ("a:1|c:x|c", Reason::NoNumber, 6),
        ("_e{3,2}:abc|de?", Reason::EventLengths, 0),
        ("_e{9,2}:abc|de", Reason::EventLengths, 0),
        ("_e{a,2}:abc|de", Reason::EventHead, 0),
        ("_e{1,2}", Reason::EventHead, 0),
        ("_sc||0", Reason::CheckName, 0),
        ("_sc|a|4", Reason::CheckState, 0),
        ("_sc|a", Reason::CheckState, 0),
    ] {
        assert_eq!(refused(line), (reason, at), "{line}");
    }
    assert!(matches!(refused(&format!("{}:1|c", "n".repeat(NAME_BYTES_MAX + 1))).0, Reason::LongName(_)));
    assert!(matches!(refused(&format!("n:1|c|#{}", "t".repeat(TAGS_BYTES_MAX + 1))).0, Reason::LongTags(_)));
}

proptest! {
    /// Whatever arrives is read to its end, and every line that is not blank gives at least one item.
    #[test]
    fn any_bytes_are_survived(packet in prop::collection::vec(
        prop_oneof![Just(b':'), Just(b'|'), Just(b'#'), Just(b'@'), Just(b'\n'), Just(b'c'), Just(b'1'), any::<u8>()], 0..200,
    )) {
        let lines = packet.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert!(items(&packet).count() >= lines);
        dump(&packet);
    }

    /// What a client writes is read as it was meant.
    #[test]
    fn what_is_written_is_read(
        name in "[a-zA-Z_][a-zA-Z0-9_./ -]{0,20}[a-z]",
        values in prop::collection::vec(any::<f32>().prop_filter("finite", |v| v.is_finite()), 1..5),
        kind in prop::sample::select(&[("c", Kind::Counter), ("g", Kind::Gauge), ("h", Kind::Histogram), ("d", Kind::Distribution)]),
        rate in prop::option::of(1..=1000u32),
        tags in prop::collection::vec(("[a-z][a-z0-9_]{0,5}", "[a-z0-9:/.]{1,8}"), 0..4),
        time_s in prop::option::of(0..4_000_000_000i64),
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let packed: Vec<String> = values.iter().map(f64::to_string).collect();
        let mut line = format!("{name}:{}|{}", packed.join(":"), kind.0);
        let rate = rate.map_or(1.0, |r| f64::from(r) / 1000.0);
        if rate < 1.0 {
            write!(line, "|@{rate}").unwrap();
        }
        if !tags.is_empty() {
            let tags: Vec<String> = tags.iter().map(|(k, v)| format!("{k}:{v}")).collect();
            write!(line, "|#{}", tags.join(",")).unwrap();
        }
        if let Some(time_s) = time_s {
            write!(line, "|T{time_s}").unwrap();
        }
        let read: Vec<_> = items(line.as_bytes()).collect();
        prop_assert_eq!(read.len(), 1);
        let Ok(Item::Metric(metric)) = &read[0] else { panic!("{line}: {read:?}") };
        prop_assert_eq!((metric.name, metric.kind, metric.rate), (name.as_bytes(), kind.1, rate));
        prop_assert_eq!(metric.numbers().map(|n| n.value).collect::<Vec<_>>(), values);
        prop_assert_eq!(metric.time_s, time_s);
        let seen: Vec<_> = self::tags(metric.tags).map(|(k, v)| (words(k), words(v))).collect();
        prop_assert_eq!(seen, tags);
    }
}
