//! A ring that the kernel fills with packets of the watched ports (AF_PACKET, TPACKET_V3): no system call a packet, no
//! copy of ours. Needs CAP_NET_RAW when it is opened, nothing after. Source: packet(7), and
//! `Documentation/networking/packet_mmap.rst` of the kernel.

pub mod filter;
mod network;
mod reach;
mod sys;

use crate::capture::{Frame, Link};
pub(crate) use network::number;
pub use reach::Reach;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fmt;
use std::io;
use std::time::Instant;
use sys::Socket;

/// Where to look, and how much room there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Name of the interface; all when empty.
    pub interface: String,
    /// Memory of the kernel for packets that wait, in bytes; rounded up to whole blocks.
    pub ring_bytes: usize,
    /// Bytes kept of a packet, from its IP header on.
    pub snap_bytes: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { interface: String::new(), ring_bytes: 8 << 20, snap_bytes: 4096 }
    }
}

/// Bytes of a block, which is handed over as a whole.
const BLOCK_BYTES: usize = 256 << 10;
/// A block that is not full is handed over after so many milliseconds.
const BLOCK_MS_MAX: u32 = 50;
/// Offset of the number of packets in the head of a block; see `struct tpacket_block_desc`.
const BLOCK_PACKETS: usize = 12;
/// Offset of the place of the first packet.
const BLOCK_FIRST: usize = 16;
/// Fields of `struct tpacket3_hdr`.
const PACKET_NEXT: usize = 0;
const PACKET_SECONDS: usize = 4;
const PACKET_NANOS: usize = 8;
const PACKET_KEPT: usize = 12;
const PACKET_LEN: usize = 16;
const PACKET_NETWORK: usize = 26;
/// In the address behind that head, `struct sockaddr_ll`.
const PACKET_PROTOCOL: usize = 50;
const PACKET_HEAD_BYTES: usize = 52;

/// Why there is no ring.
#[derive(Debug)]
pub enum Problem {
    /// The process may not look at packets.
    Right(io::Error),
    /// There is no such interface.
    Interface(String),
    /// The process may not enter the network of a container.
    Enter(io::Error),
    /// Nothing is left of that network.
    Gone,
    /// Something else failed: what, and how.
    System(&'static str, io::Error),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right(error) => write!(
                f,
                "packets cannot be read without the capability CAP_NET_RAW ({error}): give it to the service \
                 (systemd: AmbientCapabilities=CAP_NET_RAW) or to the program (setcap cap_net_raw+ep)"
            ),
            Self::Interface(name) => write!(f, "there is no interface `{name}`"),
            Self::Enter(error) => write!(
                f,
                "the network of its container cannot be entered without the capability CAP_SYS_ADMIN ({error}): give \
                 the service that and CAP_NET_RAW (systemd: AmbientCapabilities=CAP_SYS_ADMIN CAP_NET_RAW and \
                 RestrictNamespaces=net)"
            ),
            Self::Gone => f.write_str("the network of its container is gone"),
            Self::System(what, error) => write!(f, "{what}: {error}"),
        }
    }
}

impl std::error::Error for Problem {}

/// See the module's text.
#[derive(Debug)]
pub struct Ring {
    socket: Socket,
    block: usize,
    interface: i32,
    loopback: i32,
    snap_bytes: u32,
    dropped: u64,
}

impl Ring {
    /// Opens a ring for these ports.
    ///
    /// # Errors
    /// Without the capability, without the interface, or without memory.
    pub fn open(options: &Options, ports: &[u16]) -> Result<Self, Problem> {
        let interface = match options.interface.as_str() {
            "" | "any" => 0,
            name => sys::interface(name).ok_or_else(|| Problem::Interface(name.to_owned()))?,
        };
        let blocks = options.ring_bytes.div_ceil(BLOCK_BYTES).max(2);
        let socket = Socket::open().map_err(|error| match error.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => Problem::Right(error),
            _ => Problem::System("a packet socket cannot be opened", error),
        })?;
        // Without an interface of that name nothing comes twice.
        let loopback = sys::interface("lo").unwrap_or(-1);
        let mut ring =
            Self { socket, block: 0, interface, loopback, snap_bytes: options.snap_bytes, dropped: 0 };
        ring.filter(ports)?;
        if interface == loopback {
            ring.socket.ignore_outgoing();
        }
        let failed = |what| move |error| Problem::System(what, error);
        ring.socket.map(blocks, BLOCK_BYTES, BLOCK_MS_MAX).map_err(failed("no memory for a ring"))?;
        ring.socket.bind(interface).map_err(failed("the interface cannot be read"))?;
        Ok(ring)
    }

    /// Looks at these ports from now on.
    ///
    /// # Errors
    /// When the kernel refuses the filter.
    pub fn filter(&mut self, ports: &[u16]) -> Result<(), Problem> {
        let program = filter::program(ports, self.loopback, self.snap_bytes);
        self.socket.filter(&program).map_err(|error| Problem::System("the kernel refuses the filter", error))
    }

    /// The interface that is read, by its number; 0 for all.
    pub fn interface(&self) -> i32 {
        self.interface
    }

    /// What to wait on: readable when a block is there.
    pub fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Hands out the packets of the next block and gives it back; `None` when there is none yet, else how many.
    pub fn read(&mut self, mut take: impl FnMut(Frame<'_>)) -> Option<usize> {
        let block = self.socket.block(self.block)?;
        let packets = u32_at(block, BLOCK_PACKETS)? as usize;
        let mut at = u32_at(block, BLOCK_FIRST)? as usize;
        for _ in 0..packets {
            let Some((frame, next)) = packet(block, at) else { break };
            take(frame);
            if next == 0 {
                break;
            }
            at += next;
        }
        self.socket.release(self.block);
        self.block = (self.block + 1) % self.socket.blocks();
        Some(packets)
    }

    /// Hands out packets until this moment, waiting for them where there are none.
    pub fn read_until(&mut self, end: Instant, mut take: impl FnMut(Frame<'_>)) {
        loop {
            while self.read(&mut take).is_some() && Instant::now() < end {}
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let mut fds = [PollFd::from_borrowed_fd(self.as_fd(), PollFlags::IN)];
            // Interrupted or not: the loop looks at the time.
            let _ = poll(&mut fds, Timespec::try_from(left).ok().as_ref());
        }
    }

    /// Packets that the kernel threw away since the ring was opened, as there was no room.
    pub fn dropped(&mut self) -> u64 {
        // Reading the count sets it to 0.
        self.dropped += self.socket.dropped().unwrap_or(0);
        self.dropped
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The packet at a place of a block, and how far on the next one is; 0 after the last.
#[inline]
fn packet(block: &[u8], at: usize) -> Option<(Frame<'_>, usize)> {
    let head = block.get(at..at + PACKET_HEAD_BYTES)?;
    let [next, seconds, nanos, kept, len] =
        [PACKET_NEXT, PACKET_SECONDS, PACKET_NANOS, PACKET_KEPT, PACKET_LEN].map(|field| u32_at(head, field));
    let network = usize::from(u16::from_ne_bytes(*head[PACKET_NETWORK..].first_chunk()?));
    let start = at + network;
    let bytes = block.get(start..start + kept? as usize)?;
    let time_ns = u64::from(seconds?) * 1_000_000_000 + u64::from(nanos?);
    let link = link(*head[PACKET_PROTOCOL..].first_chunk()?);
    Some((Frame { time_ns, link, bytes, len: len? }, next? as usize))
}

/// The kernel gives packets from their IP header on, but for tags that it did not take off.
fn link(protocol: [u8; 2]) -> Link {
    match u16::from_be_bytes(protocol) {
        0x0800 | 0x86dd => Link::Ip,
        _ => Link::Tagged,
    }
}

#[cfg(test)]
pub(crate) mod tests;
