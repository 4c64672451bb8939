use super::*;
use crate::packet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// Opens a ring; `None`, told, where this process may not.
pub(crate) fn open(options: &Options, ports: &[u16]) -> Option<Ring> {
    match Ring::open(options, ports) {
        Ok(ring) => Some(ring),
        Err(Problem::Right(error)) => {
            eprintln!("skipped: {error}");
            None
        }
        Err(problem) => panic!("{problem}"),
    }
}

/// A client that sends each text and waits for the same to come back.
fn echo(address: &str, texts: &[Vec<u8>]) -> u16 {
    let listener = TcpListener::bind(address).unwrap();
    let port = listener.local_addr().unwrap().port();
    let _ = port;
    let texts: Vec<Vec<u8>> = texts.to_vec();
    let lens: Vec<usize> = texts.iter().map(Vec::len).collect();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for len in lens {
            let mut text = vec![0; len];
            stream.read_exact(&mut text).unwrap();
            stream.write_all(&text).unwrap();
        }
    });
    let mut stream =
        TcpStream::connect((address.rsplit_once(':').unwrap().0.trim_matches(['[', ']']), port)).unwrap();
    for text in &texts {
        stream.write_all(text).unwrap();
        let mut back = vec![0; text.len()];
        stream.read_exact(&mut back).unwrap();
        assert!(back == *text);
    }
    server.join().unwrap();
    port
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn every_packet_of_a_port_is_seen_once() {
    for (interface, host) in [("lo", "127.0.0.1"), ("", "127.0.0.1"), ("any", "[::1]")] {
        let port = free_port();
        let options = Options { interface: interface.into(), ring_bytes: 1 << 20, snap_bytes: 100 };
        let Some(mut ring) = open(&options, &[port]) else { return };
        let texts: Vec<Vec<u8>> = [1usize, 10, 90, 500, 30_000].map(|len| vec![b'x'; len]).to_vec();
        echo(&format!("{host}:{port}"), &texts);
        echo(&format!("{host}:0"), &texts);
        let (mut wire, mut kept, mut count, deadline) =
            (0u64, 0u64, 0, Instant::now() + Duration::from_secs(10));
        let wanted: u64 = texts.iter().map(|text| text.len() as u64 * 2).sum();
        while wire < wanted && Instant::now() < deadline {
            ring.read(|frame| {
                let segment = packet::segment(&frame).expect("only TCP passes the filter");
                assert!([segment.source.port, segment.target.port].contains(&port));
                assert!(frame.bytes.len() <= 100 && frame.time_ns > 1_700_000_000_000_000_000);
                wire += u64::from(segment.payload_len);
                kept += segment.payload.len() as u64;
                count += 1;
            });
        }
        assert_eq!(wire, wanted, "on `{interface}`");
        assert!(kept < wanted / 2 && count > 10);
        assert_eq!(ring.dropped(), 0);
    }
}

#[test]
fn the_filter_can_be_changed_while_it_runs() {
    let (one, other) = (free_port(), free_port());
    let Some(mut ring) = open(&Options { interface: "lo".into(), ..Options::default() }, &[one]) else {
        return;
    };
    ring.filter(&[other]).unwrap();
    echo(&format!("127.0.0.1:{one}"), &[b"one".to_vec()]);
    echo(&format!("127.0.0.1:{other}"), &[b"other".to_vec()]);
    let (mut seen, deadline) = (Vec::new(), Instant::now() + Duration::from_secs(10));
    while seen.len() < 2 && Instant::now() < deadline {
        ring.read(|frame| {
            seen.extend(packet::segment(&frame).filter(|s| s.payload_len > 0).map(|s| s.payload.to_vec()))
        });
    }
    assert_eq!(seen, [b"other", b"other"]);
}

#[test]
fn an_unknown_interface_is_told_by_its_name() {
    let options = Options { interface: "nope0".into(), ..Options::default() };
    match Ring::open(&options, &[1]) {
        Err(problem) => assert!(problem.to_string().contains("nope0"), "{problem}"),
        Ok(_) => panic!("there is no such interface"),
    }
}

#[test]
fn a_full_ring_counts_what_it_loses() {
    let port = free_port();
    let options = Options { interface: "lo".into(), ring_bytes: 1, snap_bytes: 1500 };
    let Some(mut ring) = open(&options, &[port]) else { return };
    let texts = vec![vec![b'x'; 1000]; 2000];
    echo(&format!("127.0.0.1:{port}"), &texts);
    assert!(ring.dropped() > 0);
}
