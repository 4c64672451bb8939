//! Senders that are broken, slow, or far too many: each is told a reason in a counter, and nobody else is harmed.

use super::{House, SOON, now_s};
use it::wait::until;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Connections that say nothing.
const IDLE: usize = 20_000;
/// Half of what a process may have here, so that both sides fit even where the limit is small.
const CLIENTS: usize = 5;

/// Memory of a process that is not shared with files, in bytes.
fn anonymous_bytes(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// A process that holds connections open until its input ends, and says when it has them.
const HOLDER: &str = "import socket, sys, resource\n\
    port, count = int(sys.argv[1]), int(sys.argv[2])\n\
    held = []\n\
    for i in range(count):\n\
    \x20   s = socket.socket(); s.bind(('127.0.%d.%d' % (int(sys.argv[3]), 1 + i % 8), 0)); s.connect(('127.0.0.1', port)); held.append(s)\n\
    held[0].sendall(b'half a li')\n\
    print('held', flush=True)\n\
    sys.stdin.read()\n";

#[test]
fn twenty_thousand_idle_connections_are_borne() {
    let limit = std::process::Command::new("sh").args(["-c", "ulimit -Hn"]).output().unwrap();
    let limit: usize = String::from_utf8_lossy(&limit.stdout).trim().parse().unwrap_or(usize::MAX);
    // Descriptors of everything else in the server.
    let idle = IDLE.min(limit.saturating_sub(500));
    let house = House::with("graphite", &[]);
    let before = anonymous_bytes(house.server.process.pid());
    let mut holders: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let mut command = std::process::Command::new("/usr/bin/python3");
            command.args([
                "-c",
                HOLDER,
                &house.port.to_string(),
                &(idle / CLIENTS).to_string(),
                &(number + 1).to_string(),
            ]);
            command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for holder in &mut holders {
        let mut said = [0; 5];
        holder.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert_eq!(&said, b"held\n");
    }
    let wanted = (idle / CLIENTS * CLIENTS) as f64;
    house.counted("windhover_doors_connections{door=\"graphite\"}", wanted);
    let mut stream = house.connect();
    writeln!(stream, "still.here 1 {}", now_s()).unwrap();
    house.wait_for("still.here", "*", 1.0);
    let more = anonymous_bytes(house.server.process.pid()).saturating_sub(before);
    assert!(more < 40 << 20, "{idle} connections cost {more} bytes");
    for mut holder in holders {
        drop(holder.stdin.take());
        assert!(holder.wait().unwrap().success());
    }
    until("all to be gone", SOON, || {
        let text = it::http::get(&house.server.at("/metrics")).text;
        let line = text
            .lines()
            .find(|l| l.starts_with("windhover_doors_connections{door=\"graphite\"}"))?
            .to_owned();
        (line.rsplit(' ').next()?.parse::<f64>().ok()? <= 1.0).then_some(())
    });
}

#[test]
fn nonsense_at_every_door_is_counted_and_harms_nobody() {
    let nonsense: [&[u8]; 8] = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff\xfe\x00\x01\x02\x03\n\n\n",
        b"{\"method\":\"Transfer.Update\",\"params\":[[{\"timestamp\":1e999}]],\"id\":1}\n",
        b"put a 1 nan x=y\nupdate a b c d\na.b 1e999 1\na.b 1 99999999999999999999\n",
        b"\x00\x00\x00\x02\x80\x09",
        b"\xff\xff\xff\xff",
        b"ZBXD\x03\x04\0\0\0\xff\xff\xff\x7fabcd",
        &[b'x'; 200_000],
    ];
    for door in ["graphite", "pickle", "opentsdb", "zabbix", "falcon_rpc", "falcon_telnet"] {
        let house = House::with(door, &[]);
        for bytes in nonsense {
            let mut stream = house.connect();
            // The door may have ended it before all was sent.
            let _ = stream.write_all(bytes);
        }
        house.counted(&format!("windhover_doors_refused_total{{door=\"{door}\"}}"), 6.0);
        let answer = it::http::get(&house.server.at("/health"));
        assert_eq!(answer.status, 200);
        until("all connections to end", SOON, || {
            let text = it::http::get(&house.server.at("/metrics")).text;
            let name = format!("windhover_doors_connections{{door=\"{door}\"}}");
            let line = text.lines().find(|line| line.starts_with(&name))?.to_owned();
            line.ends_with(" 0").then_some(())
        });
        assert!(TcpStream::connect(("127.0.0.1", house.port)).is_ok());
    }
}

#[test]
fn a_line_that_never_ends_costs_no_memory() {
    let house = House::with("graphite", &[]);
    let before = anonymous_bytes(house.server.process.pid());
    let mut stream = house.connect();
    for _ in 0..1000 {
        stream.write_all(&[b'x'; 64 * 1024]).unwrap();
    }
    write!(stream, "\nafter.it 1 {}\n", now_s()).unwrap();
    house.wait_for("after.it", "*", 1.0);
    house.counted("windhover_doors_refused_total{door=\"graphite\"}", 1.0);
    let more = anonymous_bytes(house.server.process.pid()).saturating_sub(before);
    assert!(more < 20 << 20, "an endless line cost {more} bytes");
}
