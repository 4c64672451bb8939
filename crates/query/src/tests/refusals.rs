//! What is wrong is said with its place.

use super::*;
use crate::{Limits, run};
use std::time::Duration;

#[test]
fn every_refusal_points_at_its_characters() {
    // (expression, the characters it is about, words of the message, words of the hint)
    let cases = [
        ("es()", "es", "not a series expression", "dot"),
        (".es(", "(", "never closed", "add"),
        (".es(q='a)", "'", "quote", "add"),
        (".es", "es", "missing", ".es()"),
        (".es().movingavarage(5)", "movingavarage", "no function", "movingaverage"),
        (".abs()", "abs", "before it", ".es().abs"),
        (".es().es()", "es", "starts a chain", "comma"),
        (".es().abs(5)", "5", "no argument in this place", "no arguments"),
        (".es(metrik=avg:x)", "metrik", "no argument `metrik`", "metric"),
        (".es().sum('2')", "'2'", "not the text `2`", "without quotes"),
        (".es().sum(.es)", ".es", "not the text", ".es()"),
        (".es().trim(true)", "true", "takes a number", ""),
        (".es().fit(avarage)", "avarage", "cannot be `avarage`", "average"),
        (".es().color()", "color", "needs `color`", "such as"),
        (".es().color(blu)", "blu", "not a colour", "blue"),
        (".es().trim(1, start=2)", "2", "given twice", ""),
        (".es(metric=av:load1)", "av:load1", "not an aggregate", "avg"),
        (".es(metric=load1)", "load1", "not an aggregate", "avg:load1"),
        (".es(metric=avg)", "avg", "must follow", "avg:load1"),
        (".es(split=host)", "host", "no limit", "host:10"),
        (".es(offset=1d)", "1d", "not an offset", ""),
        (".es(interval=soon)", "soon", "not an interval", "10s"),
        (".es(q='a AND [1 TO 2]')", "[", "Ranges", "list the values"),
        (".es(q='a AND (b')", "(", "never closed", ""),
        ("$x", "$x", "not set", "$x=.es()"),
        ("@7", "@7", "no expression @7", "@1"),
        ("@1", "@1", "itself", ""),
        (".es(a=b=c)", "=", "cannot stand here", "quotes"),
        (".es().movingaverage(0)", "0", "whole number", ""),
        (".worldbank(usa)", "worldbank", "asks a service outside", "door"),
        (".promql('sum(')", "", "unclosed", ""),
        (".promql('load1[5m]')", "'load1[5m]'", "no series at single instants", "rate"),
        (".es().yaxis(units=furlongs)", "furlongs", "not a unit", "bytes"),
        (".es().props(data.length=1)", ".props(data.length=1)", "belongs to the data", ""),
        (")", ")", "cannot stand here", "no parenthesis"),
        ("", "", "empty", ".es()"),
    ];
    let store = MemoryStore::new();
    for (text, place, message, hint) in cases {
        let error = one(&store, minute("10s"), text).expect_err(text);
        let span = error.span().unwrap();
        let found: String = text.chars().skip(span.start).take(span.end - span.start).collect();
        assert_eq!(found, place, "{text}: {error:?}");
        assert!(error.message().contains(message), "{text}: {error}");
        assert!(error.hint().unwrap_or("").contains(hint), "{text}: {error}");
    }
}

#[test]
fn one_bad_expression_does_not_harm_the_others() {
    let store = MemoryStore::new();
    let results = answer(&store, minute("10s"), &[".static(1)", ".nosuch()", "@2", "@1.sum(1)"]).results;
    let good: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(good, [true, false, false, true]);
    assert!(results[2].as_ref().unwrap_err().message().contains("@2 has an error: There is no function"));
}

#[test]
fn expressions_that_refer_to_each_other_in_a_ring_are_refused() {
    let results = answer(&MemoryStore::new(), minute("10s"), &["@2", "@1"]).results;
    assert!(results.iter().all(|r| r.as_ref().unwrap_err().message().contains("itself")));
}

#[test]
fn limits_are_named() {
    let store = MemoryStore::new();
    for host in 0..20 {
        insert(&store, &format!("__name__=x host=h{host}"), Kind::Gauge, 1000, &[1.0; 60]);
    }
    let limits = Limits::default();
    let cases = [
        (Limits { series: 10, ..limits.clone() }, ".es(metric=avg:x)", "limit of 10 series"),
        (Limits { samples: 100, ..limits.clone() }, ".es(metric=avg:x)", "limit of 100 samples"),
        (Limits { points: 100, ..limits.clone() }, ".es(metric=avg:x, split=host:20)", "limit of 100 values"),
        (
            Limits { points: 100, ..limits.clone() },
            "$a=(.static(1), .static(2)), $a, $a, $a",
            "limit of 100 values",
        ),
        (
            Limits { time: Duration::ZERO, ..limits.clone() },
            ".es(metric=avg:x)",
            "longer than the limit of 0 s",
        ),
    ];
    for (limits, text, wanted) in cases {
        let plan = timelion::plan(&[text], &signatures(FUNCTIONS));
        let request = Request { limits, ..Request::new(&plan, FUNCTIONS, minute("1s")) };
        let error = run(&request, &store).unwrap().results.remove(0).unwrap_err();
        assert!(matches!(error, QueryError::Limit(_)) && error.message().contains(wanted), "{text}: {error}");
        assert!(error.span().unwrap().end > 0, "{text}");
    }
    let plan = timelion::plan(&[".es()"], &signatures(FUNCTIONS));
    let request = Request { cancelled: &|| true, ..Request::new(&plan, FUNCTIONS, minute("1s")) };
    let answer = run(&request, &store).unwrap();
    assert!(answer.results[0].as_ref().unwrap_err().message().contains("cancelled"));
    let too_fine = GridSpec { to_ms: T0 + 86_400_000, ..minute("1s") };
    let error = run(&Request::new(&plan, FUNCTIONS, too_fine), &store).unwrap_err();
    assert!(error.message().contains("limit of 2000") && error.hint().unwrap().contains("1m"), "{error}");
}
