use super::*;
use model::Zone;

#[test]
fn patterns_match_as_their_regular_expressions_do() {
    let patterns =
        ["", "a", "*", "?", "a*", "*a", "a*b*c", "*ab*ab", "a?c", "**", "w\\*b", "ä*", "a.c", "*?*"];
    let texts =
        ["", "a", "ab", "abc", "aab", "xabyabz", "abab", "w*b", "äö", "a.c", "aXbYc", "abcabc", "aac"];
    for pattern in patterns {
        let pattern = Pattern::wildcard(pattern);
        let matcher = model::Matcher::new("x", model::MatchOp::Regex, pattern.to_regex()).unwrap();
        for text in texts {
            assert_eq!(pattern.matches(text), matcher.accepts(text), "{pattern:?} {text:?}");
        }
    }
    assert_eq!(Pattern::literal("a*").as_literal(), Some("a*"));
}

#[test]
fn offsets_need_a_sign_and_a_unit() {
    let at = 1_459_382_400_000; // 2016-03-31T00:00:00Z
    let cases = [
        ("-1d", at - 86_400_000),
        ("-30s", at - 30_000),
        ("+1h", at + 3_600_000),
        ("-1y", 1_427_760_000_000),
    ];
    for (text, wanted) in cases {
        assert_eq!(Offset::parse(text).unwrap().apply(at, 0, &Zone::utc()), wanted, "{text}");
    }
    for text in
        ["1d", "-1q", "d-1", "", "-", "timerange", "timerange:", "timerange:x", "timerange:1", "-1.5d"]
    {
        assert!(Offset::parse(text).is_err(), "{text}");
    }
    let ranges = Offset::parse("timerange:-2").unwrap();
    assert_eq!(ranges.apply(0, 900_000, &Zone::utc()), -1_800_000);
    assert_eq!(ranges.reverse().apply(0, 900_400, &Zone::utc()), 1_801_000);
    let half = Offset::parse("timerange:-0.5").unwrap();
    assert_eq!(half.apply(0, 900_000, &Zone::utc()), -450_000);
}

#[test]
fn a_read_is_told_once() {
    let read = || Read {
        queries: vec![Query { text: "*".to_owned(), filter: Filter::All }],
        metrics: Vec::new(),
        splits: Vec::new(),
        offset: None,
        interval: None,
        fit: None,
    };
    let mut plan = Plan::default();
    assert_eq!(plan.add_read(read()), plan.add_read(read()));
    assert_ne!(plan.add_read(Read { fit: Some(Fit::Carry), ..read() }), ReadId(0));
    assert_eq!(plan.reads().len(), 2);
}
