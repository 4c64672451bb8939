#![no_main]

//! Programs for a stack are run over two rows of values as well as understood.

use lang::plan::Plan;
use model::memory::MemoryStore;
use query::names::{rpn::FUNCTIONS, signatures};
use query::{GridSpec, Request};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let text = format!("DEF:a=a:AVERAGE DEF:b=b:MAX {input}");
    let plan: Plan = lang::rpn::plan(&[&text], &signatures(FUNCTIONS));
    if let Err(error) = &plan.results[0] {
        assert!(error.span.start <= error.span.end);
        error.caret(&text);
    }
    let _ = query::run(&Request::new(&plan, FUNCTIONS, GridSpec::new(0, 600_000)), &MemoryStore::new());
    lang::rpn::complete(&text, text.chars().count() / 2, &[], &lang::catalog::EmptyCatalog);
});
