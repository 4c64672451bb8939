//! Results of passive checks as `send_nsca` sends them, once they are deciphered. Whoever takes them has to hold the key, so this
//! protocol is no row of the table.
//!
//! ```text
//! greeting of the server := IV (128 bytes) time (4 bytes)
//! packet := version 3 (2 bytes) 2 unused  CRC-32 (4)  time (4)  state (2)  host (64) check (128) output (512 or 4096)  2 unused
//!           numbers big-endian; texts end with NUL; the CRC is over all of it with itself as 0
//! ```
//!
//! * The state becomes `check_state{host, check}` (0 ok, 1 warning, 2 critical, 3 unknown); a result of the host itself has the
//!   check `host`. Performance data behind the `|` of the output become what [`perfdata`] makes of them, with the same labels.
//! * They are of the time they arrive. What is not UTF-8 is replaced.

use super::perfdata;
use crate::Context;
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Position, Report};
use stdx::crc::crc32;

/// Bytes of the greeting's random part.
pub const IV_BYTES: usize = 128;
/// Lengths of a packet: before version 2.9 of NSCA, and since.
pub const PACKET_BYTES: [usize; 2] = [720, 4304];
/// The metric that is the state.
pub const STATE: &str = "check_state";

const VERSION: u16 = 3;
const HOST_AT: usize = 14;
const CHECK_AT: usize = 78;
const OUTPUT_AT: usize = 206;

/// The greeting of a server.
pub fn greet(iv: &[u8; IV_BYTES], now_s: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(iv);
    out.extend_from_slice(&now_s.to_be_bytes());
}

/// A deciphered packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The time of the greeting that it answers, Unix seconds.
    pub greeted_s: u32,
    /// 0 to 3.
    pub state: u16,
    /// Whose check.
    pub host: String,
    /// Which check; empty for the host itself.
    pub check: String,
    /// What the plugin printed.
    pub output: String,
}

impl Packet {
    /// Reads a packet of one of the two lengths.
    ///
    /// # Errors
    /// What is none, most likely because it was enciphered otherwise.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if !PACKET_BYTES.contains(&bytes.len()) {
            return Err(format!("a packet of {} bytes", bytes.len()));
        }
        let two = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let four = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let mut summed = bytes.to_vec();
        summed[4..8].fill(0);
        if two(0) != VERSION || four(4) != crc32(&summed) {
            return Err("a packet that is no result: the method or the password is another".to_owned());
        }
        let text = |from: usize, to: usize| {
            let field = &bytes[from..to];
            let end = memchr::memchr(0, field).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let packet = Self {
            greeted_s: four(8),
            state: two(12),
            host: text(HOST_AT, CHECK_AT),
            check: text(CHECK_AT, OUTPUT_AT),
            output: text(OUTPUT_AT, bytes.len() - 2),
        };
        match (packet.state, packet.host.is_empty()) {
            (0..=3, false) => Ok(packet),
            (_, true) => Err("a result without a host".to_owned()),
            (state, _) => Err(format!("state {state} is not 0 to 3")),
        }
    }

    /// Adds the samples of a result.
    pub fn samples(&self, context: &Context<'_>, out: &mut Batch) -> Report {
        let check = if self.check.is_empty() { "host" } else { &self.check };
        let named = [context.extra_labels, &[(HOST, &*self.host), ("check", check)]].concat();
        let context = Context { extra_labels: &named, ..*context };
        let (mut report, mut labels) = (Report::default(), LabelsBuilder::default());
        labels.add(NAME, STATE);
        match context.add_series(out, &mut labels, Kind::Gauge) {
            Ok(slot) => {
                out.sample(slot, context.now_ms, f64::from(self.state));
                report.accepted += 1;
            }
            Err(error) => report.reject(Position::Whole, error),
        }
        report.merge(perfdata::decode(self.output.replace("\\n", "\n").as_bytes(), &context, out));
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::dump;
    use proptest::prelude::*;

    fn packet(state: u16, host: &str, check: &str, output: &str, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        bytes[..2].copy_from_slice(&VERSION.to_be_bytes());
        bytes[8..12].copy_from_slice(&7u32.to_be_bytes());
        bytes[12..14].copy_from_slice(&state.to_be_bytes());
        for (at, text) in [(HOST_AT, host), (CHECK_AT, check), (OUTPUT_AT, output)] {
            bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
        }
        let crc = crc32(&bytes);
        bytes[4..8].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    #[test]
    fn a_result_is_a_state_and_performance_data() {
        for len in PACKET_BYTES {
            let packet = Packet::read(&packet(1, "web1", "disk", "DISK WARNING|/=50%;80;90", len)).unwrap();
            assert_eq!(packet.greeted_s, 7);
            let mut batch = Batch::new();
            let report = packet.samples(&Context::at(5), &mut batch);
            let said = dump(&batch, &report);
            assert!(said.contains("\n5 gauge check_state{check=\"disk\",host=\"web1\"} 1\n"), "{said}");
            assert!(
                said.contains("\n5 gauge perfdata_ratio{check=\"disk\",host=\"web1\",label=\"/\"} 0.5\n"),
                "{said}"
            );
        }
        let own = Packet::read(&packet(0, "web1", "", "alive", 720)).unwrap();
        let mut batch = Batch::new();
        let report = own.samples(&Context::at(5), &mut batch);
        assert!(dump(&batch, &report).ends_with("5 gauge check_state{check=\"host\",host=\"web1\"} 0\n"));
    }

    #[test]
    fn what_is_no_result_is_refused() {
        let good = packet(0, "h", "c", "o", 720);
        assert!(Packet::read(&good).is_ok());
        for (bytes, why) in [
            (good[..719].to_vec(), "a packet of 719 bytes"),
            (vec![0; 720], "a packet that is no result: the method or the password is another"),
            (packet(4, "h", "c", "o", 720), "state 4 is not 0 to 3"),
            (packet(0, " ", "c", "o", 4304), "a result without a host"),
        ] {
            assert_eq!(Packet::read(&bytes).unwrap_err(), why);
        }
    }

    proptest! {
        #[test]
        fn no_changed_bit_is_overlooked(at in 0..720usize, bit in 0..8u8) {
            let mut bytes = packet(2, "web1", "disk", "full|a=1", 720);
            bytes[at] ^= 1u8 << bit;
            // The two bytes behind the version are not used, and yet summed.
            prop_assert!(Packet::read(&bytes).is_err());
        }

        #[test]
        fn what_is_written_is_read(state in 0..4u16, host in "[a-z]{1,60}", check in "[a-z ]{0,60}[a-z]", output in "[ -~]{0,500}") {
            let read = Packet::read(&packet(state, &host, &check, &output, 720)).unwrap();
            prop_assert_eq!((read.state, read.host, read.check), (state, host, check.trim().to_owned()));
            prop_assert_eq!(read.output, output.trim());
        }
    }
}
