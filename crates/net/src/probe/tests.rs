use super::*;
use crate::{Error, Patience, Request, Url};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Every name is these addresses.
struct Fixed(Vec<SocketAddr>);

impl Resolve for Fixed {
    fn resolve(&self, _: &str, _: u16, _: Patience<'_>) -> Result<Vec<SocketAddr>, Error> {
        Ok(self.0.clone())
    }
}

fn target(family: Family) -> Target<'static> {
    Target { host: "a.example", port: 1, address: None, family }
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn watch() -> Watch {
    Watch::start(Limits::total(Duration::from_secs(20)))
}

#[test]
fn the_next_address_is_tried_and_others_are_left_out() {
    let (_listener, open) = listen();
    let closed = listen().1;
    let resolver = Fixed(vec![closed, "[::1]:1".parse().unwrap(), open]);
    let around = Surroundings { resolver: &resolver, interrupt: &Interrupt::default() };
    let link = Link::dial(around, &target(Family::V4), None, &mut Peer::default(), &mut watch()).unwrap();
    assert_eq!(link.address, open);
    let resolver = Fixed(vec![closed]);
    let around = Surroundings { resolver: &resolver, interrupt: &Interrupt::default() };
    let mut watch = watch();
    let failure =
        Link::dial(around, &target(Family::V6), None, &mut Peer::default(), &mut watch).err().unwrap();
    assert_eq!(
        (failure.phase, failure.to_string().as_str()),
        (Phase::Dns, "`a.example` has no IPv6 address")
    );
    assert!(watch.times()[0].is_some() && watch.times()[1].is_none());
}

#[cfg(feature = "tls")]
#[test]
fn a_connection_that_comes_to_nothing_is_closed_at_once() {
    let (listener, address) = listen();
    let (told, seen) = mpsc::channel();
    std::thread::spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        socket.write_all(b"220 no TLS here\r\n").unwrap();
        // Ends when the other side lets go.
        let _ = socket.read_to_end(&mut Vec::new());
        told.send(()).unwrap();
    });
    let (resolver, interrupt) = (Fixed(vec![address]), Interrupt::default());
    let around = Surroundings { resolver: &resolver, interrupt: &interrupt };
    let secure = Secure { tls: &Tls::default(), server_name: "a.example", verify: true };
    let result = Link::dial(around, &target(Family::Any), Some(&secure), &mut Peer::default(), &mut watch());
    assert_eq!(result.err().unwrap().phase, Phase::Tls);
    seen.recv_timeout(Duration::from_secs(10)).expect("the handle does not keep it open");
}

#[test]
fn a_probe_that_waits_is_given_up_from_another_thread() {
    let (listener, address) = listen();
    let (resolver, interrupt) = (Fixed(vec![address]), Interrupt::default());
    let begin = Instant::now();
    let stopper = std::thread::spawn({
        let interrupt = interrupt.clone();
        move || {
            let mut socket = listener.accept().unwrap().0;
            socket.read_exact(&mut [0; 4]).unwrap();
            interrupt.interrupt();
            socket
        }
    });
    let around = Surroundings { resolver: &resolver, interrupt: &interrupt };
    let (mut watch, mut peer) = (watch(), Peer::default());
    let mut link = Link::dial(around, &target(Family::Any), None, &mut peer, &mut watch).unwrap();
    let url = Url::parse_page("http://a.example/").unwrap();
    let request = Request { method: "GET", url: &url, headers: &[], body: b"" };
    let question = Question { request, body_bytes_max: 10, keep_body: false };
    let failure = link.ask(&question, &mut Answer::default(), &mut watch).unwrap_err();
    assert!(matches!(failure.error, Some(Error::Interrupted)) && begin.elapsed() < Duration::from_secs(10));
    drop(stopper.join().unwrap());
    let again = Link::dial(around, &target(Family::Any), None, &mut peer, &mut watch);
    assert!(matches!(again.err().unwrap().error, Some(Error::Interrupted)));
}
