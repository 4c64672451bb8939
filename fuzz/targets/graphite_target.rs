#![no_main]

//! Targets are printed as texts that mean the same, evaluated over an empty store, and completed at every place.

use lang::graphite::{complete, parse, print};
use model::memory::MemoryStore;
use query::graphite::{Context, render};
use query::names::graphite::signatures;

libfuzzer_sys::fuzz_target!(|input: &str| {
    match parse(input) {
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= input.chars().count());
            error.caret(input);
        }
        Ok(tree) => {
            let printed = print(&tree);
            assert_eq!(parse(&printed).map(|tree| print(&tree)), Ok(printed));
        }
    }
    let _ = render(&[input], &Context::new(0, 600), &MemoryStore::new());
    complete(input, input.chars().count() / 2, signatures(), &lang::catalog::EmptyCatalog);
});
