use super::*;
use proptest::prelude::*;
use stdx::clock::SystemClock;

fn probe(line: &str, ranges: &[&str]) -> (Answerer, SocketAddr) {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = Options {
        listen: vec!["127.0.0.1".into()],
        port: free.port(),
        ranges: ranges.iter().map(|range| range.parse().unwrap()).collect(),
        says: Says::Command(line.into(), Duration::from_secs(10)),
    };
    (Answerer::start(options, Arc::new(SystemClock)).unwrap(), free)
}

/// Pings until something is answered.
fn ask(at: SocketAddr) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut buffer = [0; 65_536];
    let answer = (0..40).find_map(|_| {
        let _ = socket.send_to(b"ping\n", at);
        socket.recv(&mut buffer).ok()
    });
    String::from_utf8(buffer[..answer.expect("an answer")].to_vec()).unwrap()
}

#[test]
fn a_ping_is_answered_with_what_the_command_prints() {
    let (probe, at) = probe("echo web:load:1:GAUGE; echo web:load:2:GAUGE", &["127.0.0.0/8"]);
    assert_eq!(ask(at), "web:load:1:GAUGE\nweb:load:2:GAUGE\n");
    let deadline = Instant::now() + Duration::from_secs(20);
    let standing = loop {
        let standing = probe.standings().remove(0);
        if standing.last_ms.is_some() || Instant::now() > deadline {
            break standing;
        }
        std::thread::yield_now();
    };
    assert_eq!((standing.samples, standing.problem.as_str()), (2, ""));
    probe.stop();
}

#[test]
fn strangers_are_not_answered() {
    let (probe, at) = probe("echo a", &["192.0.2.0/24"]);
    let before = telemetry::OUTSIDE_RANGE.get();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while telemetry::OUTSIDE_RANGE.get() == before {
        let _ = socket.send_to(b"ping\n", at);
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(socket.recv(&mut [0; 100]).is_err());
    probe.stop();
}

#[test]
fn pings_are_let_through_at_a_bounded_rate() {
    let mut rate = Rate::default();
    let of = |n: u8| IpAddr::from([192, 0, 2, n]);
    assert_eq!((0..100).filter(|_| rate.has_room(1, of(1))).count() as u32, SOURCE_RATE_MAX);
    assert!(rate.has_room(1, of(2)) && rate.has_room(2, of(1)));
    let taken = (0..=255).flat_map(|n| [n, n]).filter(|n| rate.has_room(3, of(*n))).count();
    assert_eq!(taken as u32, TOTAL_RATE_MAX);
}

proptest! {
    #[test]
    fn datagrams_hold_whole_lines_and_lose_none(lengths in prop::collection::vec(0..3_000usize, 0..30)) {
        let mut lines = Vec::new();
        for length in &lengths {
            lines.extend(std::iter::repeat_n(b'x', *length));
            lines.push(b'\n');
        }
        let all: Vec<&[u8]> = datagrams(&lines).collect();
        prop_assert_eq!(all.concat(), lines.as_slice());
        for datagram in all {
            let is_one_line = datagram.iter().filter(|b| **b == b'\n').count() == 1;
            prop_assert!(datagram.ends_with(b"\n") && (datagram.len() <= DATAGRAM_BYTES || is_one_line));
        }
    }
}

#[test]
fn a_line_that_no_datagram_holds_is_left_out() {
    let mut lines = b"a\n".to_vec();
    lines.extend(std::iter::repeat_n(b'x', LINE_BYTES_MAX));
    lines.extend(b"\nb");
    assert_eq!(datagrams(&lines).collect::<Vec<_>>(), [b"a\n".as_slice(), b"b"]);
}
