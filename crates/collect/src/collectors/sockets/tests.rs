use super::*;
use std::net::{TcpListener, TcpStream, UdpSocket};

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
/// compare; where sockets come and go all the time the files may say one twice, so they are read again.
#[test]
fn the_kernel_and_its_files_say_the_same() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _waiting = [TcpStream::connect(address).unwrap(), TcpStream::connect(address).unwrap()];
    let mut buffer = Vec::new();
    let mut by_kernel = Vec::new();
    if Diag::new().walk(!0, &mut buffer, |socket| by_kernel.push(socket)).is_err() {
        return;
    }
    let ours = |sockets: &[Socket]| {
        let ours = sockets.iter().filter(|socket| socket.port == address.port());
        let mut ours: Vec<_> = ours.map(|socket| (socket.state, socket.queue)).collect();
        ours.sort();
        ours
    };
    assert_eq!(ours(&by_kernel), [(ESTABLISHED, 0), (ESTABLISHED, 0), (LISTEN, 2)]);
    assert!(by_kernel.iter().any(|socket| socket.port == address.port() && socket.queue_limit > 0));
    let mut files = SocketFiles::tcp(&Host::this());
    let agree = (0..100).any(|_| {
        let mut by_files = Vec::new();
        files.walk(&mut buffer, |socket| by_files.push(socket)).unwrap();
        ours(&by_files) == ours(&by_kernel)
    });
    assert!(agree);
}

/// Ports of real sockets of both protocols and families are open while the sockets are, whoever is asked.
#[test]
fn open_ports_are_those_of_real_sockets() {
    let kernel = Ports::new(&Host::this());
    let files = Ports::of_files(&Host::this());
    for mut ports in [kernel, files] {
        let tcp = ["127.0.0.1:0", "[::1]:0"].map(|address| TcpListener::bind(address).unwrap());
        let udp = ["127.0.0.1:0", "[::1]:0"].map(|address| UdpSocket::bind(address).unwrap());
        let mut numbers: Vec<u16> = tcp.iter().map(|socket| socket.local_addr().unwrap().port()).collect();
        numbers.extend(udp.iter().map(|socket| socket.local_addr().unwrap().port()));
        let mut buffer = Vec::new();
        ports.read(&mut buffer).unwrap();
        assert!(numbers.iter().all(|port| ports.is_open(*port)), "{numbers:?}");
        drop((tcp, udp));
        ports.read(&mut buffer).unwrap();
        assert!(numbers.iter().any(|port| !ports.is_open(*port)), "{numbers:?}");
        assert!(!ports.is_open(0));
    }
}

/// The walk is spared only while nothing moves, and never for long; what it came to is kept meanwhile.
#[test]
fn sockets_that_do_not_move_are_walked_over_now_and_then() {
    let mut sockets = Sockets::new(&Host::this());
    let counted = |tcp, established| Counted { tcp, time_wait: Some(7), established: Some(established) };
    let mut pass = |counted: Counted, close_wait: u64, listening: u64| {
        let may_rest = sockets.may_rest(&counted);
        sockets.tally.clear();
        if !may_rest {
            sockets.tally.states[usize::from(CLOSE_WAIT) - 1] = close_wait;
        }
        sockets.tally.states[usize::from(LISTEN) - 1] = listening;
        sockets.remember(may_rest, false, &counted);
        sockets.tally.add(&counted, if may_rest { 1 << LISTEN } else { !counted.states() });
        let state = |state: u8| sockets.tally.states[usize::from(state) - 1];
        (may_rest, [state(ESTABLISHED), state(CLOSE_WAIT), state(TIME_WAIT), state(LISTEN)])
    };
    assert_eq!(pass(counted(9, 5), 2, 3), (false, [3, 2, 7, 3]));
    for _ in 0..WALK_EVERY - 1 {
        assert_eq!(pass(counted(9, 5), 9, 4), (true, [3, 2, 7, 4]));
    }
    assert_eq!(pass(counted(9, 5), 1, 4), (false, [4, 1, 7, 4]));
    assert_eq!(pass(counted(9, 5), 1, 4), (true, [4, 1, 7, 4]));
    assert_eq!(pass(counted(10, 5), 2, 4), (false, [3, 2, 7, 4]));
    assert_eq!(pass(counted(10, 6), 2, 4), (false, [4, 2, 7, 4]));
}
