#![no_main]

use net::dns::Message;
use net::dns::message::RECORDS_MAX;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(message) = Message::decode(input) {
        assert!(message.answers.len() <= RECORDS_MAX);
        for record in message.answers {
            assert!(!record.data.to_string().contains('\n') || record.data.kind() == net::dns::Kind::Txt);
            // A byte is shown by at most four characters, and a name ends at 255 bytes.
            assert!(record.name.len() <= 4 * 255);
        }
    }
});
