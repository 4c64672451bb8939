//! The tables of the language and of the engine say the same.

use crate::vector::functions::FUNCTIONS;
use lang::promql::functions::FUNCTIONS as KNOWN;

/// Settled when a text is lowered, so that the engine never meets them.
const SETTLED: [&str; 4] = ["end", "range", "start", "step"];

#[test]
fn every_function_of_the_language_is_there_and_no_other() {
    let known: Vec<&str> = KNOWN.iter().map(|f| f.name).filter(|name| !SETTLED.contains(name)).collect();
    let there: Vec<&str> = FUNCTIONS.iter().map(|row| row.name).collect();
    assert_eq!(there, known);
    assert!(there.is_sorted());
}
