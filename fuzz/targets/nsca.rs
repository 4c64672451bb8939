#![no_main]

use model::Batch;
use wire::Context;
use wire::protocols::nsca::Packet;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    // The checksum is put right, so that what is behind it is reached.
    let mut bytes = input.to_vec();
    bytes.resize(720, 0);
    bytes[..2].copy_from_slice(&[0, 3]);
    bytes[4..8].fill(0);
    let crc = stdx::crc::crc32(&bytes);
    bytes[4..8].copy_from_slice(&crc.to_be_bytes());
    if let Ok(packet) = Packet::read(&bytes) {
        let mut batch = Batch::new();
        let report = packet.samples(&Context::at(0), &mut batch);
        assert_eq!(batch.len() as u64, report.accepted);
    }
});
