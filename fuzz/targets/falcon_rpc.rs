#![no_main]

use wire::protocols::falcon::rpc::{Request, Scanner};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let whole = Scanner::default().measure(input);
    let (mut scanner, cut) = (Scanner::default(), input.len() / 2);
    let halves = match scanner.measure(&input[..cut]) {
        Ok(None) => scanner.measure(input),
        done => done,
    };
    if let (Ok(Some(whole)), Ok(Some(halves))) = (&whole, &halves) {
        assert!(whole == halves || input[0].is_ascii_whitespace());
        let _ = Request::read(&input[..*whole]);
    }
});
