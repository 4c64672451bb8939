//! Name servers on loopback addresses that tell what a test wants them to tell.

use super::super::name;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

type Lines = Vec<(&'static str, u16, Vec<u8>)>;

/// What a server tells.
#[derive(Debug, Clone)]
pub(super) enum Tell {
    /// Records: owner, kind, data.
    Records(Lines),
    /// Nothing in the packet, but that it was cut; the records over TCP.
    Cut(Lines),
    Code(u8),
    Nothing,
    WrongId,
    WrongQuestion,
    Garbage,
    /// The question itself.
    Question,
    /// One packet after another.
    After(Box<Tell>, Box<Tell>),
}

type Behaviour = Box<dyn Fn(&str, u16) -> Tell + Send>;

/// Servers with one port on 127.0.0.1, 127.0.0.2 and so on.
pub(super) struct Servers {
    addresses: Vec<SocketAddr>,
    pub(super) count: Vec<Arc<AtomicU64>>,
    names: Vec<Arc<Mutex<Vec<String>>>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Servers {
    pub(super) fn start(behaviours: Vec<Behaviour>) -> Self {
        let (sockets, addresses) = loop {
            if let Some(bound) = bind(behaviours.len()) {
                break bound;
            }
        };
        let mut servers = Self {
            addresses,
            count: Vec::new(),
            names: Vec::new(),
            stop: Arc::default(),
            threads: Vec::new(),
        };
        for ((udp, tcp), behaviour) in sockets.into_iter().zip(behaviours) {
            let (count, names, stop) = (Arc::new(AtomicU64::new(0)), Arc::default(), servers.stop.clone());
            servers.count.push(Arc::clone(&count));
            servers.names.push(Arc::clone(&names));
            servers
                .threads
                .push(std::thread::spawn(move || serve(&udp, &tcp, &behaviour, &count, &names, &stop)));
        }
        servers
    }

    pub(super) fn at(&self, place: usize) -> SocketAddr {
        self.addresses[place]
    }

    pub(super) fn port(&self) -> u16 {
        self.addresses[0].port()
    }

    pub(super) fn asked(&self, place: usize) -> u64 {
        self.count[place].load(Ordering::Relaxed)
    }

    pub(super) fn names(&self, place: usize) -> Vec<String> {
        self.names[place].lock().unwrap().clone()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| thread.join().unwrap());
    }
}

type Bound = (Vec<(UdpSocket, TcpListener)>, Vec<SocketAddr>);

fn bind(count: usize) -> Option<Bound> {
    let first = UdpSocket::bind("127.0.0.1:0").ok()?;
    let port = first.local_addr().ok()?.port();
    let addresses: Vec<SocketAddr> = (1..=count).map(|i| ([127, 0, 0, i as u8], port).into()).collect();
    drop(first);
    let both =
        |address: &SocketAddr| Some((UdpSocket::bind(address).ok()?, TcpListener::bind(address).ok()?));
    Some((addresses.iter().map(both).collect::<Option<_>>()?, addresses))
}

fn serve(
    udp: &UdpSocket,
    tcp: &TcpListener,
    behaviour: &Behaviour,
    count: &AtomicU64,
    names: &Mutex<Vec<String>>,
    stop: &AtomicBool,
) {
    udp.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    tcp.set_nonblocking(true).unwrap();
    let mut packet = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        if let Ok((len, from)) = udp.recv_from(&mut packet) {
            let (name, kind) = question(&packet[..len]);
            count.fetch_add(1, Ordering::Relaxed);
            names.lock().unwrap().push(name.clone());
            for answer in answers(&packet[..len], behaviour(&name, kind), false) {
                udp.send_to(&answer, from).unwrap();
            }
        }
        if let Ok((mut stream, _)) = tcp.accept() {
            stream.set_nonblocking(false).unwrap();
            let mut len = [0; 2];
            stream.read_exact(&mut len).unwrap();
            let mut asked = vec![0; usize::from(u16::from_be_bytes(len))];
            stream.read_exact(&mut asked).unwrap();
            let (name, kind) = question(&asked);
            for answer in answers(&asked, behaviour(&name, kind), true) {
                stream.write_all(&(answer.len() as u16).to_be_bytes()).unwrap();
                stream.write_all(&answer).unwrap();
            }
        }
    }
}

fn question(packet: &[u8]) -> (String, u16) {
    let (name, at) = name::decode(packet, 12).unwrap();
    (name, u16::from_be_bytes([packet[at], packet[at + 1]]))
}

fn answers(asked: &[u8], tell: Tell, over_tcp: bool) -> Vec<Vec<u8>> {
    let mut packet = asked.to_vec();
    packet[2] |= 0x80;
    match tell {
        Tell::Records(lines) => put(&mut packet, &lines),
        Tell::Cut(lines) if over_tcp => put(&mut packet, &lines),
        Tell::Cut(_) => packet[2] |= 2,
        Tell::Code(code) => packet[3] |= code,
        Tell::Nothing => return vec![],
        Tell::WrongId => packet[0] ^= 1,
        Tell::WrongQuestion => packet[13] = b'x',
        Tell::Garbage => packet = b"not a message, not at all".to_vec(),
        Tell::Question => packet[2] &= 0x7f,
        Tell::After(first, then) => {
            return [answers(asked, *first, over_tcp), answers(asked, *then, over_tcp)].concat();
        }
    }
    vec![packet]
}

fn put(packet: &mut Vec<u8>, lines: &Lines) {
    packet[7] = lines.len() as u8;
    for (owner, kind, data) in lines {
        name::encode(owner, packet).unwrap();
        packet.extend_from_slice(&kind.to_be_bytes());
        packet.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        packet.extend_from_slice(&(data.len() as u16).to_be_bytes());
        packet.extend_from_slice(data);
    }
}

/// A folder of its own, removed when dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("windhover-dns-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
