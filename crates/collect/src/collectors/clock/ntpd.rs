//! ntpd's variables, by control messages (RFC 9327). It answers everybody on the same host unless told otherwise.

use super::{ERROR_MAX, FREQUENCY, Findings, OFFSET, STRATUM, SYNCHRONIZED};
use crate::host::AskUdp;

const PORT: u16 = 123;
/// Version 2, mode 6.
const CONTROL: u8 = 0x16;
const MODE: u8 = 0x07;
const READ_VARIABLES: u8 = 2;
const ANSWER: u8 = 0x80;
const ERROR: u8 = 0x40;
const HEAD_BYTES: usize = 12;
const VARIABLES: &[u8] = b"leap,stratum,offset,frequency,rootdelay,rootdisp";
/// Of `leap`: ntpd is not synchronized.
const UNSYNCHRONIZED: f64 = 3.0;
/// Times are in milliseconds.
const MILLISECONDS: f64 = 1000.0;

/// Without ntpd nothing is added.
pub(super) fn ask(ask: &AskUdp, findings: &mut Findings) {
    let mut request = [0; HEAD_BYTES + VARIABLES.len()];
    (request[0], request[1], request[3]) = (CONTROL, READ_VARIABLES, 1);
    request[11] = VARIABLES.len() as u8;
    request[HEAD_BYTES..].copy_from_slice(VARIABLES);
    let Ok(answer) = ask(PORT, &request) else { return };
    let Some(text) = text(&answer) else { return };
    let value = |name: &str| {
        let mut pairs = text.split([',', '\r', '\n']).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<f64>().ok())
    };
    let source = ["ntpd"];
    let Some(leap) = value("leap") else { return };
    let is_synchronized = leap != UNSYNCHRONIZED;
    findings.add(SYNCHRONIZED, &source, f64::from(is_synchronized));
    findings.add_some(FREQUENCY, &source, value("frequency").map(|n| n / 1e6));
    let Some(behind) = value("offset").map(|n| n / MILLISECONDS).filter(|_| is_synchronized) else { return };
    findings.add(OFFSET, &source, -behind);
    findings.add_some(STRATUM, &source, value("stratum"));
    let root = value("rootdelay").zip(value("rootdisp"));
    let error_max = root.map(|(delay, dispersion)| behind.abs() + (delay / 2.0 + dispersion) / MILLISECONDS);
    findings.add_some(ERROR_MAX, &source, error_max);
}

fn text(answer: &[u8]) -> Option<&str> {
    let head = answer.get(..HEAD_BYTES)?;
    let is_it = head[0] & MODE == CONTROL & MODE && head[1] & (ANSWER | ERROR) == ANSWER;
    let count = usize::from(u16::from_be_bytes([head[10], head[11]]));
    let text = answer.get(HEAD_BYTES..HEAD_BYTES + count)?;
    std::str::from_utf8(text).ok().filter(|_| is_it)
}
