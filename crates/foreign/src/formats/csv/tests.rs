use super::super::CSV;
use crate::Options;
use crate::tests::rig::{Read, options, read_bytes};

fn with(pairs: &[(&'static str, &str)]) -> Options {
    let mut options = options();
    pairs.iter().for_each(|(name, value)| options.add(name, *value));
    options
}

fn seen(all: &Read) -> Vec<String> {
    let mut lines = Vec::new();
    for (series, (_, samples)) in &all.series {
        lines.extend(samples.iter().map(|(time_ms, value)| format!("{series} {value} {time_ms}")));
    }
    lines
}

#[test]
fn tables_of_every_layout_are_read() {
    type Said<'a> = &'a [(&'static str, &'a str)];
    let cases: &[(&str, Said<'_>, &[&str])] = &[
        (
            "time,host,load1,load5\n2023-11-14T22:13:20Z,web1,0.5,\n2023-11-14T22:13:30Z,web2,1,2\n",
            &[],
            &[
                r#"load1{host="web1"} 0.5 1700000000000"#,
                r#"load1{host="web2"} 1 1700000010000"#,
                r#"load5{host="web2"} 2 1700000010000"#,
            ],
        ),
        (
            "series,time,value\n\"up{a=\"\"1\"\",b=\"\"x,y\"\"}\",1700000000,1\nup,1700000000.5,-Inf\n",
            &[],
            &["up -inf 1700000000500", r#"up{a="1",b="x,y"} 1 1700000000000"#],
        ),
        (
            "metric,code,time_ms,value\nrequests,200,1700000000000,3\n",
            &[],
            &[r#"requests{code="200"} 3 1700000000000"#],
        ),
        (
            "Datum;Raum;Grad\n2023-11-14 22:13:20;Küche;20,5\n2023-11-14 22:13:30;Küche;n\n",
            &[("decimal-comma", ""), ("metric", "temperature")],
            &[r#"temperature{Raum="Küche"} 20.5 1700000000000"#],
        ),
        ("1700000000\t5\t6\n", &[("value", "3"), ("metric", "m")], &["m 6 1700000000000"]),
        (
            "when,a,rack\n1700000000,5,7\n",
            &[("label-column", "rack=place")],
            &[r#"a{place="7"} 5 1700000000000"#],
        ),
        (
            "time,\"up{a=\"\"1\"\"}\",up\n1700000000,1,2\n",
            &[],
            &["up 2 1700000000000", r#"up{a="1"} 1 1700000000000"#],
        ),
    ];
    for (text, options, wanted) in cases {
        let all = read_bytes(&CSV, text.as_bytes(), &with(options));
        assert_eq!(&seen(&all), wanted, "{text}{}", all.report);
    }
}

#[test]
fn broken_lines_are_told_and_cost_themselves_only() {
    let text = "time,a\n1700000000,1\nsoon,2\n1700000010,\"3\n1700000020,x\n1700000030,4,5\n1700000040,1,5\n\n1700000050,6\n";
    let all = read_bytes(&CSV, text.as_bytes(), &options());
    let reasons: Vec<String> =
        all.report.reasons.iter().map(|r| format!("{}: {}", r.position, r.reason)).collect();
    assert_eq!(
        reasons,
        [
            "line 3: `soon` is not a time",
            "line 4: a quote is not closed on its line",
            "line 5: `x` in column 2 is not a number",
            "line 6: 3 cells, the first line has 2",
            "line 7: 3 cells, the first line has 2",
        ]
    );
    assert_eq!(seen(&all), ["a 1 1700000000000", "a 6 1700000050000"]);
}

#[test]
fn options_that_name_no_column_say_which_there_are() {
    let mut input = crate::Input::stream(Box::new(&b"time,a\n1700000000,1\n"[..]));
    let (_, result) = crate::tests::rig::read(&CSV, &mut input, &with(&[("value", "b")]));
    assert_eq!(result.unwrap_err().to_string(), "there is no column `b` (there are: time, a)");
}
