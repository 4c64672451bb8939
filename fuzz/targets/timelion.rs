#![no_main]

//! Expressions are understood, run over an empty store, and completed at every place.

use model::memory::MemoryStore;
use query::names::{signatures, timelion::FUNCTIONS};
use query::{GridSpec, Request};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let functions = signatures(FUNCTIONS);
    let plan = lang::timelion::plan(&[input], &functions);
    if let Err(error) = &plan.results[0] {
        assert!(error.span.start <= error.span.end);
        error.caret(input);
    }
    for compatible in [false, true] {
        let request = Request { compatible, ..Request::new(&plan, FUNCTIONS, GridSpec::new(0, 600_000)) };
        let _ = query::run(&request, &MemoryStore::new());
    }
    lang::timelion::complete(input, input.chars().count() / 2, &functions, &lang::catalog::EmptyCatalog);
});
