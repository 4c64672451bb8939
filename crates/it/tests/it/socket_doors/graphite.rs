//! Graphite's doors: bare sockets, Python's own pickles, and a carbon-relay that cannot tell us from a carbon-cache.

use super::{House, SOON, now_s};
use it::process::{Folder, Running, free_port};
use it::wait::until;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;

const PYTHON: &str = "/usr/bin/python3";

#[test]
fn lines_come_by_tcp_and_udp() {
    let house = House::with("graphite", &[]);
    let now = now_s();
    let mut stream = house.connect();
    write!(stream, "web1.load 1.5 {now}\ndisk.used;host=web1;mount=/ 42 -1\nbro").unwrap();
    house.wait_for("web1.load", "*", 1.5);
    house.wait_for("disk.used", "host:web1", 42.0);
    write!(stream, "ken 7 {now}\nnot a line at all\na.b inf {now}\na.b nan {now}\nhalf 1 17").unwrap();
    house.wait_for("broken", "*", 7.0);
    drop(stream);
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let datagram = format!("udp.one 1 {now}\nudp.two 2 {now}");
    udp.send_to(datagram.as_bytes(), ("127.0.0.1", house.port)).unwrap();
    house.wait_for("udp.two", "*", 2.0);
    // The bad line, the infinite value and the half line at the end.
    house.counted("windhover_doors_refused_total{door=\"graphite\"}", 3.0);
    house.counted("windhover_doors_skipped_total{door=\"graphite\"}", 1.0);
    assert_eq!(house.last("half", "*"), None);
}

#[test]
fn pickles_of_python_are_read() {
    let house = House::with("pickle", &[]);
    let script = format!(
        "import pickle, socket, struct, time\n\
         s = socket.create_connection(('127.0.0.1', {}))\n\
         for p in range(pickle.HIGHEST_PROTOCOL + 1):\n\
         \x20   m = pickle.dumps([('py.p%d' % p, (time.time(), p + 0.5)), ('py.tag;p=x', [-1, 2**40])], protocol=p)\n\
         \x20   s.sendall(struct.pack('>I', len(m))); s.sendall(m)\n\
         m = pickle.dumps(print); s.sendall(struct.pack('>I', len(m)) + m)\n\
         m = pickle.dumps([('py.last', (time.time(), 1))]); s.sendall(struct.pack('>I', len(m)) + m)\n",
        house.port
    );
    let output = Command::new(PYTHON).args(["-c", &script]).output().expect("python can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    house.wait_for("py.last", "*", 1.0);
    for protocol in 0..6 {
        assert_eq!(house.last(&format!("py.p{protocol}"), "*"), Some(f64::from(protocol) + 0.5));
    }
    assert_eq!(house.last("py.tag", "p:x"), Some(1_099_511_627_776.0));
    house.counted("windhover_doors_refused_total{door=\"pickle\"}", 1.0);
    // A length that nobody means ends the connection, as it does there.
    let mut stream = house.connect();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(std::io::Read::read(&mut stream, &mut [0]).unwrap_or(0), 0);
}

/// A carbon-relay that sends to a port, by lines or pickles.
fn relay(folder: &Folder, port: u16, protocol: &str, to: u16) -> Running {
    let file = folder.path().join(format!("{protocol}.conf"));
    let (pickle_port, here) = (free_port(), folder.path().display());
    let text = format!(
        "[relay]\nLINE_RECEIVER_INTERFACE = 127.0.0.1\nLINE_RECEIVER_PORT = {port}\n\
         PICKLE_RECEIVER_INTERFACE = 127.0.0.1\nPICKLE_RECEIVER_PORT = {pickle_port}\n\
         RELAY_METHOD = consistent-hashing\nDESTINATIONS = 127.0.0.1:{to}\n\
         DESTINATION_PROTOCOL = {protocol}\nUSER = \nPID_DIR = {here}\nLOG_DIR = {here}\nCONF_DIR = {here}\nSTORAGE_DIR = {here}\n"
    );
    std::fs::write(&file, text).unwrap();
    std::fs::write(folder.path().join("storage-schemas.conf"), "[all]\npattern = .*\nretentions = 1s:1d\n")
        .unwrap();
    let mut command = Command::new("/usr/bin/carbon-relay");
    command.arg(format!("--config={}", file.display())).args(["--nodaemon", "start"]);
    let relay = Running::start(&mut command);
    until("the relay to listen", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
    relay
}

#[test]
fn a_carbon_relay_sends_to_us_as_to_a_cache() {
    if !Path::new("/usr/bin/carbon-relay").exists() {
        return it::skip("graphite-carbon is not installed");
    }
    for (door, protocol) in [("pickle", "pickle"), ("graphite", "line")] {
        let (house, port) = (House::with(door, &[]), free_port());
        let _relay = relay(&house.folder, port, protocol, house.port);
        let now = now_s();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        for i in 0..1000 {
            writeln!(stream, "relayed.m{i};host=web1 {i}.25 {now}").unwrap();
        }
        house.wait_for("relayed.m999", "host:web1", 999.25);
        house.counted(&format!("windhover_doors_samples_total{{door=\"{door}\"}}"), 1000.0);
    }
}
