//! Formats of data, with the bytes of the web application.

use super::*;
use crate::dialects::graphite::formats;
use query::graphite::Series;

fn series() -> Vec<Series> {
    let nan = f64::NAN;
    vec![
        Series::new("web.a.cpu", 1_700_000_040, 1_700_000_220, 60, vec![1.0, nan, 0.1]),
        Series::new("alias \"ö\", b", 1_700_000_040, 1_700_000_220, 60, vec![f64::INFINITY, 1e16, -2.5]),
    ]
}

fn written(name: &str, query: &str) -> (u16, String) {
    text_of(&(formats::find(name).unwrap().write)(&series(), &asked(query)).unwrap())
}

#[test]
fn every_format_has_the_bytes_of_the_web_application() {
    let json = "[{\"target\": \"web.a.cpu\", \"tags\": {\"name\": \"web.a.cpu\"}, \"datapoints\": [[1.0, 1700000040], \
                [null, 1700000100], [0.1, 1700000160]]}, {\"target\": \"alias \\\"\\u00f6\\\", b\", \"tags\": \
                {\"name\": \"alias \\\"\\u00f6\\\", b\"}, \"datapoints\": [[1e9999, 1700000040], [1e+16, 1700000100], \
                [-2.5, 1700000160]]}]";
    assert_eq!(written("json", "").1, json);
    assert_eq!(
        written("raw", "").1,
        "web.a.cpu,1700000040,1700000220,60|1.0,None,0.1\nalias \"ö\", b,1700000040,1700000220,60|inf,1e+16,-2.5\n"
    );
    assert_eq!(
        written("csv", "tz=Europe/Berlin").1,
        "web.a.cpu,2023-11-14 23:14:00,1.0\r\nweb.a.cpu,2023-11-14 23:15:00,\r\nweb.a.cpu,2023-11-14 23:16:00,0.1\r\n\
         \"alias \"\"ö\"\", b\",2023-11-14 23:14:00,inf\r\n\"alias \"\"ö\"\", b\",2023-11-14 23:15:00,1e+16\r\n\
         \"alias \"\"ö\"\", b\",2023-11-14 23:16:00,-2.5\r\n"
    );
    assert_eq!(
        written("dygraph", "").1,
        "{\"labels\" : [\"Time\", \"web.a.cpu\", \"alias \\\"\\u00f6\\\", b\"], \"data\" : [[1700000040000, 1.0, \
         Infinity], [1700000100000, null, 1e+16], [1700000160000, 0.1, -2.5]]}"
    );
    assert!(written("rickshaw", "").1.starts_with(
        "[{\"target\": \"web.a.cpu\", \"datapoints\": [{\"x\": 1700000040, \"y\": 1.0}, {\"x\": 1700000100, \"y\": null}"
    ));
}

#[test]
fn nulls_can_be_left_out_and_answers_wrapped_and_indented() {
    let (_, text) = written("json", "noNullPoints=1");
    assert!(text.contains("\"datapoints\": [[1.0, 1700000040], [0.1, 1700000160]]"), "{text}");
    let (_, text) = written("json", "jsonp=got.it");
    assert!(text.starts_with("got.it([{") && text.ends_with("}])"));
    let (_, text) = written("json", "pretty=1");
    assert!(text.starts_with("[\n  {\n    \"target\": \"web.a.cpu\",\n    \"tags\": {\n"), "{text}");
    let bad = (formats::find("json").unwrap().write)(&series(), &asked("jsonp=alert(1)//")).err().unwrap();
    assert_eq!(bad.status.as_u16(), 400);
}

#[test]
fn packed_formats_start_and_end_as_they_must() {
    let Body::Full(pickle) = (formats::find("pickle").unwrap().write)(&series(), &asked("")).unwrap().body
    else {
        panic!()
    };
    assert!(
        pickle.starts_with(b"\x80\x02](}(X\x04\0\0\0nameX\x09\0\0\0web.a.cpu") && pickle.ends_with(b"ue.")
    );
    let Body::Full(msgpack) = (formats::find("msgpack").unwrap().write)(&series(), &asked("")).unwrap().body
    else {
        panic!()
    };
    assert!(msgpack.starts_with(b"\x92\x89\xa4name\xa9web.a.cpu\xa5start\xce"));
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let api = house();
    let cases = [
        ("target=a&from=-1h&until=-1h", "Invalid empty time range"),
        ("target=a&from=yesternight", "yesternight"),
        ("target=a&from=-1h-30min", "one sign"),
        ("target=a&format=pdf", "PDF is not drawn; ask for svg or png"),
        ("target=a&format=xlsx", "known are json, raw, csv, pickle, msgpack, dygraph, rickshaw, png, svg"),
        ("target=a&graphType=bar", "Invalid graphType 'bar'"),
        ("target=a&width=100000", "width '100000'"),
        ("target=a&lineMode=wavy", "lineMode 'wavy'"),
        ("target=a&logBase=1", "logBase"),
        ("target=a&yUnitSystem=miles", "yUnitSystem"),
        ("target=a&xFilesFactor=half&format=json", "xFilesFactor"),
        ("target=a:b&graphType=pie", "Invalid target 'a:b'"),
    ];
    for (query, wanted) in cases {
        let (status, text) = text_of(&get(&api, "/render", query));
        assert_eq!(status, 400, "{query}: {text}");
        assert!(text.starts_with("Invalid parameters (") && text.contains(wanted), "{query}: {text}");
    }
}

#[test]
fn a_range_is_read_in_the_zone_and_turned_the_right_way() {
    let one = asked("from=1700000000&until=1600000000");
    assert_eq!((one.from_s, one.until_s), (1_600_000_000, 1_700_000_000));
    let one = asked("");
    assert_eq!((one.from_s, one.until_s), (NOW_MS / 1000 - 86_400, NOW_MS / 1000));
    let one = asked("now=1600000000&from=-1min");
    assert_eq!((one.from_s, one.until_s), (1_599_999_940, 1_600_000_000));
    let (berlin, utc) = (asked("from=midnight&tz=Europe/Berlin"), asked("from=midnight"));
    assert_eq!((berlin.from_s - utc.from_s).rem_euclid(86_400), 86_400 - 3600);
}
