//! The grammar's edges, completion, and texts made at random.

use super::*;
use crate::catalog::{Catalog, ItemKind};
use crate::signature::{Choice, Names, Parameter, Signature, Type};
use stdx::random::Random;

const FITS: &[Choice] = &[Choice { value: "carry", doc: "" }, Choice { value: "nearest", doc: "" }];

const fn function(name: &'static str, source: bool, args: &'static [Parameter]) -> Signature {
    Signature { name, aliases: &[], summary: "", source, args, open: false, example: "" }
}

const ES: Signature = function(
    "es",
    true,
    &[
        Parameter::new("q", &[Type::Text], "").multi().names(Names::LabelQuery),
        Parameter::new("metric", &[Type::Text], "").multi().names(Names::Metric),
        Parameter::new("split", &[Type::Text], "").names(Names::Split),
        Parameter::new("fit", &[Type::Text], "").one_of(FITS),
        Parameter::new("kibana", &[Type::Boolean], ""),
    ],
);
const SUM: Signature = function("sum", false, &[Parameter::new("term", &[Type::Number, Type::Series], "")]);
const ABS: Signature = function("abs", false, &[]);
const FUNCTIONS: &[&Signature] = &[&ES, &SUM, &ABS];

struct Known;

impl Known {
    fn among(names: &[&str], prefix: &str, limit: usize) -> Vec<String> {
        names.iter().filter(|n| n.starts_with(prefix)).take(limit).map(|n| (*n).to_owned()).collect()
    }
}

impl Catalog for Known {
    fn metrics(&self, prefix: &str, limit: usize) -> Vec<String> {
        Self::among(&["cpu_seconds", "load1", "load15", "a:b c"], prefix, limit)
    }
    fn labels(&self, prefix: &str, limit: usize) -> Vec<String> {
        Self::among(&["__name__", "host", "mode"], prefix, limit)
    }
    fn values(&self, label: &str, prefix: &str, limit: usize) -> Vec<String> {
        let values: &[&str] = if label == "host" { &["db 1", "web1", "web2"] } else { &[] };
        Self::among(values, prefix, limit)
    }
}

#[test]
fn the_cursor_gets_what_fits_its_place() {
    // `|` is the cursor; then the characters replaced and the texts offered.
    let cases: &[(&str, &str, &[&str])] = &[
        ("|", "", &[".es("]),
        (".es(), |", "", &[".es("]),
        (".e|", "e", &["es("]),
        (".|", "", &["es("]),
        (".es().|", "", &["abs()", "sum("]),
        (".es().s|um(1)", "sum", &["sum"]),
        ("$x=.es(), $x.a|", "a", &["abs()"]),
        (
            ".es(|",
            "",
            &[
                "q=",
                "metric=",
                "split=",
                "fit=",
                "kibana=",
                "host:",
                "mode:",
                "cpu_seconds",
                "load1",
                "load15",
                "'\"a:b c\"'",
            ],
        ),
        (".es(m|)", "m", &["metric=", "mode:"]),
        (".es(f|=carry)", "f", &["fit"]),
        (".es(fit=|)", "", &["carry", "nearest"]),
        (".es(fit=n|)", "n", &["nearest"]),
        (".es(fit='n|')", "n", &["nearest"]),
        (".es(kibana=|)", "", &["true", "false"]),
        (
            ".es(fit=carry, |",
            "",
            &[
                "q=",
                "metric=",
                "split=",
                "kibana=",
                "avg:cpu_seconds",
                "avg:load1",
                "avg:load15",
                "'avg:a\\\\:b c'",
            ],
        ),
        (".es(metric=avg:lo|)", "avg:lo", &["avg:load1", "avg:load15"]),
        (".es(metric='max:|')", "max:", &["max:cpu_seconds", "max:load1", "max:load15", "max:a\\:b c"]),
        (".es(metric=avg:a|)", "avg:a", &["'avg:a\\\\:b c'"]),
        (".es(split=h|)", "h", &["host:5"]),
        (".es(q='ho|')", "ho", &["host:"]),
        (".es(q='host:w|')", "host:w", &["host:web1", "host:web2"]),
        (".es(q='load1 AND -host:w|')", "host:w", &["host:web1", "host:web2"]),
        (".es(q='host:d|')", "host:d", &["host:\"db 1\""]),
        (".es(q=host:web|)", "host:web", &["host:web1", "host:web2"]),
        (".es().sum(|)", "", &["term=", ".es("]),
        (".es().sum(.es(metric=avg:load1|", "avg:load1", &["avg:load1", "avg:load15"]),
        (".es() |", "", &[]),
        (".nosuch(|)", "", &[]),
    ];
    for (text, replaced, wanted) in cases {
        let cursor = text.chars().position(|c| c == '|').unwrap();
        let text = text.replace('|', "");
        let found = complete(&text, cursor, FUNCTIONS, &Known);
        let texts: Vec<&str> = found.items.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(texts, *wanted, "{text}");
        let span: String =
            text.chars().skip(found.span.start).take(found.span.end - found.span.start).collect();
        assert_eq!(span, *replaced, "{text}");
    }
    let found = complete(".es(metric=avg:load1", 20, FUNCTIONS, &Known);
    assert_eq!((found.items[0].kind, found.items[0].label.as_str()), (ItemKind::Metric, "load1"));
}

#[test]
fn what_completion_writes_is_read_back() {
    for (text, cursor) in [(".es(metric=avg:a)", 16), (".es(q='host:d')", 13), (".es(q=host:d)", 12)] {
        let found = complete(text, cursor, FUNCTIONS, &Known);
        let chars: Vec<char> = text.chars().collect();
        let before: String = chars[..found.span.start].iter().collect();
        let after: String = chars[found.span.end..].iter().collect();
        let whole = format!("{before}{}{after}", found.items[0].text);
        let planned = plan(&[&whole], FUNCTIONS);
        assert!(planned.results[0].is_ok(), "{whole}: {:?}", planned.results[0]);
    }
}

#[test]
fn deep_and_long_texts_are_refused() {
    let deep = format!("{}{}", ".es().sum(".repeat(500), ")".repeat(500));
    assert!(parse(&deep).unwrap_err().message.contains("deeper"));
    assert!(parse(&"(".repeat(500)).unwrap_err().message.contains("deeper"));
    assert!(parse(&format!(".es('{}')", "x".repeat(70_000))).unwrap_err().message.contains("longer"));
    let long = format!(".es(){}", ".abs()".repeat(5000));
    assert!(plan(&[&long], FUNCTIONS).results[0].is_ok());
    let many = vec![".es()"; 200];
    assert!(plan(&many, FUNCTIONS).results[150].is_err());
}

#[test]
fn no_text_makes_anything_panic_or_hang() {
    let pieces = [
        ".",
        "es",
        "(",
        ")",
        "sum",
        "abs",
        ",",
        "=",
        "\"",
        "'",
        "\\",
        "@",
        "1",
        ":",
        "$",
        "x",
        " ",
        "q",
        "metric",
        "avg:",
        "-1.5e3",
        "null",
        "true",
        "ä",
        "fit",
        "carry",
        "host:web1 AND ",
        "*",
    ];
    let mut random = Random::from_seed(3);
    for _ in 0..30_000 {
        let count = random.below(16);
        let text: String = (0..count).map(|_| pieces[random.below(pieces.len() as u64) as usize]).collect();
        let chars = text.chars().count();
        let planned = plan(&[&text, "@1"], FUNCTIONS);
        if let Err(error) = &planned.results[0] {
            assert!(error.span.start <= chars && error.span.end <= chars + 1, "{text}: {error:?}");
            error.caret(&text);
        }
        let cursor = random.below(chars as u64 + 2) as usize;
        let found = complete(&text, cursor, FUNCTIONS, &Known);
        assert!(found.span.start <= found.span.end && found.span.end <= chars, "{text} {cursor}: {found:?}");
    }
}
