//! chronyd's report of how it tracks time: version 6 of its own protocol, which it speaks with everybody on the same
//! host (its candm.h).

use super::{ERROR_MAX, FREQUENCY, Findings, OFFSET, STRATUM, SYNCHRONIZED};
use crate::host::AskUdp;

const PORT: u16 = 323;
const VERSION: u8 = 6;
const REQUEST: u8 = 1;
const REPLY: u8 = 2;
const TRACKING: u16 = 33;
const TRACKING_REPLY: u16 = 5;
/// A request must be as long as its answer.
const LENGTH: usize = 104;
/// Places in the answer: after the head come the source's number and address.
const COMMAND: usize = 4;
const KIND: usize = 6;
const STATUS: usize = 8;
const SOURCE_STRATUM: usize = 52;
const LEAP: usize = 54;
const CORRECTION: usize = 68;
const PARTS_PER_MILLION: usize = 80;
const ROOT_DELAY: usize = 92;
const ROOT_DISPERSION: usize = 96;
/// Of [`LEAP`]: chronyd is not synchronized.
const UNSYNCHRONIZED: u16 = 3;

/// Without chronyd nothing is added.
pub(super) fn ask(ask: &AskUdp, findings: &mut Findings) {
    let mut request = [0; LENGTH];
    (request[0], request[1]) = (VERSION, REQUEST);
    request[COMMAND..COMMAND + 2].copy_from_slice(&TRACKING.to_be_bytes());
    let Ok(answer) = ask(PORT, &request) else { return };
    if let Some(tracking) = Tracking::read(&answer) {
        let source = ["chrony"];
        let Tracking { is_synchronized, stratum, behind, error_max, too_slow } = tracking;
        findings.add(SYNCHRONIZED, &source, f64::from(is_synchronized));
        if is_synchronized {
            findings.add(OFFSET, &source, -behind);
            findings.add(ERROR_MAX, &source, error_max);
            findings.add(STRATUM, &source, f64::from(stratum));
        }
        findings.add(FREQUENCY, &source, too_slow);
    }
}

#[derive(Debug, PartialEq)]
struct Tracking {
    is_synchronized: bool,
    stratum: u16,
    /// Seconds the clock is behind.
    behind: f64,
    error_max: f64,
    /// Part of its speed the clock is too slow by itself.
    too_slow: f64,
}

impl Tracking {
    fn read(answer: &[u8]) -> Option<Self> {
        let half = |at: usize| Some(u16::from_be_bytes(answer.get(at..at + 2)?.try_into().ok()?));
        let number = |at: usize| Some(float(u32::from_be_bytes(answer.get(at..at + 4)?.try_into().ok()?)));
        let is_it = answer.get(..2)? == [VERSION, REPLY]
            && (half(COMMAND)?, half(KIND)?, half(STATUS)?) == (TRACKING, TRACKING_REPLY, 0);
        let behind = number(CORRECTION)?;
        is_it.then_some(Self {
            is_synchronized: half(LEAP)? != UNSYNCHRONIZED,
            stratum: half(SOURCE_STRATUM)?,
            behind,
            error_max: behind.abs() + number(ROOT_DELAY)? / 2.0 + number(ROOT_DISPERSION)?,
            // It tells how much too fast the clock is, as a negative number when it is too slow.
            too_slow: -number(PARTS_PER_MILLION)? / 1e6,
        })
    }
}

/// chrony's own floating point: 7 bits of exponent and 25 of coefficient, both signed.
fn float(bits: u32) -> f64 {
    let exponent = (bits as i32) >> 25;
    let coefficient = (bits << 7) as i32 >> 7;
    f64::from(coefficient) * 2f64.powi(exponent - 25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_those_of_chrony() {
        // 2 to the 23rd, times 2 to the (1 - 25)th.
        assert_eq!(float(0x0280_0000), 0.5);
        // An exponent of -1.
        assert_eq!(float(0xfe80_0000), 0.125);
        // The largest coefficient below 0, with an exponent of 2.
        assert_eq!(float(0x05ff_ffff), -(2f64.powi(-23)));
        assert_eq!(float(0), 0.0);
    }

    #[test]
    fn other_answers_are_none() {
        assert_eq!(Tracking::read(b""), None);
        assert_eq!(Tracking::read(&[0; LENGTH]), None);
        let mut refused = [0; LENGTH];
        refused[..10].copy_from_slice(&[6, 2, 0, 0, 0, 33, 0, 5, 0, 2]);
        assert_eq!(Tracking::read(&refused), None);
        refused[9] = 0;
        assert!(Tracking::read(&refused).is_some());
        assert_eq!(Tracking::read(&refused[..90]), None);
    }
}
