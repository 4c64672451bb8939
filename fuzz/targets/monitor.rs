#![no_main]

use probe::station::{Ear, Manner, Mouth, Now, Station};
use std::net::IpAddr;
use stdx::random::Random;

/// What a station says must be what stations understand.
struct Reader;

impl Mouth for Reader {
    fn to_probes(&mut self, datagram: &[u8]) {
        assert!(probe::message::ping(datagram, "ping").is_some());
    }

    fn to_monitors(&mut self, datagram: &[u8]) {
        assert!(probe::Message::read(datagram, "ping").is_some());
        assert!(datagram.len() <= 65_507);
    }

    fn believed(&mut self, _: i64, from: IpAddr, lines: &[u8]) {
        assert!(from.is_ipv4() && !lines.is_empty());
    }
}

// Datagrams between line ends of two bytes, each with its ear, its sender and the time since the one before.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let ranges = vec!["192.0.2.0/24".parse().expect("a network")];
    let manner = Manner { period_ms: 100, word: "ping".into(), ranges };
    let mut station = Station::new(manner, Random::from_seed(1), 0);
    let mut now = Now { steady_ms: 0, unix_ms: 1_700_000_000_000 };
    for datagram in input.split(|byte| *byte == 0xff) {
        let [ear, from, wait, rest @ ..] = datagram else { continue };
        let ear = [Ear::Own, Ear::Monitors, Ear::Pings][usize::from(ear % 3)];
        now.steady_ms += i64::from(*wait) * 4;
        now.unix_ms += i64::from(*wait) * 4;
        station.received(now, ear, [192, 0, 2 + from % 2, *from].into(), rest, &mut Reader);
        station.due(now, &mut Reader);
        assert!(station.wake_ms() > now.steady_ms);
    }
});
