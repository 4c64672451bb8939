//! Put beside carbon's own loader.

use super::{Aggregation, Method, Retention, Schema, aggregations, schemas};
use std::path::PathBuf;
use std::process::Command;

const SCRIPT: &str = include_str!("tests/load.py");

const SCHEMAS: &str = "\
# A comment
; another
[carbon]
pattern = ^carbon\\.
retentions = 60:90d

[Odd name]
PATTERN: ^a[0-9]{2}\\.(x|y)%%$
  # a comment between
retentions = 10s:6h ,
    60s:7d,3600s:1y
xFilesFactor = 0.1
[no pattern]
retentions = 60s:1d
[no retentions]
pattern = x
[not divisible]
pattern = y
retentions = 180s:7d,300s:30d
[points]
pattern = =z
retentions = 60:1440,1h:48
[default]
pattern = .*
retentions = 60s:1d,5m:30d,1h:3y
";

const AGGREGATIONS: &str = "\
[min]
pattern = \\.min$
xFilesFactor = 0.1
aggregationMethod = min
[number]
pattern = \\.n$
xFilesFactor = half
[sum]
pattern = \\.count$
aggregationMethod = sum
[nothing]
xFilesFactor = 0
[rest]
pattern = .*
xFilesFactor = 1
";

/// What carbon makes of a file; nothing when it is not installed, which is said aloud.
fn theirs(kind: &str, file: &str, text: &str) -> Option<String> {
    let folder: PathBuf =
        std::env::temp_dir().join(format!("windhover-carbon-{}-{kind}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(file), text).unwrap();
    let output = Command::new("/usr/bin/python3").arg("-c").arg(SCRIPT).arg(&folder).arg(kind).output();
    std::fs::remove_dir_all(&folder).ok();
    let text = output.as_ref().map(|o| String::from_utf8_lossy(&o.stderr).into_owned()).unwrap_or_default();
    if output.is_err() || text.contains("ModuleNotFoundError") {
        println!("skipped: graphite-carbon is not installed");
        return None;
    }
    let output = output.unwrap();
    assert!(output.status.success(), "{text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn schema_line(schema: &Schema) -> String {
    let retentions = schema.retentions.iter().map(|r| format!("{}:{}", r.step_s, r.points));
    format!("{}|{}|{}\n", schema.name, schema.pattern, retentions.collect::<Vec<_>>().join(","))
}

fn aggregation_line(rule: &Aggregation) -> String {
    let factor = rule.x_files_factor.map_or("None".into(), |x| format!("{x:?}"));
    let method = rule.method.map_or("None".into(), |m| format!("{m:?}").to_lowercase());
    format!("{}|{}|{factor} {method}\n", rule.name, rule.pattern)
}

#[test]
fn schemas_are_those_that_carbon_loads() {
    let ours = schemas(SCHEMAS).unwrap();
    let lines: String = ours.rules.iter().map(schema_line).collect();
    let names: Vec<_> = ours.rules.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["carbon", "Odd name", "points", "default"]);
    assert_eq!(ours.rules[1].pattern, "^a[0-9]{2}\\.(x|y)%$");
    let told: Vec<_> = ours.passed_over.iter().map(ToString::to_string).collect();
    let wanted = [
        "line 13: [no pattern] has no `pattern`",
        "line 15: [no retentions] has no `retentions`",
        "line 19: [not divisible] 300 s is no multiple of 180 s",
    ];
    assert_eq!(told, wanted);
    if let Some(theirs) = theirs("schemas", "storage-schemas.conf", SCHEMAS) {
        assert_eq!(lines, theirs);
    }
}

#[test]
fn aggregations_are_those_that_carbon_loads() {
    let ours = aggregations(AGGREGATIONS).unwrap();
    let lines: String = ours.rules.iter().map(aggregation_line).collect();
    assert_eq!(ours.rules.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["min", "sum", "rest"]);
    assert_eq!((ours.rules[0].x_files_factor, ours.rules[0].method), (Some(0.1), Some(Method::Min)));
    let told: Vec<_> = ours.passed_over.iter().map(ToString::to_string).collect();
    let wanted =
        ["line 7: [number] xFilesFactor: `half` is no number", "line 11: [nothing] has no `pattern`"];
    assert_eq!(told, wanted);
    if let Some(theirs) = theirs("aggregations", "storage-aggregation.conf", AGGREGATIONS) {
        assert_eq!(lines, theirs);
    }
}

#[test]
fn retentions_have_every_unit_and_points() {
    let read = |text: &str| {
        let file = format!("[a]\npattern = x\nretentions = {text}\n");
        schemas(&file).map(|rules| rules.rules[0].retentions.clone()).map_err(|p| p.to_string())
    };
    let of = |step_s, points| Retention { step_s, points };
    assert_eq!(read("10s:6h,1min:7d"), Ok(vec![of(10, 2160), of(60, 10_080)]));
    assert_eq!(read("1hours:2weeks,60:120"), Ok(vec![of(60, 120), of(3600, 336)]), "sorted");
    assert_eq!(read("1d:1y"), Ok(vec![of(86_400, 365)]));
    for (text, reason) in [
        ("60s", "`60s` is no retention like 60s:7d"),
        ("0:5", "`0:5`: a point of no time"),
        ("60s:7x", "`7x` is no number with a unit of s, min, h, d, w or y"),
        ("60s:-1", "`-1` is no number with a unit of s, min, h, d, w or y"),
        ("s:1d", "`s` is no number with a unit of s, min, h, d, w or y"),
    ] {
        assert_eq!(read(text), Err(format!("line 3: [a] {reason}")));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let error = |text: &str| schemas(text).unwrap_err().to_string();
    assert_eq!(error("a = b\n"), "line 1: `a = b` stands before the first [section]");
    assert_eq!(error("[a]\nnothing\n"), "line 2: `nothing` has neither `=` nor `:`");
    assert_eq!(error("[a]\n[b]\n\n[a]\n"), "line 4: [a] is there already, in line 1");
    assert_eq!(error("[a]\nx = 1\nX : 2\n"), "line 3: [a] has `x` already, in line 2");
    assert_eq!(error("[a]\npattern = %d\n"), "line 2: `%d`: a percent sign is written `%%`");
    assert!(error("[DEFAULT]\n").starts_with("line 1: [DEFAULT] is no section"));
    let method = aggregations("[a]\npattern = x\naggregationMethod = median\n").unwrap_err();
    assert!(method.to_string().starts_with("line 3: [a] aggregationMethod: `median` is none of average"));
}
