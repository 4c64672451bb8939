//! The doors with real sockets, from outside.

use super::*;
use crate::tests::{Recorder, options, until};
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use stdx::clock::ManualClock;

struct House {
    doors: Doors,
    sink: Arc<Recorder>,
}

impl House {
    fn with(change: impl FnOnce(&mut Options)) -> Self {
        let (mut options, sink) = (options(), Arc::new(Recorder::default()));
        change(&mut options);
        let clock = Arc::new(ManualClock::at(1_700_000_003_000));
        Self { doors: Doors::start(options, sink.clone(), clock).unwrap(), sink }
    }

    fn standing(&self) -> Standing {
        self.doors.standings().remove(0)
    }
}

#[test]
fn doors_without_addresses_are_not_there() {
    assert!(House::with(|_| {}).doors.standings().is_empty());
}

#[test]
fn rows_are_named_once_and_count_under_their_names() {
    for (i, door) in DOORS.iter().enumerate() {
        assert!(DOORS[..i].iter().all(|other| other.name != door.name && other.port != door.port));
        assert!(!door.summary.is_empty());
        assert_eq!(door.counters.connections.labels, [("door", door.name)]);
    }
    let mut seen = std::collections::HashSet::new();
    for item in crate::TELEMETRY {
        assert!(item.name().starts_with("windhover_doors_") && !item.help().is_empty());
        assert!(seen.insert((item.name(), item.labels())), "{} twice", item.name());
    }
}

#[test]
fn what_came_by_every_way_is_handed_on_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statsd.sock");
    let house = House::with(|options| {
        options.listen = vec![("statsd", "127.0.0.1:0".parse().unwrap())];
        options.statsd_socket = Some(path.clone());
    });
    // By UDP and TCP the kernel chose different ports.
    let (udp, tcp) = until("the door", || Some((house.doors.udp("statsd")?, house.doors.tcp("statsd")?)));
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"a:1|c", udp).unwrap();
    std::os::unix::net::UnixDatagram::unbound().unwrap().send_to(b"a:2|c", &path).unwrap();
    let mut stream = TcpStream::connect(tcp).unwrap();
    stream.write_all(b"a:4|c\na:").unwrap();
    stream.write_all(b"8|c\na:16|c").unwrap();
    drop(stream);
    // A sender that dies in the middle of a line.
    let mut killed = TcpStream::connect(tcp).unwrap();
    killed.write_all(b"a:1000").unwrap();
    drop(killed);
    until("all of it", || {
        let taken = crate::TELEMETRY.iter().find(|i| i.name() == "windhover_doors_statsd_lines_total")?;
        (taken.value() >= 5.0).then_some(())
    });
    house.doors.stop();
    house.doors.stop();
    assert_eq!(
        house.sink.take(),
        [r#"1700000003000 counter a{host="h"} 0"#, r#"1700000003000 counter a{host="h"} 31"#]
    );
    let standing = house.standing();
    assert_eq!((standing.part, standing.name.as_str()), ("door", "statsd"));
}

#[test]
fn a_taken_address_is_told_and_tried_again() {
    // Both of one number, so that no other test has the one for TCP when the door is tried again.
    let pair = |udp: UdpSocket| Some((std::net::TcpListener::bind(udp.local_addr().ok()?).ok()?, udp));
    let other = until("a free pair", || UdpSocket::bind("127.0.0.1:0").ok().and_then(pair));
    let address = other.1.local_addr().unwrap();
    let house = House::with(|options| options.listen = vec![("statsd", address)]);
    until("the problem", || {
        let wanted = format!("UDP {address} is taken: another program listens there; it is tried again");
        (house.standing().problem == wanted).then_some(())
    });
    drop(other);
    until("the door", || house.doors.udp("statsd"));
    assert_eq!(house.standing().problem, "");
}

#[test]
fn choices_that_make_no_sense_are_refused() {
    let mut options = options();
    options.aggregation.quantiles = vec![0.9, 0.5];
    let started = Doors::start(options, Arc::new(Recorder::default()), Arc::new(ManualClock::at(0)));
    assert!(started.is_err_and(|e| e.to_string() == "quantiles must rise, and be between 0 and 1"));
}
