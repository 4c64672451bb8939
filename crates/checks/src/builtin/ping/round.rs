//! Some packets sent one after the other, and their answers timed.

use super::packet::Stamp;
use super::socket;
use net::Interrupt;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::Socket;
use std::io::{ErrorKind, Read};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use stdx::random::Random;

/// Time between two packets, less where there are many for the time.
const GAP: Duration = Duration::from_millis(200);
/// How long a wait may take before it is seen that we are to stop.
const SLICE: Duration = Duration::from_millis(100);

/// Why nothing could be sent.
#[derive(Debug)]
pub(super) enum Error {
    /// The system does not give us a socket.
    Socket(String),
    /// There is no way to the host.
    Network(String),
}

/// What to send where.
pub(super) struct Round<'a> {
    pub(super) address: IpAddr,
    pub(super) count: u16,
    pub(super) deadline: Instant,
    pub(super) interrupt: &'a Interrupt,
}

impl Round<'_> {
    /// Sends all packets and waits for their answers; gives how long each answered one took, in the order of sending.
    pub(super) fn run(&self) -> Result<Vec<Duration>, Error> {
        let mut socket = socket::open(self.address)?;
        let mut random = Random::from_entropy();
        let stamp = Stamp {
            is_v6: self.address.is_ipv6(),
            identifier: random.next_u64() as u16,
            cookie: random.next_u64(),
        };
        let gap =
            GAP.min(self.deadline.saturating_duration_since(Instant::now()) / u32::from(2 * self.count));
        let mut sent: Vec<Instant> = Vec::with_capacity(usize::from(self.count));
        let mut times: Vec<Option<Duration>> = vec![None; usize::from(self.count)];
        let mut last_error = None;
        loop {
            let now = Instant::now();
            let is_all_sent = sent.len() == times.len();
            if now >= self.deadline
                || self.interrupt.is_given_up()
                || is_all_sent && times.iter().all(Option::is_some)
            {
                break;
            }
            if !is_all_sent && sent.last().is_none_or(|last| now >= *last + gap) {
                sent.push(now);
                last_error = socket.send(&stamp.question(sent.len() as u16 - 1)).err().or(last_error);
                continue;
            }
            let until =
                if is_all_sent { self.deadline } else { *sent.last().expect("one is sent at once") + gap };
            wait(&socket, until.saturating_duration_since(now));
            last_error = hear(&mut socket, &stamp, &sent, &mut times).or(last_error);
        }
        match last_error {
            Some(e) if times.iter().all(Option::is_none) => Err(Error::Network(e.to_string())),
            _ => Ok(times.into_iter().flatten().collect()),
        }
    }
}

/// Waits for a packet, at most so long.
fn wait(socket: &Socket, time: Duration) {
    let slice = time.min(SLICE);
    let timeout = Timespec { tv_sec: 0, tv_nsec: slice.subsec_nanos().max(100_000).into() };
    match poll(&mut [PollFd::new(socket, PollFlags::IN)], Some(&timeout)) {
        Ok(_) | Err(Errno::INTR) => {}
        // Cannot be waited for, so at least time passes.
        Err(_) => std::thread::sleep(slice),
    }
}

/// Takes in what has come. An error is one that the network told, such as a host that cannot be reached.
fn hear(
    socket: &mut Socket,
    stamp: &Stamp,
    sent: &[Instant],
    times: &mut [Option<Duration>],
) -> Option<std::io::Error> {
    let mut packet = [0; 256];
    loop {
        match socket.read(&mut packet) {
            Ok(len) => {
                let answered = stamp.answered(&packet[..len]).map(usize::from);
                if let Some(at) = answered.filter(|at| *at < sent.len()) {
                    // A second answer to the same question is not counted.
                    times[at].get_or_insert(sent[at].elapsed());
                }
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock) => return None,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Some(e),
        }
    }
}
