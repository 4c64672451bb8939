use super::*;
use std::net::{TcpListener, TcpStream};

#[test]
fn ports_and_states_add_up() {
    let mut tally = Tally::default();
    let listen = |port, queue, queue_limit| Socket { state: LISTEN, port, queue, queue_limit };
    let other = |state| Socket { state, port: 5, queue: 9, queue_limit: 9 };
    for socket in [
        listen(443, 1, 100),
        listen(80, 0, 5),
        listen(443, 2, 100),
        other(1),
        other(3),
        other(12),
        other(0),
        other(99),
    ] {
        tally.count(socket);
    }
    assert_eq!(tally.queues, [(80, 0, 5), (443, 3, 200)]);
    assert_eq!((tally.states[0], tally.states[2], tally.states[9]), (1, 2, 3));
}

#[test]
fn ports_are_written_in_digits() {
    for port in [0, 7, 80, 443, 9463, 65535] {
        assert_eq!(decimal_digits(port, &mut [0; 5]), port.to_string().as_bytes());
    }
}

/// The kernel and its text files agree about sockets of ours. Where the kernel may not be asked there is nothing to
/// compare.
#[test]
fn the_kernel_and_its_files_say_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _waiting = [TcpStream::connect(address).unwrap(), TcpStream::connect(address).unwrap()];
    let mut buffer = Vec::new();
    let mut by_files = Vec::new();
    let ours = |socket: &Socket| socket.port == address.port();
    TcpFiles::new(&Host::this()).walk(&mut buffer, |socket| by_files.push(socket)).unwrap();
    let mut by_kernel = Vec::new();
    let outcome = Diag::new().walk(!0, &mut buffer, |socket| by_kernel.push(socket));
    if outcome.is_ok() {
        let listening = by_kernel.iter().find(|socket| ours(socket) && socket.state == LISTEN).unwrap();
        assert_eq!((listening.queue, listening.queue_limit > 0), (2, true));
        let states = |sockets: &[Socket]| {
            let mut states: Vec<_> =
                sockets.iter().filter(|socket| ours(socket)).map(|s| (s.state, s.queue)).collect();
            states.sort();
            states
        };
        assert_eq!(states(&by_kernel), states(&by_files));
    }
}
