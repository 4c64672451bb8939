use super::*;
use crate::{Scope, promql};

fn told(plan: &Plan) -> Vec<String> {
    steps(plan, &[])
        .into_iter()
        .map(|step| format!("{} {:?} {}", step.node, step.inputs, step.does))
        .collect()
}

#[test]
fn vectors_are_told_in_words() {
    let scope = Scope::range(0, 600_000, 60_000);
    let text = "sum by (host) (rate(requests_total{code=~\"5..\"}[5m] offset 1h)) / on (host) group_left up @ 60 > bool 2";
    let plan = promql::plan(&[text], &scope);
    assert!(plan.results[0].is_ok(), "{:?}", plan.results);
    let told = told(&plan).join("\n");
    for wanted in [
        "Takes at each instant the samples of the last 5m of requests_total{code=~\"5..\"}, 1h earlier",
        "Applies rate",
        "Takes the sum of the series that share host",
        "Takes at each instant the newest sample of up, always as of 1970-01-01",
        "Computes left / right, where host are equal, many of the left to one of the right",
        "Computes left > right, as 0 or 1",
        "The number 2",
    ] {
        assert!(told.contains(wanted), "{wanted}\n---\n{told}");
    }
}

#[test]
fn lengths_are_told_in_the_largest_whole_unit() {
    for (ms, wanted) in
        [(0, "0s"), (90_000, "90s"), (3_600_000, "1h"), (1_500, "1500ms"), (1_209_600_000, "2w")]
    {
        assert_eq!(length(ms), wanted);
    }
}
