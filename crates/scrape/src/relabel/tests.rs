use super::*;

fn set(pairs: &[(&str, &str)]) -> Set {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn rule(spec: Spec<'_>) -> Rule {
    Rule::new(&spec).unwrap()
}

/// What the rules make of a set; `None` when it is dropped.
fn after(rules: &[Rule], pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
    let mut set = set(pairs);
    apply(rules, &mut set).then(|| set.into_iter().collect())
}

fn shown(rules: &[Rule], pairs: &[(&str, &str)]) -> String {
    let pairs = after(rules, pairs);
    pairs.map_or("dropped".into(), |all| {
        all.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" ")
    })
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The cases of Prometheus' own documentation and of its behaviour at edges.
#[test]
fn every_action_does_what_prometheus_does() {
    let (a, ab) = (texts(&["a"]), texts(&["a", "b"]));
    let base = Spec { source_labels: &a, ..Spec::default() };
    let here = [("a", "foo"), ("b", "bar"), ("c", "baz")];
    for (spec, wanted) in [
        (
            Spec { regex: "f(.*)", target_label: "d", replacement: "ch$1-ch$1", ..base.clone() },
            "a=foo b=bar c=baz d=choo-choo",
        ),
        (
            Spec { regex: "f(.*)", target_label: "a", replacement: "${1}x", ..base.clone() },
            "a=oox b=bar c=baz",
        ),
        (Spec { regex: "o", target_label: "a", replacement: "x", ..base.clone() }, "a=foo b=bar c=baz"),
        (Spec { regex: "f(.*)", target_label: "a", replacement: "", ..base.clone() }, "b=bar c=baz"),
        (
            Spec { regex: "(f).*", target_label: "${1}_x", replacement: "1", ..base.clone() },
            "a=foo b=bar c=baz f_x=1",
        ),
        (
            Spec { regex: "(z)?.*", target_label: "${1}", replacement: "1", ..base.clone() },
            "a=foo b=bar c=baz",
        ),
        (
            Spec {
                source_labels: &ab,
                regex: "foo;bar",
                target_label: "d",
                replacement: "1",
                ..Spec::default()
            },
            "a=foo b=bar c=baz d=1",
        ),
        (
            Spec { source_labels: &ab, separator: "-", target_label: "d", ..Spec::default() },
            "a=foo b=bar c=baz d=foo-bar",
        ),
        (Spec { target_label: "d", replacement: "fixed", ..Spec::default() }, "a=foo b=bar c=baz d=fixed"),
        (Spec { regex: "f.*", action: "keep", ..base.clone() }, "a=foo b=bar c=baz"),
        (Spec { regex: "fo", action: "keep", ..base.clone() }, "dropped"),
        (Spec { regex: ".*o.*", action: "drop", ..base.clone() }, "dropped"),
        (Spec { regex: "f", action: "drop", ..base.clone() }, "a=foo b=bar c=baz"),
        (Spec { target_label: "b", action: "keepequal", ..base.clone() }, "dropped"),
        (Spec { target_label: "b", action: "dropequal", ..base.clone() }, "a=foo b=bar c=baz"),
        (Spec { target_label: "c", action: "uppercase", ..base.clone() }, "a=foo b=bar c=FOO"),
        (Spec { target_label: "c", action: "Lowercase", ..base.clone() }, "a=foo b=bar c=foo"),
        (
            Spec { regex: "(a|b)", replacement: "x_$1", action: "labelmap", ..Spec::default() },
            "a=foo b=bar c=baz x_a=foo x_b=bar",
        ),
        (Spec { regex: "(a|b)", action: "labeldrop", ..Spec::default() }, "c=baz"),
        (Spec { regex: "(a|b)", action: "labelkeep", ..Spec::default() }, "a=foo b=bar"),
        // The same number as Prometheus': its documentation's test has 976 for `foo` modulo 1000.
        (
            Spec {
                source_labels: &texts(&["c"]),
                target_label: "d",
                action: "hashmod",
                modulus: 1000,
                ..Spec::default()
            },
            "a=foo b=bar c=baz d=976",
        ),
    ] {
        assert_eq!(shown(&[rule(spec.clone())], &here), wanted, "{spec:?}");
    }
}

#[test]
fn rules_follow_each_other_and_dots_match_line_ends() {
    let (a, d) = (texts(&["a"]), texts(&["d"]));
    let rules = [
        rule(Spec { source_labels: &a, target_label: "d", replacement: "${1}1", ..Spec::default() }),
        rule(Spec { source_labels: &d, regex: "x\n.*1", action: "drop", ..Spec::default() }),
    ];
    assert_eq!(shown(&rules, &[("a", "y")]), "a=y d=y1");
    assert_eq!(shown(&rules, &[("a", "x\nz")]), "dropped");
}

#[test]
fn what_a_rule_lacks_is_told() {
    for (spec, wanted) in [
        (Spec::default(), "`target_label` is needed for replace"),
        (Spec { action: "hashmod", target_label: "a", ..Spec::default() }, "`modulus` is needed"),
        (Spec { action: "jump", ..Spec::default() }, "there is no action `jump`"),
        (Spec { action: "keep", regex: "(", ..Spec::default() }, "`regex`: "),
    ] {
        let why = Rule::new(&spec).unwrap_err();
        assert!(why.starts_with(wanted), "{why}");
    }
}
