use super::*;
use std::sync::Arc;

fn parsed(family: &str, format: &str, line: &str) -> Option<String> {
    let format = Format::compile(family, format).unwrap();
    let mut record = Record::default();
    format.prepare(&mut record);
    let value =
        |record: &Record, field| String::from_utf8_lossy(record.get(line.as_bytes(), field)).into_owned();
    format.parse(line.as_bytes(), &mut record).then(|| {
        let all = Field::ALL.into_iter().map(|field| (field.as_str(), value(&record, field)));
        let told = all.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}"));
        told.collect::<Vec<_>>().join(" ")
    })
}

#[test]
fn every_family_reads_its_example() {
    assert_eq!(FAMILIES.iter().map(|row| row.name).collect::<Vec<_>>(), FAMILY_NAMES);
    for row in FAMILIES {
        assert!(!row.summary.is_empty());
        let format = Arc::new(Format::compile(row.name, row.example_format).unwrap());
        if format.dialect().is_some() {
            let read = crate::read_messages(&format, format!("{}\n", row.example).as_bytes());
            assert_eq!(read, (1, 0), "{}", row.name);
            continue;
        }
        let told =
            parsed(row.name, row.example_format, row.example).unwrap_or_else(|| panic!("{}", row.name));
        assert!(told.contains("status=200") && told.contains("/cart/17"), "{}: {told}", row.name);
    }
}

#[test]
fn what_servers_write_is_understood() {
    for (family, format, line, wanted) in [
        ("nginx", "", r#"::1 - - [22/Nov/2026:08:14:03 +0000] "" 400 0 "-" "-""#, "status=400 bytes=0"),
        (
            "nginx",
            "",
            r#"::1 - j d [22/Nov/2026:08:14:03 +0000] "GET /\x22 x HTTP/1.1" 200 7 "-" "a b""#,
            r"request=GET /\x22 x HTTP/1.1 status=200 bytes=7",
        ),
        (
            "apache",
            "common",
            r#"h - - [22/Nov/2026:08:14:03 +0000] "GET / HTTP/1.0" 304 -"#,
            "request=GET / HTTP/1.0 status=304 bytes=-",
        ),
        (
            "apache",
            r#"%{X}i %400,501{UA}i %{%s}t %^FB \"%r\" %>s %{us}T"#,
            r#"- - 1 2 "GET / HTTP/1.0" 200 17"#,
            "request=GET / HTTP/1.0 status=200 request_time=17",
        ),
        (
            "haproxy",
            "",
            r#"1.2.3.4:5 [22/Nov/2026:08:14:03.655] f b/s 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET /x HTTP/1.1""#,
            "request=GET /x HTTP/1.1 status=200 bytes=2750 request_time=109 upstream_time=69 upstream_addr=s",
        ),
        (
            "haproxy",
            "tcplog",
            "<134>Nov 22 08:14:03 haproxy[9]: 1.2.3.4:5 [22/Nov/2026:08:14:03.655] f b/<NOSRV> 0/-1/5007 212 SC 0/0/0/0/3 0/0",
            "bytes=212 request_time=5007 upstream_addr=<NOSRV>",
        ),
        (
            "json",
            "",
            r#" {"a":[1,{"b":"]"}],"Status":404,"url":"\/a\u002fb","method":null}"#,
            "url=/a/b status=404",
        ),
        ("json", "url=x.y", r#"{"x":{"y":"/1"},"url":"/2"}"#, "url=/1"),
        (
            "logfmt",
            "",
            r#"flag status=200 path="/a \"b\"" took=1.5ms"#,
            r#"url=/a "b" status=200 request_time=1.5ms"#,
        ),
    ] {
        assert_eq!(parsed(family, format, line).as_deref(), Some(wanted), "{line}");
    }
}

#[test]
fn other_lines_are_refused() {
    for (family, line) in [
        ("nginx", ""),
        ("nginx", "2026/11/22 08:14:03 [error] 1#1: *1 open() failed"),
        ("apache", "x - - [22/Nov/2026:08:14:03 +0000] \"GET / HTTP/1.0\" 304"),
        ("json", "{\"status\":200"),
        ("json", "[]"),
        ("json", "{\"a\":\"\\"),
        ("json", "{\"a\":[[["),
        ("logfmt", "no such thing=here"),
    ] {
        assert_eq!(parsed(family, "", line), None, "{line}");
    }
}
