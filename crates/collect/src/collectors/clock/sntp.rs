//! One question to a time server (RFC 4330) and how far our clock is ahead of its.

use super::{ERROR_MAX, Findings, OFFSET, STRATUM, SYNCHRONIZED};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WITHIN: Duration = Duration::from_secs(2);
const PACKET_BYTES: usize = 48;
/// No warning of a leap second, version 4, a client.
const CLIENT: u8 = 0x23;
const MODE: u8 = 0x07;
const SERVER: u8 = 4;
/// A leap indicator that says the server does not know the time.
const UNSYNCHRONIZED: u8 = 3;
const STRATUM_MAX: u8 = 15;
/// Seconds from 1900, where NTP begins to count, to 1970; and how many it counts before it begins anew, in 2036.
const EPOCH_SECONDS: f64 = 2_208_988_800.0;
const ERA_SECONDS: f64 = 4_294_967_296.0;
const FRACTION: f64 = 4_294_967_296.0;

/// Adds what the server says, or that it says nothing.
pub(super) fn ask(server: SocketAddr, findings: &mut Findings) {
    let label = server.to_string();
    let source = [&*label];
    match exchange(server) {
        Ok(answer) => {
            findings.add(SYNCHRONIZED, &source, 1.0);
            findings.add(OFFSET, &source, answer.ahead);
            findings.add(ERROR_MAX, &source, answer.ahead.abs() + answer.delay / 2.0 + answer.root_distance);
            findings.add(STRATUM, &source, f64::from(answer.stratum));
        }
        Err(error) => {
            findings.add(SYNCHRONIZED, &source, 0.0);
            findings.remark = format!("time server {label}: {error}");
        }
    }
}

#[derive(Debug, PartialEq)]
struct Answer {
    /// Seconds our clock is ahead.
    ahead: f64,
    /// Time the way there and back took.
    delay: f64,
    /// What the server may be off itself.
    root_distance: f64,
    stratum: u8,
}

fn exchange(server: SocketAddr) -> io::Result<Answer> {
    let any: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(WITHIN))?;
    let mut packet = [0; PACKET_BYTES];
    packet[0] = CLIENT;
    let sent = now();
    let stamp = stamp(sent);
    packet[40..].copy_from_slice(&stamp);
    socket.send(&packet)?;
    let mut answer = [0; PACKET_BYTES];
    loop {
        let count = socket.recv(&mut answer)?;
        // Others may be late answers to earlier questions, or forged.
        if count == PACKET_BYTES && answer[24..32] == stamp {
            return Answer::read(&answer, sent, now());
        }
    }
}

impl Answer {
    fn read(packet: &[u8; PACKET_BYTES], sent: f64, received: f64) -> io::Result<Self> {
        let stratum = packet[1];
        if packet[0] & MODE != SERVER {
            return Err(io::Error::other("the answer is none of a time server"));
        }
        if packet[0] >> 6 == UNSYNCHRONIZED || !(1..=STRATUM_MAX).contains(&stratum) {
            return Err(io::Error::other("it does not know the time itself"));
        }
        let (there, back) = (seconds(&packet[32..40], sent), seconds(&packet[40..48], sent));
        let behind = ((there - sent) + (back - received)) / 2.0;
        Ok(Self {
            ahead: -behind,
            delay: ((received - sent) - (back - there)).max(0.0),
            root_distance: short(&packet[4..8]) / 2.0 + short(&packet[8..12]),
            stratum,
        })
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Unix time as NTP writes it.
fn stamp(unix: f64) -> [u8; 8] {
    let seconds = (unix + EPOCH_SECONDS).rem_euclid(ERA_SECONDS);
    let (whole, fraction) = (seconds.trunc(), seconds.fract() * FRACTION);
    ((whole as u64) << 32 | fraction as u64 & u64::from(u32::MAX)).to_be_bytes()
}

/// Unix time of a stamp, in the era that is nearest to `about`.
fn seconds(stamp: &[u8], about: f64) -> f64 {
    let bits = stamp.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let seconds = (bits >> 32) as f64 - EPOCH_SECONDS + (bits as u32) as f64 / FRACTION;
    seconds + ((about - seconds) / ERA_SECONDS).round() * ERA_SECONDS
}

/// Seconds in 16 bits before the point and 16 after it.
fn short(bytes: &[u8]) -> f64 {
    bytes.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) as f64 / 65_536.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(first: u8, stratum: u8, received: f64, sent: f64) -> [u8; PACKET_BYTES] {
        let mut packet = [0; PACKET_BYTES];
        (packet[0], packet[1], packet[9]) = (first, stratum, 1);
        packet[32..40].copy_from_slice(&stamp(received));
        packet[40..48].copy_from_slice(&stamp(sent));
        packet
    }

    #[test]
    fn offset_and_delay_come_from_the_four_times() {
        // In the next era too.
        for base in [1_800_000_000.0, 2_200_000_000.0] {
            let answer = packet(0x24, 2, base + 5.01, base + 5.02);
            let read = Answer::read(&answer, base, base + 0.04).unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
            assert!(near(read.ahead, -4.995) && near(read.delay, 0.03), "{read:?}");
            assert!(near(read.root_distance, 1.0) && read.stratum == 2, "{read:?}");
        }
    }

    #[test]
    fn who_does_not_know_the_time_is_not_believed() {
        for (first, stratum) in [(0xe4, 2), (0x24, 0), (0x24, 16), (0x23, 2)] {
            assert!(Answer::read(&packet(first, stratum, 5.0, 5.0), 1.0, 2.0).is_err());
        }
    }
}
