//! Connections made up in memory, a usual request and answer of each protocol again and again.

use sniff::capture::{Frame, Link};

/// A packet from its IP header on.
pub(super) struct Packet(Vec<u8>);

impl Packet {
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame { time_ns: 1, link: Link::Ip, bytes: &self.0, len: self.0.len() as u32 }
    }
}

/// So many requests with their answers, over one connection that was open before.
pub(super) fn packets(protocol: &str, port: u16, count: usize) -> Vec<Packet> {
    let mut numbers = [1u32, 1];
    let mut packets = Vec::with_capacity(count * 2);
    for i in 0..count {
        let (request, answer) = pair(protocol, i);
        for (is_client, payload) in [(true, request), (false, answer)] {
            packets.push(packet(port, is_client, &mut numbers, &payload));
        }
    }
    packets
}

fn packet(port: u16, is_client: bool, numbers: &mut [u32; 2], payload: &[u8]) -> Packet {
    let (own, other) = if is_client { (0, 1) } else { (1, 0) };
    let ends = [([10, 0, 0, 7], 40_000u16), ([10, 0, 0, 1], port)];
    let mut bytes = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0];
    bytes[2..4].copy_from_slice(&(40 + payload.len() as u16).to_be_bytes());
    bytes.extend(ends[own].0);
    bytes.extend(ends[other].0);
    bytes.extend(ends[own].1.to_be_bytes());
    bytes.extend(ends[other].1.to_be_bytes());
    bytes.extend(numbers[own].to_be_bytes());
    bytes.extend(numbers[other].to_be_bytes());
    bytes.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.extend(payload);
    numbers[own] = numbers[own].wrapping_add(payload.len() as u32);
    Packet(bytes)
}

fn pair(protocol: &str, i: usize) -> (Vec<u8>, Vec<u8>) {
    match protocol {
        "http" => http(i),
        "redis" => redis(i),
        "postgresql" => postgresql(i),
        "mysql" => mysql(i),
        _ => mongodb(i),
    }
}

fn http(i: usize) -> (Vec<u8>, Vec<u8>) {
    let request = format!(
        "GET /api/v1/users/{i}/orders?limit=20 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
         Accept: application/json\r\nAccept-Encoding: gzip, br\r\nCookie: session=0123456789abcdef\r\n\r\n"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\nContent-Type: application/json\r\n\
         Content-Length: 300\r\nConnection: keep-alive\r\n\r\n{}",
        "x".repeat(300)
    );
    (request.into_bytes(), answer.into_bytes())
}

fn redis(i: usize) -> (Vec<u8>, Vec<u8>) {
    let key = format!("session:{i}");
    let request = format!("*2\r\n$3\r\nGET\r\n${}\r\n{key}\r\n", key.len());
    (request.into_bytes(), format!("$300\r\n{}\r\n", "x".repeat(300)).into_bytes())
}

fn postgresql(i: usize) -> (Vec<u8>, Vec<u8>) {
    let message =
        |kind: u8, body: &[u8]| [&[kind][..], &(body.len() as u32 + 4).to_be_bytes(), body].concat();
    let statement =
        format!("SELECT id, name, total FROM orders WHERE customer_id = {i} ORDER BY id LIMIT 5\0");
    let row = message(b'D', &[7; 50]);
    let rows = row.repeat(5);
    let answer = [message(b'T', &[1; 60]), rows, message(b'C', b"SELECT 5\0"), message(b'Z', b"I")].concat();
    (message(b'Q', statement.as_bytes()), answer)
}

fn mysql(i: usize) -> (Vec<u8>, Vec<u8>) {
    let packet =
        |number: u8, body: &[u8]| [&(body.len() as u32).to_le_bytes()[..3], &[number], body].concat();
    let statement = format!("\x03SELECT id, name FROM orders WHERE customer_id = {i} ORDER BY id LIMIT 5");
    let end = [0xfe, 0, 0, 2, 0];
    let mut answer = [packet(1, &[2]), packet(2, &[3; 40]), packet(3, &[3; 40]), packet(4, &end)].concat();
    for number in 5..10 {
        answer.extend(packet(number, &[4; 40]));
    }
    answer.extend(packet(10, &end));
    (packet(0, statement.as_bytes()), answer)
}

fn mongodb(i: usize) -> (Vec<u8>, Vec<u8>) {
    let text = |name: &str, value: &str| {
        [&[2][..], name.as_bytes(), &[0], &(value.len() as u32 + 1).to_le_bytes(), value.as_bytes(), &[0]]
            .concat()
    };
    let document =
        |elements: &[u8]| [&(elements.len() as u32 + 5).to_le_bytes()[..], elements, &[0]].concat();
    let inner = |kind: u8, name: &str, elements: &[u8]| {
        [&[kind][..], name.as_bytes(), &[0], &document(elements)].concat()
    };
    let message = |id: u32, answers: u32, body: &[u8]| {
        let head = [body.len() as u32 + 21, id, answers, 2013].map(u32::to_le_bytes).concat();
        [&head[..], &[0; 5], body].concat()
    };
    let id = i as u32;
    let filter = inner(3, "filter", &text("customer", "0123456789"));
    let lsid = inner(3, "lsid", &[&[5][..], b"id\0", &16u32.to_le_bytes(), &[4], &[9; 16]].concat());
    let request = document(&[text("find", "orders"), filter, lsid, text("$db", "shop")].concat());
    let batch = inner(4, "firstBatch", &inner(3, "0", &text("name", &"x".repeat(200))));
    let cursor = inner(3, "cursor", &[batch, text("ns", "shop.orders")].concat());
    let ok = [&[1][..], b"ok\0", &1f64.to_le_bytes()].concat();
    (message(id, 0, &request), message(id + 1_000_000, id, &document(&[cursor, ok].concat())))
}
