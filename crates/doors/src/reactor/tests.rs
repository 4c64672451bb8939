//! Real sockets on loopback, and a service that keeps what it gets.

use super::*;
use crate::service::{Limits, Peer, Told};
use crate::tests::until;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use stdx::clock::SystemClock;

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn has(&self, line: &str) -> Option<()> {
        self.0.lock().unwrap().iter().any(|l| l == line).then_some(())
    }

    fn count(&self, start: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|l| l.starts_with(start)).count()
    }
}

struct Keeper(Arc<Log>, Arc<AtomicBool>);

impl Service for Keeper {
    type Session = ();

    const LIMITS: Limits =
        Limits { connections_max: 3, idle: Duration::from_secs(60), partial: Duration::from_millis(300) };

    fn open(&mut self, _peer: Peer, _out: &mut Vec<u8>) {
        self.0.add("open".to_owned());
    }

    fn input(&mut self, _session: &mut (), bytes: &[u8], out: &mut Vec<u8>) -> Next {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.add(format!("in {text}"));
        match text.as_str() {
            "half" => Next::Partial,
            "bye" => {
                out.extend_from_slice(&vec![b'x'; 3 << 20]);
                Next::Close
            }
            _ => {
                out.extend_from_slice(b"yes");
                Next::Idle
            }
        }
    }

    fn close(&mut self, (): ()) {
        self.0.add("close".to_owned());
    }

    fn datagram(&mut self, bytes: &[u8], peer: Peer) {
        let has_peer = if peer.is_some() { "from somebody" } else { "from nobody" };
        self.0.add(format!("datagram of {} {has_peer}", bytes.len()));
    }

    fn rest(&mut self, _now_ms: i64) {}

    fn tick(&mut self, now_ms: i64) -> Option<i64> {
        if self.is_full() {
            self.0.add("full".to_owned());
        }
        Some(now_ms + 50)
    }

    fn is_full(&self) -> bool {
        self.1.load(Ordering::SeqCst)
    }

    fn stop(&mut self, _now_ms: i64) {
        self.0.add("stop".to_owned());
    }

    fn told(&self) -> Told {
        Told::default()
    }
}

static COUNTERS: Counters = Counters::new(&[]);

struct Door {
    log: Arc<Log>,
    is_full: Arc<AtomicBool>,
    addresses: Addresses,
    stop: Option<UnixStream>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Door {
    fn open(addresses: &Addresses) -> Self {
        let (log, bound) = (Arc::new(Log::default()), Bound::bind(addresses).unwrap());
        let is_full = Arc::new(AtomicBool::new(false));
        let (addresses, keeper) = (bound.addresses(), Keeper(log.clone(), is_full.clone()));
        let (stop, stopped) = UnixStream::pair().unwrap();
        let work = move || {
            let status = Arc::new(Status::new("test", Arc::new(|_, _| ())));
            Reactor::new(keeper, bound, &stopped, Arc::new(SystemClock), &COUNTERS, status).unwrap().run();
        };
        Self { log, is_full, addresses, stop: Some(stop), thread: Some(std::thread::spawn(work)) }
    }

    fn tcp() -> (Self, SocketAddr) {
        let door = Self::open(&Addresses { tcp: "127.0.0.1:0".parse().ok(), ..Addresses::default() });
        let address = door.addresses.tcp.unwrap();
        (door, address)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
        assert!(self.log.has("stop").is_some());
    }
}

#[test]
fn datagrams_of_any_size_arrive_whole() {
    let door = Door::open(&Addresses { udp: "127.0.0.1:0".parse().ok(), ..Addresses::default() });
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for len in [0, 1, 1432, 65_507] {
        sender.send_to(&vec![b'x'; len], door.addresses.udp.unwrap()).unwrap();
        until("a datagram", || door.log.has(&format!("datagram of {len} from somebody")));
    }
    for _ in 0..200 {
        sender.send_to(b"many", door.addresses.udp.unwrap()).unwrap();
    }
    until("all of a burst", || (door.log.count("datagram of 4 ") == 200).then_some(()));
}

#[test]
fn a_socket_in_the_file_system_takes_datagrams() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sock");
    let door = Door::open(&Addresses { unix: Some(path.clone()), ..Addresses::default() });
    let sender = UnixDatagram::unbound().unwrap();
    sender.send_to(b"hello", &path).unwrap();
    until("a datagram", || door.log.has("datagram of 5 from nobody"));
    drop(door);
    assert!(!path.exists());
}

#[test]
fn connections_are_answered_and_bounded() {
    let (door, address) = Door::tcp();
    let mut streams: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
    for stream in &mut streams {
        stream.write_all(b"ask").unwrap();
        let mut answer = [0; 3];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"yes");
    }
    let mut refused = TcpStream::connect(address).unwrap();
    assert_eq!(refused.read(&mut [0]).unwrap_or(0), 0);
    drop(streams);
    until("the end of all", || (door.log.count("close") == 3).then_some(()));
    let mut next = TcpStream::connect(address).unwrap();
    next.write_all(b"ask").unwrap();
    next.read_exact(&mut [0; 3]).unwrap();
}

#[test]
fn while_there_is_no_room_nothing_is_read_and_nobody_is_cut_off() {
    let (door, address) = Door::tcp();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"half").unwrap();
    until("the half", || door.log.has("in half"));
    door.is_full.store(true, Ordering::SeqCst);
    // The tick of a round may come first; the second one is of the wait.
    until("the wait", || (door.log.count("full") > 1).then_some(()));
    stream.write_all(b"later").unwrap();
    // Longer than half a thing may take: the wait is not the sender's.
    let since = Instant::now();
    until("some time to pass", || (since.elapsed() > 2 * Keeper::LIMITS.partial).then_some(()));
    assert_eq!(door.log.count("in later"), 0);
    door.is_full.store(false, Ordering::SeqCst);
    until("the rest", || door.log.has("in later"));
    assert_eq!(door.log.count("close"), 0);
    // It ends when it is told to, with room or without.
    door.is_full.store(true, Ordering::SeqCst);
}

#[test]
fn a_connection_that_is_half_through_for_too_long_is_closed() {
    let (door, address) = Door::tcp();
    let mut slow = TcpStream::connect(address).unwrap();
    let mut quick = TcpStream::connect(address).unwrap();
    slow.write_all(b"half").unwrap();
    quick.write_all(b"ask").unwrap();
    assert_eq!(slow.read(&mut [0]).unwrap_or(0), 0);
    until("one to be closed", || (door.log.count("close") == 1).then_some(()));
    quick.read_exact(&mut [0; 3]).unwrap();
    quick.write_all(b"ask").unwrap();
    quick.read_exact(&mut [0; 3]).unwrap();
}

#[test]
fn a_large_answer_arrives_before_the_end_even_when_more_was_sent() {
    let (door, address) = Door::tcp();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"bye").unwrap();
    until("the question", || door.log.has("in bye"));
    stream.write_all(b"what nobody reads").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(answer.len(), 3 << 20);
}
