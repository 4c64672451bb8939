use super::timelion::FUNCTIONS;
use super::*;
use crate::{GridSpec, Request, run};
use model::memory::MemoryStore;
use std::collections::HashSet;

#[test]
fn names_are_unique_and_everything_is_documented() {
    let mut seen = HashSet::new();
    for row in FUNCTIONS {
        let signature = &row.signature;
        assert!(signature.names().all(|name| seen.insert(name)), "{} is there twice", signature.name);
        assert!(!signature.summary.is_empty() && !signature.summary.ends_with('.'), "{}", signature.name);
        let mut args = HashSet::new();
        for arg in signature.args {
            assert!(
                args.insert(arg.name) && !arg.doc.is_empty() && !arg.types.is_empty(),
                "{} {}",
                signature.name,
                arg.name
            );
            let allowed = !arg.closed
                || arg.default.is_empty()
                || arg.suggestions.iter().any(|c| c.value == arg.default);
            assert!(allowed, "default of {} {}", signature.name, arg.name);
        }
        let used = signature.names().any(|name| signature.example.contains(&format!(".{name}(")));
        assert!(used, "the example of {} does not use it", signature.name);
    }
}

#[test]
fn examples_run() {
    let examples: Vec<&str> = FUNCTIONS.iter().map(|row| row.signature.example).collect();
    let plan = lang::timelion::plan(&examples, &signatures(FUNCTIONS));
    let request = Request::new(&plan, FUNCTIONS, GridSpec::new(0, 3_600_000));
    let answer = run(&request, &MemoryStore::new()).unwrap();
    for (example, result) in examples.iter().zip(answer.results) {
        assert!(result.is_ok(), "{example}: {:?}", result.err());
    }
}

#[test]
fn examples_of_rpn_run() {
    for row in rpn::FUNCTIONS {
        let plan = lang::rpn::plan(&[row.signature.example], &signatures(rpn::FUNCTIONS));
        let request = Request::new(&plan, rpn::FUNCTIONS, GridSpec::new(0, 3_600_000));
        let answer = run(&request, &MemoryStore::new()).unwrap();
        assert!(answer.results[0].is_ok(), "{}: {:?}", row.signature.example, answer.results);
    }
}

#[test]
fn every_language_has_its_table() {
    for language in lang::LANGUAGES {
        assert!(
            table(language.name).is_some() && signatures_of(language.name).is_some(),
            "{}",
            language.name
        );
    }
}
