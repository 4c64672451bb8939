//! What a lossy capture makes of each protocol: every exchange has an operation of its own and an answer of its own
//! length, so that a wrong pair would be seen.

use crate::protocols::named;
use crate::testing::{Packet, Talk, heard, tapped};
use proptest::prelude::*;

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_le_bytes()[..3], &[number], body].concat()
}

fn mongodb(id: u32, answers: u32, elements: &[u8]) -> Vec<u8> {
    let body = [&[0; 5][..], &(elements.len() as u32 + 5).to_le_bytes(), elements, &[0]].concat();
    [&[body.len() as u32 + 16, id, answers, 2013].map(u32::to_le_bytes).concat()[..], &body].concat()
}

/// The n-th exchange of a protocol, whose operation or target has `n` in its name.
fn exchange(protocol: &str, n: usize) -> (Vec<u8>, Vec<u8>) {
    let filling = vec![b'x'; n * 41];
    match protocol {
        "http" => (
            format!("GET /p{n} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes(),
            [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", filling.len()).as_bytes(), &filling]
                .concat(),
        ),
        "postgresql" => {
            let rows = [message(b'D', &filling), message(b'D', b"last")].concat();
            let answer =
                [message(b'T', b"xx"), rows, message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
            (message(b'Q', format!("select 1 from p{n}\0").as_bytes()), answer)
        }
        "mysql" => {
            let end: &[u8] = &[0xfe, 0, 0, 2, 0];
            let row = [b"\x01".as_slice(), &filling].concat();
            let bodies: [&[u8]; 5] = [&[1], b"\x03def columns", end, &row, end];
            let answer = bodies.iter().enumerate().flat_map(|(i, body)| packet(i as u8 + 1, body)).collect();
            (packet(0, format!("\x03select 1 from p{n}").as_bytes()), answer)
        }
        "mongodb" => {
            let text = |name: &str, value: &[u8]| {
                [&[2][..], name.as_bytes(), &[0], &(value.len() as u32 + 1).to_le_bytes(), value, &[0]]
                    .concat()
            };
            let id = n as u32 + 1;
            (
                mongodb(id, 0, &text("find", format!("p{n}").as_bytes())),
                mongodb(id + 1000, id, &text("x", &filling)),
            )
        }
        _ => (
            format!("*1\r\n$4\r\nP{n:03}\r\n").into_bytes(),
            [format!("${}\r\n", filling.len()).as_bytes(), &filling, b"\r\n"].concat(),
        ),
    }
}

/// What is said before the first exchange.
fn prelude(protocol: &str, talk: &mut Talk) {
    match protocol {
        "postgresql" => {
            talk.client(b"\0\0\0\x0c\0\x03\0\0a\0b\0");
            talk.server([message(b'R', &[0; 4]), message(b'Z', b"I")].concat());
        }
        "mysql" => {
            talk.server(packet(0, b"\x0a10.11\0abcdefgh"));
            talk.client(packet(1, &[1; 40])).server(packet(2, &[0, 0, 0, 2, 0, 0, 0]));
        }
        _ => {}
    }
}

/// A place for each packet in the capture: lost, twice, or some packets later.
fn suffer(packets: &[Packet], fates: &[u8]) -> Vec<Packet> {
    let mut placed: Vec<(usize, Packet)> = Vec::new();
    for (i, packet) in packets.iter().enumerate() {
        match fates[i % fates.len()] {
            0..=7 => placed.push((i * 2, packet.clone())),
            8 => {}
            9 => placed.extend([(i * 2, packet.clone()), (i * 2 + 5, packet.clone())]),
            late => placed.push(((i + usize::from(late - 9)) * 2 + 1, packet.clone())),
        }
    }
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, packet)| packet).collect()
}

proptest! {
    #[test]
    fn no_exchange_is_made_up(fates in prop::collection::vec(0u8..13, 50..200), mss in prop_oneof![Just(1400usize), 60usize..400]) {
        for row in crate::protocols::PROTOCOLS {
            let mut talk = Talk::opened(row.port);
            talk.mss = mss;
            prelude(row.name, &mut talk);
            for n in 0..30 {
                let (request, answer) = exchange(row.name, n);
                talk.client(request).server(answer);
            }
            let tap = tapped(named(row.name).unwrap(), &suffer(&talk.packets, &fates), row.port);
            for (name, target, counts) in heard(&tap).into_iter().filter(|found| found.0 != "LOGIN") {
                let own = if target.is_empty() { &name } else { &target };
                let n: usize = own.trim_start_matches(['p', 'P', '/']).parse().unwrap();
                let (request, answer) = exchange(row.name, n);
                let found = (counts.requests, counts.request_bytes, counts.response_bytes);
                let wanted = (1, request.len() as u64, answer.len() as u64);
                prop_assert_eq!(found, wanted, "{} {}", row.name, own);
            }
        }
    }

    #[test]
    fn repeats_and_cuts_of_any_size_change_nothing(fates in prop::collection::vec(0u8..10, 50), mss in 1usize..500) {
        let fates: Vec<u8> = fates.into_iter().map(|fate| if fate == 8 { 9 } else { fate }).collect();
        for row in crate::protocols::PROTOCOLS {
            let mut talk = Talk::opened(row.port);
            talk.mss = mss;
            prelude(row.name, &mut talk);
            for n in 0..12 {
                let (request, answer) = exchange(row.name, n);
                talk.client(request).server(answer);
            }
            let tap = tapped(named(row.name).unwrap(), &suffer(&talk.packets, &fates), row.port);
            let exchanges = heard(&tap).into_iter().filter(|found| found.0 != "LOGIN");
            prop_assert_eq!(exchanges.map(|found| found.2.requests).sum::<u64>(), 12, "{}", row.name);
        }
    }
}
