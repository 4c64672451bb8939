use super::*;
use proptest::prelude::*;

/// What a station said.
#[derive(Debug, Default)]
struct Said {
    probes: Vec<String>,
    monitors: Vec<Vec<u8>>,
    believed: Vec<(i64, IpAddr, String)>,
}

impl Mouth for Said {
    fn to_probes(&mut self, datagram: &[u8]) {
        self.probes.push(String::from_utf8(datagram.to_vec()).unwrap());
    }

    fn to_monitors(&mut self, datagram: &[u8]) {
        self.monitors.push(datagram.to_vec());
    }

    fn believed(&mut self, unix_ms: i64, from: IpAddr, lines: &[u8]) {
        self.believed.push((unix_ms, from, String::from_utf8(lines.to_vec()).unwrap()));
    }
}

const LINE: &[u8] = b"web:load_5:0.97:GAUGE\n";

fn station(seed: u64) -> Station {
    station_from(seed, 0)
}

fn station_from(seed: u64, start_ms: i64) -> Station {
    let manner =
        Manner { period_ms: 1000, word: "ping".into(), ranges: vec!["192.0.2.0/24".parse().unwrap()] };
    Station::new(manner, Random::from_seed(seed), start_ms)
}

fn at(steady_ms: i64) -> Now {
    Now { steady_ms, unix_ms: 1_700_000_000_000 + steady_ms }
}

fn address(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

/// A station that pings, and when it did.
fn pinging(seed: u64) -> (Station, i64) {
    let (mut station, mut said) = (station(seed), Said::default());
    while said.probes.is_empty() {
        let now = at(station.wake_ms());
        station.due(now, &mut said);
    }
    let now_ms = station.clock().last_ping_ms().unwrap();
    (station, now_ms)
}

#[test]
fn answers_are_taken_when_asked_for_from_the_range_only() {
    let (mut station, now_ms) = pinging(1);
    let mut said = Said::default();
    station.received(at(now_ms + 5), Ear::Own, address(7), LINE, &mut said);
    station.received(at(now_ms + 5), Ear::Own, [10, 0, 0, 1].into(), LINE, &mut said);
    station.received(at(now_ms + 14_000), Ear::Own, address(8), b"db:load:1:GAUGE\n", &mut said);
    assert_eq!(said.believed, [(at(now_ms + 5).unix_ms, address(7), "web:load_5:0.97:GAUGE\n".into())]);
    assert!(said.monitors.is_empty(), "nobody listens");
}

#[test]
fn what_the_one_hears_all_hear_with_the_same_time() {
    let (mut first, now_ms) = pinging(1);
    let (mut second, mut said) = (station_from(2, now_ms), Said::default());
    second.due(at(now_ms), &mut said);
    first.received(at(now_ms), Ear::Monitors, address(2), &said.monitors.remove(0), &mut Said::default());
    first.due(at(now_ms), &mut said);
    let ping = said.monitors.pop().expect("the clock says that it is one");
    second.received(at(now_ms + 1), Ear::Monitors, address(1), &ping, &mut Said::default());

    first.received(at(now_ms + 5), Ear::Own, address(7), LINE, &mut said);
    let heard = said.monitors.pop().expect("passed on");
    let mut other = Said::default();
    let wrong_sender = address(3);
    second.received(at(now_ms + 6), Ear::Monitors, wrong_sender, &heard, &mut other);
    assert!(other.believed.is_empty(), "only the clock is believed");
    second.received(at(now_ms + 6), Ear::Monitors, address(1), &heard, &mut other);
    assert_eq!(other.believed, said.believed);
}

#[test]
fn a_time_that_is_far_off_is_not_believed() {
    let (mut station, mut said) = (station(2), Said::default());
    let (peer, mut out) = (Peer { id: Id(1), period_ms: 1000 }, Vec::new());
    Message::Ping(peer).write("ping", &mut out);
    station.received(at(0), Ear::Monitors, address(1), &out, &mut said);
    out.clear();
    Message::Heard { id: peer.id, time_ms: 5, address: address(7), lines: LINE }.write("ping", &mut out);
    station.received(at(1), Ear::Monitors, address(1), &out, &mut said);
    assert_eq!(said.believed[0].0, at(1).unix_ms);
}

#[test]
fn lines_nobody_asked_for_are_not_believed() {
    let (mut station, mut said) = (station(1), Said::default());
    station.received(at(0), Ear::Own, address(7), LINE, &mut said);
    station.received(at(0), Ear::Monitors, address(7), LINE, &mut said);
    assert!(said.believed.is_empty());
    station.received(at(1), Ear::Pings, address(9), b"ping\n", &mut said);
    station.received(at(2), Ear::Monitors, address(7), LINE, &mut said);
    assert_eq!(said.believed.len(), 1, "a foreign monitor asked");
}

#[test]
fn long_answers_are_passed_on_in_pieces() {
    let lines = LINE.repeat(5000);
    let first = whole_lines(&lines, PASSED_BYTES_MAX);
    assert!(first.len() <= PASSED_BYTES_MAX && first.ends_with(b"\n") && first.len() > PASSED_BYTES_MAX - 50);
    assert_eq!(whole_lines(LINE, PASSED_BYTES_MAX), LINE);
    assert_eq!(whole_lines(&[b'x'; 10], 4).len(), 4, "without an end it is cut anywhere");
}

/// Fails when a station says what stations do not understand.
struct Reader;

impl Mouth for Reader {
    fn to_probes(&mut self, datagram: &[u8]) {
        assert!(message::ping(datagram, "ping").is_some());
    }

    fn to_monitors(&mut self, datagram: &[u8]) {
        assert!(Message::read(datagram, "ping").is_some() && datagram.len() <= 65_507);
    }

    fn believed(&mut self, _: i64, from: IpAddr, lines: &[u8]) {
        assert!(from.is_ipv4() && !lines.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_heard_what_is_said_is_understood(
        heard in prop::collection::vec(
            (0..3usize, 0..6u8, 0..2_000i64, "((ping|hello|clock|heard) [0-3]{16} [1-9]{1,4}( 192.0.2.[1-9])?\n)?.{0,40}"),
            0..200,
        ),
    ) {
        let mut station = station(3);
        let mut steady_ms = 0;
        for (ear, from, wait_ms, datagram) in heard {
            steady_ms += wait_ms;
            let ear = [Ear::Own, Ear::Monitors, Ear::Pings][ear];
            let from = [192, 0, 2 + from % 2, from].into();
            station.received(at(steady_ms), ear, from, datagram.as_bytes(), &mut Reader);
            station.due(at(steady_ms), &mut Reader);
            prop_assert!(station.wake_ms() > steady_ms);
        }
    }
}
