#![no_main]

use lang::plan::Plan;
use lang::promql::{complete, lower, parse, pretty};
use lang::{Scope, catalog::EmptyCatalog};

// Whatever is written, nothing panics; what is understood is printed as a text that is understood as the same, and every
// place lies within the text.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let characters = text.chars().count();
    complete(text, characters / 2, &EmptyCatalog);
    match parse(text) {
        Err(error) => {
            assert!(error.span.start <= error.span.end && error.span.end <= characters, "{text:?}: {error:?}");
            error.caret(text);
        }
        Ok(expr) => {
            let printed = expr.to_string();
            for text in [&printed, &pretty(&expr)] {
                let again = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
                assert_eq!(again.to_string(), printed);
            }
            let _refused = lower(&expr, &Scope::range(0, 3_600_000, 60_000), &mut Plan::default());
        }
    }
});
