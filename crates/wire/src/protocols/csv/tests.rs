use super::*;
use crate::tests::{NOW_MS, dump};

fn decoded(input: &str) -> String {
    let mut batch = Batch::new();
    let report = decode(input.as_bytes(), &Context::at(NOW_MS), &mut batch);
    dump(&batch, &report)
}

#[test]
fn a_line_of_names_says_what_columns_are() {
    assert_eq!(
        decoded(
            "\nTime,metric,Value,host,\"a,b\"\n1700000000,load1,0.5,web1,\"x \"\"y\"\"\"\n2023-11-14T22:13:21Z,load1,NaN,web1,\n"
        ),
        "2 accepted, 0 rejected, 0 skipped\n1700000000000 unknown load1{a,b=\"x \\\"y\\\"\",host=\"web1\"} 0.5\n\
         1700000001000 unknown load1{host=\"web1\"} NaN\n"
    );
    assert_eq!(
        decoded("time,host,load1,load5\n1700000000500,web1,0.5,1\n1700000001500,web2,,2\n"),
        "3 accepted, 0 rejected, 1 skipped\n1700000000500 unknown load1{host=\"web1\"} 0.5\n\
         1700000000500 unknown load5{host=\"web1\"} 1\n1700000001500 unknown load5{host=\"web2\"} 2\n"
    );
    assert_eq!(
        decoded("series,value\r\n\"up{host=\"\"a\"\",job=\"\"b\"\"}\",1\r\n"),
        format!("1 accepted, 0 rejected, 0 skipped\n{NOW_MS} unknown up{{host=\"a\",job=\"b\"}} 1\n")
    );
}

#[test]
fn a_format_says_it_in_victoriametrics_words() {
    let decode_by_text = |format: &str, input: &str| {
        let mut batch = Batch::new();
        let columns = Columns::parse(format).unwrap();
        let report = decode_by(&columns, input.as_bytes(), &Context::at(NOW_MS), &mut batch);
        dump(&batch, &report)
    };
    // The example of its documentation.
    assert_eq!(
        decode_by_text("2:metric:ask,3:metric:bid,1:label:ticker", "GOOG,1.23,4.56\n"),
        format!(
            "2 accepted, 0 rejected, 0 skipped\n{NOW_MS} unknown ask{{ticker=\"GOOG\"}} 1.23\n{NOW_MS} unknown bid{{ticker=\"GOOG\"}} 4.56\n"
        )
    );
    assert_eq!(
        decode_by_text("1:time:unix_s,2:metric:a", "1700000000,1\nx,1\n1700000000\n1700000000,x\ny"),
        "1 accepted, 4 rejected, 0 skipped\nrejected line 2: time `x` is not a number\nrejected line 3: 1 cells, 2 are needed\n\
         rejected line 4: value `x` is not a number\nrejected line 5: 1 cells, 2 are needed\n1700000000000 unknown a 1\n"
    );
    for (format, why) in [
        ("", "format: `` is not column:kind:name"),
        ("0:metric:a", "format: `0:metric:a` is not column:kind:name"),
        ("1:time:custom", "format: `custom` is none of unix_s, unix_ms, unix_us, unix_ns and rfc3339"),
        ("1:tag:a", "format: `tag` is none of metric, label and time"),
        ("1:label:a", "no column has values"),
        ("1:time:unix_s,2:time:unix_s,3:metric:a", "several columns have times"),
    ] {
        assert_eq!(Columns::parse(format).unwrap_err(), why);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    assert_eq!(
        decoded("time,metric,value\n1700000000,\"a,1\nsoon,a,1\n,a,1\n1700000000,,1\n1700000000,a,1\n"),
        "1 accepted, 4 rejected, 0 skipped\nrejected line 2: a quote is not closed\n\
         rejected line 3: time `soon` is not a number or a date\nrejected line 4: the time is missing\n\
         rejected line 5: a sample without a metric\n1700000000000 unknown a 1\n"
    );
    assert!(decoded("a,b\nx,y\n").contains("rejected line 1: no column has values"));
    assert!(decoded("time,,value\n").contains("rejected line 1: column 2 has no name"));
    assert_eq!(decoded("\n\n"), "0 accepted, 0 rejected, 0 skipped\n");
}
