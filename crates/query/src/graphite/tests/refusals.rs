//! What cannot be answered says why, and where.

use super::{insert, minute, one};
use crate::graphite::{Context, render};
use crate::{Limits, QueryError};
use model::NAME;
use model::memory::MemoryStore;

fn store() -> MemoryStore {
    let store = MemoryStore::new();
    for name in ["a.x", "a.y", "a.z"] {
        insert(&store, &[(NAME, name)], 10, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }
    store
}

#[test]
fn errors_name_what_is_wrong() {
    let cases = [
        ("summ(a.*)", "There is no function summ"),
        ("aliasSub(a.*, '(', 'x')", "bad regular expression `(`"),
        ("movingAverage(a.*, 'x')", "windowSize of movingAverage is"),
        ("movingAverage(a.*, 0)", "at least one value"),
        ("divideSeries(a.x, a.*)", "divides by one series, here are 3"),
        ("areaBetween(a.*)", "between two series, here are 3"),
        ("asPercent(a.*, group(a.x, a.y))", "2 totals for 3 series"),
        ("groupByNode(a.*, 0, 'summ')", "no way `summ`"),
        ("consolidateBy(a.*, 'mx')", "consolidationFunc of consolidateBy cannot be `mx`"),
        ("filterSeries(a.*, 'max', '~', 3)", "operator of filterSeries cannot be `~`"),
        ("verticalLine('20300101')", "is not within the range"),
        ("timeFunction('a', 0)", "step is at least a second"),
        ("seriesByTag('host=')", "At least one condition"),
        ("seriesByTag('host')", "not a condition on a tag"),
        ("applyByNode(a.*, 0, 'f(%)')", "There is no function f"),
        ("aliasQuery(a.*, 'a.*', 'none', 'x')", "No series is called none"),
        ("smartSummarize(a.*, '1h', 'sum', 'moons')", "moons"),
        ("log(a.*, 1)", "base"),
    ];
    for (target, wanted) in cases {
        let error = one(&store(), target).unwrap_err();
        assert!(error.to_string().contains(wanted), "{target}: {error}");
        assert!(error.span().is_some_and(|span| span.end > span.start), "{target}: {error:?}");
    }
}

#[test]
fn one_bad_target_spoils_no_other() {
    let answer = render(&["a.x", "a.y)", "a.*"], &minute(), &store()).unwrap();
    let counts: Vec<Option<usize>> = answer.results.iter().map(|r| r.as_ref().ok().map(Vec::len)).collect();
    assert_eq!(counts, [Some(1), None, Some(3)]);
}

#[test]
fn limits_are_named() {
    let limited = |limits: Limits, target: &str| {
        render(&[target], &Context { limits, ..minute() }, &store()).unwrap().results.remove(0).unwrap_err()
    };
    let cases = [
        (Limits { series: 2, ..Limits::default() }, "a.*", "limit of 2 series"),
        (Limits { samples: 10, ..Limits::default() }, "a.*", "limit of 10 samples"),
        (Limits { points: 10, ..Limits::default() }, "a.*", "limit of 10"),
        (Limits { points: 10, ..Limits::default() }, "timeFunction('a',1)", "limit of 10"),
    ];
    for (limits, target, wanted) in cases {
        let error = limited(limits, target);
        assert!(error.to_string().contains(wanted), "{target}: {error}");
    }
    let cancelled = Context { cancelled: &|| true, ..minute() };
    let answer = render(&["a.*"], &cancelled, &store()).unwrap();
    assert!(matches!(answer.results[0], Err(QueryError::Limit(_))));
    assert!(render(&["a.*"], &Context::new(60, 60), &store()).is_err());
}

#[test]
fn an_empty_answer_says_why() {
    let answer = render(&["b.*", "a.x"], &minute(), &store()).unwrap();
    assert!(answer.notes[0].as_ref().unwrap().contains("b.*"), "{:?}", answer.notes);
    assert_eq!(answer.notes[1], None);
}
