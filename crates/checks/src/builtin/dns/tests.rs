use super::super::tests::{run, value};
use super::*;
use crate::outcome::State;
use std::net::UdpSocket;
use std::time::Duration;

/// A name server for one question: gives the answer the header flags and the records (type, TTL, data) say.
fn serve(flags: u16, records: &'static [(u16, u32, &'static [u8])]) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut question = [0; 512];
        let Ok((len, from)) = socket.recv_from(&mut question) else { return };
        let mut answer = question[..len].to_vec();
        answer[2..4].copy_from_slice(&(0x8180 | flags).to_be_bytes());
        answer[7] = records.len() as u8;
        for (kind, ttl_s, data) in records {
            answer.extend([0xc0, 12]);
            answer.extend(kind.to_be_bytes());
            answer.extend(1u16.to_be_bytes());
            answer.extend(ttl_s.to_be_bytes());
            answer.extend((data.len() as u16).to_be_bytes());
            answer.extend(*data);
        }
        socket.send_to(&answer, from).unwrap();
    });
    address
}

const TWO: &[(u16, u32, &[u8])] = &[(1, 300, &[192, 0, 2, 1]), (1, 60, &[192, 0, 2, 2])];

#[test]
fn answers_are_counted_and_compared() {
    let server = serve(0, TWO);
    let outcome = run("dns", "shop.example", [("name_server", &server), ("values", "192.0.2.2")]);
    assert_eq!(outcome.state, State::Ok, "{}", outcome.text);
    assert!(outcome.text.starts_with("A 192.0.2.1, 192.0.2.2 from 127.0.0.1 in 0."), "{}", outcome.text);
    assert_eq!(
        (value(&outcome, "check_dns_answers", ""), value(&outcome, "check_dns_ttl_seconds", "")),
        (Some(2.0), Some(60.0))
    );
    let server = serve(0, TWO);
    let outcome = run("dns", "shop.example", [("name_server", &server), ("values", "192.0.2.2\n192.0.2.3")]);
    assert_eq!((outcome.state, outcome.reason), (State::Critical, "answer"));
    assert!(
        outcome.text.contains("`192.0.2.3` is not among the answers: 192.0.2.1, 192.0.2.2"),
        "{}",
        outcome.text
    );
}

#[test]
fn names_unknown_and_servers_silent_are_told_apart() {
    let server = serve(3, &[]);
    let outcome = run("dns", "shop.example", [("name_server", &server)]);
    assert_eq!((outcome.reason, outcome.text.as_str()), ("dns", "the server says NXDOMAIN"));
    let server = serve(0, &[]);
    let outcome = run("dns", "shop.example", [("name_server", &server), ("type", "mx")]);
    assert_eq!((outcome.reason, outcome.text.as_str()), ("answer", "the name has no MX record"));
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = silent.local_addr().unwrap().to_string();
    let outcome = run("dns", "shop.example", [("name_server", &server), ("timeout", "100ms")]);
    assert_eq!((outcome.state, outcome.reason), (State::Critical, "timeout"), "{}", outcome.text);
    let outcome = run("dns", "shop.example", []);
    assert_eq!(
        (outcome.state, outcome.reason),
        (State::Unknown, "setup"),
        "the test's resolver has no server"
    );
}

#[test]
fn servers_and_names_are_read() {
    for (text, wanted) in
        [("192.0.2.1", "192.0.2.1:53"), ("[::1]", "[::1]:53"), ("::1", "[::1]:53"), ("[::1]:54", "[::1]:54")]
    {
        assert_eq!(server(text).unwrap().unwrap().to_string(), wanted);
    }
    assert!(server("ns.example").is_err());
    assert!(is_same("10 Mail.example", "10 mail.EXAMPLE.") && !is_same("a", "b"));
}
