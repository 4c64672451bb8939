use crate::{Field, Format, Record};

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
        ("${status}x$uri", "200x/a", "url=/a status=200"),
    ] {
        assert_eq!(parsed("nginx", format, line).as_deref(), Some(wanted), "{format}");
    }
    assert_eq!(
        parsed("apache", "%m %U%q %>s", "GET /a?b 200").as_deref(),
        Some("method=GET url=/a?b status=200")
    );
    let joined = Format::compile("nginx", "$host$scheme$status $uri").unwrap();
    assert_eq!(joined.warnings, ["`$host$scheme$status` stand next to each other and cannot be told apart"]);
    assert!(!joined.has(Field::Status) && joined.has(Field::Url));
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
