//! What texts mean, and what is said of wrong ones.

use super::*;
use crate::promql::ast::Kind;

fn message(text: &str) -> String {
    let error = parse(text).expect_err(text);
    format!("{}..{} {}", error.span.start, error.span.end, error.message)
}

#[test]
fn functions_and_aggregators_stand_in_order_and_are_explained() {
    let names: Vec<&str> = functions::FUNCTIONS.iter().map(|f| f.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    let aggregators: Vec<&str> = functions::AGGREGATORS.iter().map(|a| a.name).collect();
    assert!(aggregators.is_sorted_by(|a, b| a < b), "{aggregators:?}");
    assert!(functions::FUNCTIONS.iter().all(|f| !f.summary.is_empty() && functions::find(f.name) == Some(f)));
}

#[test]
fn numbers_are_decimal_hexadecimal_octal_durations_and_words() {
    for (text, expected) in [
        ("1", 1.0),
        ("0x1F", 31.0),
        ("0755", 493.0),
        ("08", 8.0),
        ("1_000", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("2.5E-1", 0.25),
        ("1h30m", 5400.0),
        ("1ms", 0.001),
        ("1y2w", 32_745_600.0),
        ("-1", -1.0),
        ("+Inf", f64::INFINITY),
        ("iNf", f64::INFINITY),
    ] {
        match parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).kind {
            Kind::Number { value, .. } => assert_eq!(value, expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(parse("NaN").unwrap().kind, Kind::Number { value, .. } if value.is_nan()));
}

#[test]
fn errors_say_what_prometheus_says_and_point_at_it() {
    for (text, expected) in [
        ("", "0..0 no expression found in input"),
        ("1+", "2..2 unexpected end of input"),
        ("x !x", "2..3 unexpected character after '!': 'x'"),
        ("x = 1", "2..3 unexpected \"=\""),
        ("rate(x[5m],)", "10..11 trailing commas not allowed in function call args"),
        ("sum by x (y)", "7..8 unexpected identifier \"x\" in grouping opts, expected \"(\""),
        ("sum by (1) (y)", "8..9 unexpected number \"1\" in grouping opts, expected label"),
        ("x{a}", "3..4 unexpected \"}\" in label matching, expected label matching operator"),
        ("x{a=b}", "4..5 unexpected identifier \"b\" in label matching, expected string"),
        ("x{a=\"b\"", "7..7 unexpected end of input inside braces"),
        ("(1", "2..2 unclosed left parenthesis"),
        ("1)", "1..2 unexpected right parenthesis ')'"),
        ("\"a", "0..2 unterminated quoted string"),
        ("1x", "0..2 bad number or duration syntax: \"1x\""),
        ("x[5m", "4..4 unclosed left bracket"),
        ("x[0s]", "2..4 duration must be greater than 0"),
        ("rate(x)", "5..6 expected type range vector in call to function \"rate\", got instant vector"),
        ("abs()", "0..5 expected 1 argument(s) in call to \"abs\", got 0"),
        ("foo(x)", "0..3 unknown function with name \"foo\""),
        ("topk(x)", "0..7 wrong number of arguments for aggregate expression provided, expected 2, got 1"),
        ("1 > 2", "2..3 comparisons between scalars must use BOOL modifier"),
        ("x + bool y", "2..3 bool modifier can only be used on comparison operators"),
        ("{}", "0..2 vector selector must contain at least one non-empty matcher"),
        ("x{__name__=\"y\"}", "0..15 metric name must not be set twice: \"x\" or \"y\""),
        ("x offset 5m offset 5m", "0..11 offset may not be set multiple times"),
        ("x and 1", "0..7 set operator \"and\" not allowed in binary scalar expression"),
        ("(x)[5m]", "3..7 ranges only allowed for vector selectors"),
        ("x offset 5m [5m]", "12..16 no offset modifiers allowed before range"),
        ("1 or", "4..4 unexpected end of input"),
        ("on", "0..2 unexpected <on>"),
        ("x + fill(0) fill_left(1) y", "12..21 what stands for missing series is said twice"),
        ("x §", "2..3 unexpected character: '§'"),
        ("x{ä=\"\"}", "2..3 unexpected character inside braces: 'ä'"),
    ] {
        assert_eq!(message(text), expected, "{text}");
    }
}

#[test]
fn hints_name_what_was_meant() {
    for (text, hint) in [
        ("ratee(x[5m])", "did you mean rate?"),
        ("holt_winters(x[5m], 1, 1)", "did you mean double_exponential_smoothing?"),
        ("rate(x)", "add a range, such as [5m]"),
        ("abs(1)", "put vector() around it"),
        ("1 > 2", "write bool after the operator"),
    ] {
        assert_eq!(parse(text).unwrap_err().hint.as_deref(), Some(hint), "{text}");
    }
}

#[test]
fn words_of_the_language_are_names_where_they_can_be() {
    for text in [
        "sum",
        "by + avg",
        "fill + fill(0) other",
        "x + fill_left(0) fill_left",
        "start * end",
        "step{a=\"b\"}",
        "sum by (on, bool, start)(offset)",
        "offset offset 5m",
        "or or or",
        "a:b:c",
        "{\"my.metric\", \"a.b\"=\"c\"}",
        "sum without (\"a.b\",) (x)",
        "# why\nx # because",
    ] {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}\n{}", error.caret(text)));
    }
}

#[test]
fn deep_and_long_texts_are_refused_and_do_not_exhaust_the_stack() {
    for text in [
        "(".repeat(10_000),
        "-".repeat(10_000),
        "1+".repeat(10_000),
        "a^".repeat(10_000),
        "abs(".repeat(5000),
    ] {
        assert!(parse(&text).is_err());
    }
    assert!(message(&format!("{}1", "(".repeat(200))).contains("more than 100 levels deep"));
    assert!(message(&format!("{}1", "1+".repeat(2000))).contains("more than 500 operators"));
    let long = format!("{}1", "1+".repeat(OPERATORS_MAX));
    assert!(parse(&long).is_ok());
}

#[test]
fn places_are_characters() {
    let expr = parse("\"äöü\" == bool x").unwrap_err();
    assert_eq!((expr.span.start, expr.span.end), (0, 5));
}
