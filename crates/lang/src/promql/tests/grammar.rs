//! Texts that Prometheus' own grammar for editors takes or does not take: `fixtures/promql/grammar.txt`.

use super::*;

#[test]
fn what_prometheus_grammar_takes_is_taken_and_nothing_else() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/promql/grammar.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<(bool, &str)> = text
        .lines()
        .filter_map(|line| {
            let taken = line.strip_prefix("+ ").map(|text| (true, text));
            taken.or_else(|| line.strip_prefix("- ").map(|text| (false, text)))
        })
        .collect();
    assert!(cases.len() > 1000, "only {} cases", cases.len());
    let wrong: Vec<String> = cases
        .into_iter()
        .filter(|(is_taken, text)| parse(text).is_ok() != *is_taken)
        .map(|(is_taken, text)| format!("{text} is {}an expression", if is_taken { "" } else { "not " }))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
