#![no_main]

#[path = "../check.rs"]
mod check;

use model::Batch;
use wire::Context;
use wire::protocols::icinga;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    check::check("icinga", input);
    let (context, mut batch) = (Context::at(1_700_000_000_000), Batch::new());
    let report = icinga::objects(input, 5.0, &context, &mut batch, &mut |_| {});
    let accepted = report.accepted + icinga::status(input, &context, &mut batch).accepted;
    assert_eq!(batch.len() as u64, accepted);
});
