use super::{Escape, Plan, PlanBuilder, Shape};
use crate::{Field, Format, Record};
use proptest::prelude::*;
use regex::bytes::Regex;

/// The fields of a line as `name=value`, or `None` when it has another format.
fn parsed(family: &str, format: &str, line: &str) -> Option<String> {
    let format = Format::compile(family, format).unwrap();
    let mut record = Record::default();
    format.prepare(&mut record);
    format.parse(line.as_bytes(), &mut record).then(|| told(&record, line))
}

fn told(record: &Record, line: &str) -> String {
    let value = |field| String::from_utf8_lossy(record.get(line.as_bytes(), field)).into_owned();
    let all = Field::ALL.into_iter().map(|field| (field.as_str(), value(field)));
    all.filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn values_that_hold_the_literal_are_found_by_trying() {
    let format = "$remote_user [$time_local] $status";
    let line = "a [b] [22/Nov/2026:08:14:03 +0000] 200";
    assert_eq!(parsed("nginx", format, line).as_deref(), Some("status=200"));
    assert_eq!(parsed("nginx", "$a-$status-$b", "x-y-200-z").as_deref(), Some("status=200"));
    assert_eq!(parsed("nginx", "$a-$status-$b", "x-y-20-z"), None);
}

#[test]
fn variables_next_to_each_other_are_told_apart_where_possible() {
    for (format, line, wanted) in [
        ("$status$body_bytes_sent", "200512", "status=200 bytes=512"),
        ("$request_time$upstream_response_time;", "0.0230.021;", "request_time=0.023 upstream_time=0.021"),
        ("$host$request_uri $status", "a.example/b?c=/d 404", "url=/b?c=/d status=404"),
        ("$scheme://$host$uri", "https://a.example/b", "url=/b"),
        ("$host$scheme $status", "a.examplehttp 404", "status=404"),
        ("$remote_addr$status|$request_uri", "10.0.0.1200|/a", "url=/a status=200"),
        ("$request_uri$status", "/a/7404", "url=/a/7 status=404"),
        ("$request_uri$request_id;", "/a0123456789abcdef0123456789abcdef;", "url=/a"),
        ("${status}x$uri", "200x/a", "url=/a status=200"),
    ] {
        assert_eq!(parsed("nginx", format, line).as_deref(), Some(wanted), "{format}");
    }
    assert_eq!(
        parsed("apache", "%m %U%q %>s", "GET /a?b 200").as_deref(),
        Some("method=GET url=/a?b status=200")
    );
    assert_eq!(parsed("nginx", "$remote_addr$status|$uri", "10.0.0.1-20|/a"), None);
    let joined = Format::compile("nginx", "$host$status$scheme $uri").unwrap();
    assert_eq!(joined.warnings, ["`$host$status$scheme` stand next to each other and cannot be told apart"]);
    assert!(!joined.has(Field::Status) && joined.has(Field::Url));
}

#[test]
fn blanks_of_lists_end_nothing() {
    let format = "$upstream_addr $upstream_status $upstream_response_time $status";
    for (line, wanted) in [
        (
            "a:1, b:2 : c:3 502, - : 200 0.1, 0.2 : 0.3 200",
            "status=200 upstream_time=0.1, 0.2 : 0.3 upstream_status=502, - : 200 upstream_addr=a:1, b:2 : c:3",
        ),
        ("- - - 404", "status=404 upstream_time=- upstream_status=- upstream_addr=-"),
    ] {
        assert_eq!(parsed("nginx", format, line).as_deref(), Some(wanted));
        // The same with anchors.
        let (format, line) = (format!("\"$host\" {format}"), format!("\"x\" {line}"));
        assert_eq!(parsed("nginx", &format, &line).as_deref(), Some(wanted));
    }
    assert_eq!(
        parsed("nginx", "$upstream_addr : $status", "a : 200").as_deref(),
        Some("status=200 upstream_addr=a")
    );
}

#[test]
fn quotes_behind_backslashes_belong_to_the_value() {
    let format = r#"escape=json {"a":"$http_user_agent","u":"$request_uri"}"#;
    let line = r#"{"a":"x\",\"u\":\"/no\"}","u":"/yes\\"}"#;
    assert_eq!(parsed("nginx", format, line).as_deref(), Some(r"url=/yes\\"));
    assert_eq!(
        parsed("apache", "\"%r\" %s", r#""GET /\" 1 HTTP/1.0" 200"#).as_deref(),
        Some(r#"request=GET /\" 1 HTTP/1.0 status=200"#)
    );
}

#[test]
fn usual_lines_go_the_short_way() {
    for (family, format, line) in [
        ("nginx", "", r#"::1 - - [22/Nov/2026:08:14:03 +0000] "GET / HTTP/1.1" 200 7 "-" "a b""#),
        ("nginx", "$host|$status|$request_time", "a.example|200|0.023"),
        ("nginx", r#"escape=json {"s":"$status","u":"$uri"}"#, r#"{"s":"200","u":"/a"}"#),
        ("apache", "%h %t \"%r\" %>s %b %D", r#"h [22/Nov/2026:08:14:03 +0000] "GET / HTTP/1.0" 304 - 17"#),
    ] {
        let format = Format::compile(family, format).unwrap();
        let (anchored, mut record) = (format.anchored().unwrap(), Record::default());
        let anchors = line.bytes().enumerate().filter(|(_, byte)| *byte == anchored.anchor());
        let places: Vec<u16> = anchors.map(|(at, _)| at as u16).collect();
        assert!(anchored.parse(line.as_bytes(), 0, &places, line.len(), &mut record), "{line}");
        let short = told(&record, line);
        assert!(format.parse(line.as_bytes(), &mut record), "{line}");
        assert_eq!(short, told(&record, line));
    }
}

#[test]
fn what_makes_no_sense_is_told_with_its_place() {
    for (family, format, wanted) in [
        ("nginx", "$status ${uri", "at byte 8: `${` has no `}`"),
        ("nginx", "$status $", "at byte 8: `$` without the name"),
        ("nginx", "escape=xml $status", "at byte 7: `escape=xml` is not"),
        ("nginx", "plain", "no variable in it"),
        ("nginx", "$a\n$b", "entries of several lines"),
        ("apache", "%{Referer", "at byte 0: `%{` has no `}`"),
        ("apache", "%h %", "at byte 3: `%` without a letter"),
        ("haproxy", "%ci %[src", "at byte 4: `%[` has no `]`"),
        ("regex", "(?P<x>a)", "at byte 4: `x` is none of request, "),
        ("regex", "a(", "unclosed group"),
        ("regex", "", "a format is needed"),
        ("regex", "a", "no group has a name"),
        ("iis", "", "there is no family `iis`"),
    ] {
        let error = Format::compile(family, format).unwrap_err().to_string();
        assert!(error.contains(wanted), "{format}: {error}");
    }
}

/// A variable with the literal behind it.
type Piece = (Shape, &'static str);

/// The slow way: the same format as a regular expression with lazy groups.
fn reference(prefix: &str, pieces: &[Piece]) -> Regex {
    let group = |(shape, literal): &Piece| {
        let values = match shape {
            Shape::Text | Shape::Short | Shape::List => ".*?".to_owned(),
            Shape::Number | Shape::Seconds if literal.starts_with(['-', '1']) => ".*?".to_owned(),
            Shape::Number | Shape::Seconds => "[0-9.-]*".to_owned(),
            Shape::Status => "[0-9]{3}".to_owned(),
            Shape::Fixed(len) => format!(".{{{len}}}"),
        };
        format!("({values}){}", regex::escape(literal))
    };
    let all: String = pieces.iter().map(group).collect();
    Regex::new(&format!("(?s-u)^{}{all}$", regex::escape(prefix))).unwrap()
}

fn plan(prefix: &str, pieces: &[Piece]) -> Plan {
    let mut builder = PlanBuilder::new(Escape::None);
    builder.literal(prefix);
    for (field, (shape, literal)) in Field::ALL.into_iter().zip(pieces) {
        builder.variable("$x", Some(field), *shape);
        builder.literal(literal);
    }
    builder.build().unwrap()
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    const SHAPES: [Shape; 5] = [Shape::Text, Shape::Short, Shape::Number, Shape::Status, Shape::Fixed(2)];
    const LITERALS: [&str; 12] = [" ", "\"", "\" ", "\" \"", "|", " [", "] ", "-", "a", "ab", "1", " - "];
    prop::collection::vec((prop::sample::select(&SHAPES[..]), prop::sample::select(&LITERALS[..])), 1..6)
}

/// The places of the anchors in the line from the third byte to `end`, where there are as many as there have to be.
fn places(plan: &Plan, text: &str, end: usize) -> Option<Vec<u16>> {
    let anchored = plan.anchored()?;
    let is_anchor = |at: &usize| text.as_bytes()[*at] == anchored.anchor();
    let places: Vec<u16> = (3..end).filter(is_anchor).map(|at| at as u16).collect();
    (places.len() == anchored.len()).then_some(places)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_plan_finds_what_a_regular_expression_finds(
        prefix in "[a \\[]{0,2}",
        pieces in pieces(),
        values in prop::collection::vec("[a1. \\-\"|\\[\\]b]{0,4}|[0-9]{3}", 5),
        cut in 0usize..40,
        is_cut in prop::bool::weighted(0.2),
    ) {
        let mut line = prefix.clone();
        pieces.iter().zip(&values).for_each(|((_, literal), value)| line += &format!("{value}{literal}"));
        if is_cut {
            line.truncate(cut);
        }
        let (plan, mut record) = (plan(&prefix, &pieces), Record::default());
        let values = |record: &Record, text: &[u8]| {
            let value = |field| record.get(text, field).to_vec();
            Field::ALL.into_iter().take(pieces.len()).map(value).collect::<Vec<_>>()
        };
        let found = plan.parse(line.as_bytes(), &mut record).then(|| values(&record, line.as_bytes()));
        let wanted = reference(&prefix, &pieces).captures(line.as_bytes());
        let wanted = wanted.map(|all| all.iter().skip(1).map(|group| group.unwrap().as_bytes().to_vec()).collect());
        // The short way finds the same or nothing, whatever stands around the line.
        let text = format!("\" [{line}\n12 \"{line}\n");
        if let Some(places) = places(&plan, &text, 3 + line.len())
            && plan.anchored().is_some_and(|a| a.parse(text.as_bytes(), 3, &places, 3 + line.len(), &mut record))
        {
            prop_assert_eq!(Some(values(&record, text.as_bytes())), found.clone(), "{:?} {:?}", pieces, line);
        }
        prop_assert_eq!(found, wanted, "{:?} {:?}", pieces, line);
    }
}
