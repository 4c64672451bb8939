//! What must hold for every input, whatever the protocol.

use model::Batch;
use wire::Context;
use wire::protocols::Protocol;

/// Decodes and checks that the counts add up and that every series can be read.
pub fn check(protocol: &str, input: &[u8]) {
    let protocol = Protocol::named(protocol).expect("a row of the table");
    let context =
        Context { host_from_instance: true, extra_labels: &[("dc", "x")], ..Context::at(1_700_000_000_000) };
    let mut batch = Batch::new();
    let report = (protocol.decode)(input, &context, &mut batch);
    assert_eq!(batch.len() as u64, report.accepted);
    assert_eq!(report.rejected == 0, report.reasons.is_empty());
    for rows in batch.groups() {
        for slot in rows.slots {
            assert_eq!(batch.dictionary.labels(*slot).get("dc"), Some("x"));
        }
    }
}
