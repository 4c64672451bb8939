//! What is printed means what was read.

use super::*;
use crate::Span;
use crate::promql::ast::Expr;
use stdx::random::Random;

#[test]
fn texts_are_printed_as_prometheus_prints_them() {
    for (text, expected) in [
        ("sum(rate(x[5m])) by(job)", "sum by (job) (rate(x[5m]))"),
        ("sum without() (x)", "sum without () (x)"),
        ("sum by () (x)", "sum(x)"),
        ("topk(3,x)", "topk(3, x)"),
        ("count_values('a', x)", "count_values(\"a\", x)"),
        ("a+on(b)group_left c", "a + on (b) group_left () c"),
        ("a==bool ignoring(x)b", "a == bool ignoring (x) b"),
        ("a/on()group_right(q)fill(0)b", "a / on () group_right (q) fill (0) b"),
        ("a + fill_left(1) fill_right(+Inf) b", "a + fill_left (1) fill_right (+Inf) b"),
        ("x{b=\"2\",a='1',}", "x{a=\"1\",b=\"2\"}"),
        ("{\"my.metric\", \"a.b\"!~\"c\"}", "{\"a.b\"!~\"c\",__name__=\"my.metric\"}"),
        ("x[90s] offset -1h @ 1.5", "x[1m30s] @ 1.500 offset -1h"),
        ("x offset 0s", "x"),
        ("x[300]", "x[5m]"),
        ("x[5m*2+step()]", "x[5m * 2 + step()]"),
        ("x offset -(5+1m)", "x offset -(5 + 1m)"),
        ("x[max(1m,range())]", "x[max_of(1m, range())]"),
        ("min_over_time(x[8d:1w] @ end())", "min_over_time(x[8d:1w] @ end())"),
        ("x[1h:]", "x[1h:]"),
        ("rate(x[5m] anchored offset 1m)", "rate(x[5m] anchored offset 1m)"),
        ("x offset 1m smoothed", "x smoothed offset 1m"),
        ("-x", "-x"),
        ("- 1", "-1"),
        ("1e3 + 0x10 * 1h", "1000 + 16 * 1h"),
        ("-Inf", "-Inf"),
        ("\"a\\x41\\n\"", "\"aA\\n\""),
    ] {
        let expr = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(expr.to_string(), expected, "{text}");
    }
}

#[test]
fn long_lines_are_broken() {
    let text = "sum by (job, instance) (rate(http_requests_total{job=\"api\",instance=~\"first|second\"}[5m])) / \
                ignoring(a) quantile(0.9, -(label_replace(http_requests_total, \"destination\", \"$1\", \"source\", \
                \"a long regular expression (.*)\")[5m:1m] offset 1h))";
    // A range within a sign is refused, so the second half is printed within a function.
    let text = text.replace("-(label", "-max_over_time(label");
    let expected = "  sum by (job, instance) (rate(http_requests_total{instance=~\"first|second\",job=\"api\"}[5m]))\n\
                    / ignoring (a)\n\
                    \x20 quantile(\n\
                    \x20   0.9,\n\
                    \x20   -max_over_time(\n\
                    \x20     label_replace(http_requests_total, \"destination\", \"$1\", \"source\", \"a long regular \
                    expression (.*)\")[5m:1m] offset 1h\n\
                    \x20   )\n\
                    \x20 )";
    assert_eq!(pretty(&parse(&text).unwrap()), expected);
}

#[test]
fn lengths_are_printed_in_their_largest_units() {
    for (ms, expected) in [
        (0, "0s"),
        (1, "1ms"),
        (1500, "1s500ms"),
        (90_000, "1m30s"),
        (86_400_000 * 8, "8d"),
        (86_400_000 * 14, "2w"),
        (86_400_000 * 365, "1y"),
        (86_400_000 * 366, "366d"),
    ] {
        assert_eq!(duration_text(ms), expected);
    }
}

// The tree without its places, as text.
fn shape(expr: &Expr) -> String {
    let mut shown = format!("{expr:?}");
    while let Some(at) = shown.find("Span {") {
        let end = shown[at..].find('}').unwrap() + at + 1;
        shown.replace_range(at..end, "");
    }
    shown
}

#[test]
fn what_is_printed_is_read_as_the_same_tree() {
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(11);
    let mut random = Random::from_seed(seed);
    let (mut read, tries) = (0, 20_000);
    for at in 0..tries {
        let text = expression(&mut random, 3);
        let Ok(expr) = parse(&text) else { continue };
        read += 1;
        let canonical = expr.to_string();
        for printed in [canonical.clone(), pretty(&expr)] {
            let again =
                parse(&printed).unwrap_or_else(|e| panic!("seed {seed}, {at}: {text} → {printed}: {e}"));
            assert_eq!(again.to_string(), canonical, "seed {seed}, {at}: {text}");
            // Two printings are alike as trees, too: what is lost is lost at the first.
            assert_eq!(
                shape(&parse(&again.to_string()).unwrap()),
                shape(&again),
                "seed {seed}, {at}: {text}"
            );
        }
    }
    assert!(read > tries / 4, "only {read} of {tries} texts were understood");
}

fn pick<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    from[random.below(from.len() as u64) as usize]
}

// A text that is often, but not always, right.
fn expression(random: &mut Random, depth: u32) -> String {
    const LEAVES: [&str; 16] = [
        "1",
        "1.5e3",
        "Inf",
        "NaN",
        "5m",
        "\"a\\\"b\"",
        "x",
        "up{a=\"b\",c!~'d.*'}",
        "{\"ä.b\"}",
        "x[5m]",
        "x[1h:1m]",
        "x offset 5m",
        "x @ 10 offset -1m",
        "x[step()*2]",
        "sum",
        "x[5m] smoothed",
    ];
    const OPERATORS: [&str; 12] =
        ["+", "-", "*", "/", "%", "^", "atan2", "> bool", "==", "and", "or on(a)", "</"];
    const GROUPS: [&str; 5] = ["", "by (a)", "without (a, \"b.c\")", "by ()", "by (on)"];
    if depth == 0 || random.below(4) == 0 {
        return pick(random, &LEAVES).to_owned();
    }
    let mut inner = || expression(random, depth - 1);
    let (one, other) = (inner(), inner());
    match random.below(9) {
        0 => format!("({one})"),
        1 => format!("-{one}"),
        2 => format!("+{one}"),
        3 => format!("{}({one})", pick(random, &["rate", "abs", "scalar", "vector", "max_over_time"])),
        4 => format!("{} {} ({one})", pick(random, &["sum", "max"]), pick(random, &GROUPS)),
        5 => format!("topk({one}, {other})"),
        6 => format!("{one}[10m:{}]", pick(random, &["", "1m", "5s"])),
        7 => format!("{one} * ignoring(a) group_left(b) {other}"),
        _ => format!("{one} {} {other}", pick(random, &OPERATORS)),
    }
}

#[test]
fn spans_hold_their_own_text() {
    let text = "sum(rate(x{a=\"b\"}[5m] offset 1m)) by (a) > bool -(y @ start())";
    fn each(expr: &Expr, text: &str) {
        let Span { start, end } = expr.span;
        let alone = parse(&text[start..end]);
        assert!(alone.is_ok(), "{}: {alone:?}", &text[start..end]);
        expr.children().into_iter().for_each(|child| each(child, text));
    }
    each(&parse(text).unwrap(), text);
}
