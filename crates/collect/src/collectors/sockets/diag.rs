//! Sockets from the kernel itself, by sock_diag over netlink (sock_diag(7)): three to four times cheaper than the text
//! files, and it knows how long accept queues may grow.
//!
//! ```text
//! request := header  family u8  lengths u8 ×3  socket [48]  states u32  dbs u32     TCP
//!          | header  family u8  protocol u8  0 u16  states u32  socket [48]         UDP
//! answer  := (header  family u8  state u8  timer u8  retries u8  port u16be  … [46]
//!             expires u32  receive queue u32  send queue u32  user u32  inode u32  attributes)*  done
//! header  := length u32  type u16  flags u16  sequence u32  port u32       native byte order
//! ```
//!
//! The request for TCP is of the older kind that takes "any family": one walk over the kernel's tables instead of two.

use super::Socket;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};
use std::time::Duration;

const HEADER_BYTES: usize = 16;
const TCP_REQUEST_BYTES: usize = HEADER_BYTES + 60;
const UDP_REQUEST_BYTES: usize = HEADER_BYTES + 56;
/// Up to where an answer is read.
const ANSWER_BYTES: usize = HEADER_BYTES + 72;
/// The kernel fills what it is given, up to 32 KiB.
const RECEIVE_BYTES: usize = 16 << 10;
/// Most messages in one answer; the kernel ends long before.
const RECEIVES_MAX: usize = 10_000;

/// Types of requests: TCPDIAG_GETSOCK, SOCK_DIAG_BY_FAMILY.
const GET_TCP_SOCKETS: u16 = 18;
const GET_SOCKETS: u16 = 20;
/// IPPROTO_UDP.
const UDP: u8 = 17;
/// NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH: all that match.
const DUMP: u16 = 0x301;
const ERROR: u16 = 2;
const DONE: u16 = 3;

const ANSWER_WITHIN: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Diag {
    socket: Option<OwnedFd>,
    sequence: u32,
}

impl Diag {
    pub(super) fn new() -> Self {
        Self { socket: None, sequence: 0 }
    }

    /// Visits the TCP sockets whose state's bit is set in `states`.
    pub(super) fn walk(
        &mut self,
        states: u32,
        buffer: &mut Vec<u8>,
        visit: impl FnMut(Socket),
    ) -> Result<(), Errno> {
        self.sequence = self.sequence.wrapping_add(1);
        self.ask(&tcp_request(self.sequence, states), buffer, visit)
    }

    /// Visits all UDP sockets of an address family.
    pub(super) fn walk_udp(
        &mut self,
        family: AddressFamily,
        buffer: &mut Vec<u8>,
        visit: impl FnMut(Socket),
    ) -> Result<(), Errno> {
        self.sequence = self.sequence.wrapping_add(1);
        self.ask(&udp_request(self.sequence, family), buffer, visit)
    }

    fn ask(
        &mut self,
        request: &[u8],
        buffer: &mut Vec<u8>,
        mut visit: impl FnMut(Socket),
    ) -> Result<(), Errno> {
        let outcome = self.try_ask(request, buffer, &mut visit);
        if outcome.is_err() {
            // What is left of this answer must not be taken for the next one.
            self.socket = None;
        }
        outcome
    }

    fn try_ask(
        &mut self,
        request: &[u8],
        buffer: &mut Vec<u8>,
        visit: &mut impl FnMut(Socket),
    ) -> Result<(), Errno> {
        if self.socket.is_none() {
            self.socket = Some(open()?);
        }
        let socket = self.socket.as_ref().expect("opened above");
        send(socket, request, SendFlags::empty())?;
        buffer.clear();
        buffer.reserve(RECEIVE_BYTES);
        for _ in 0..RECEIVES_MAX {
            buffer.clear();
            match recv(socket, spare_capacity(buffer), RecvFlags::empty()) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error),
            }
            if parse(buffer, self.sequence, visit)? {
                return Ok(());
            }
        }
        Err(Errno::OVERFLOW)
    }
}

fn open() -> Result<OwnedFd, Errno> {
    let protocol = Some(netlink::SOCK_DIAG);
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
    set_socket_timeout(&socket, Timeout::Recv, Some(ANSWER_WITHIN))?;
    Ok(socket)
}

fn tcp_request(sequence: u32, states: u32) -> [u8; TCP_REQUEST_BYTES] {
    let mut request = begin(GET_TCP_SOCKETS, sequence);
    let at = TCP_REQUEST_BYTES - 8;
    request[at..at + 4].copy_from_slice(&states.to_ne_bytes());
    request
}

fn udp_request(sequence: u32, family: AddressFamily) -> [u8; UDP_REQUEST_BYTES] {
    let mut request = begin(GET_SOCKETS, sequence);
    request[HEADER_BYTES] = family.as_raw() as u8;
    request[HEADER_BYTES + 1] = UDP;
    request[HEADER_BYTES + 4..HEADER_BYTES + 8].copy_from_slice(&u32::MAX.to_ne_bytes());
    request
}

fn begin<const BYTES: usize>(kind: u16, sequence: u32) -> [u8; BYTES] {
    let mut request = [0; BYTES];
    request[..4].copy_from_slice(&(BYTES as u32).to_ne_bytes());
    request[4..6].copy_from_slice(&kind.to_ne_bytes());
    request[6..8].copy_from_slice(&DUMP.to_ne_bytes());
    request[8..12].copy_from_slice(&sequence.to_ne_bytes());
    request
}

/// Visits the sockets of one receipt; returns whether it was the last.
fn parse(mut receipt: &[u8], sequence: u32, visit: &mut impl FnMut(Socket)) -> Result<bool, Errno> {
    while receipt.len() >= HEADER_BYTES {
        let length = u32_at(receipt, 0) as usize;
        if length < HEADER_BYTES || length > receipt.len() {
            return Err(Errno::BADMSG);
        }
        let message = &receipt[..length];
        receipt = &receipt[receipt.len().min(length.next_multiple_of(4))..];
        if u32_at(message, 8) != sequence {
            continue;
        }
        match u16::from_ne_bytes([message[4], message[5]]) {
            DONE => return Ok(true),
            ERROR => return Err(Errno::PROTO),
            _ if length >= ANSWER_BYTES => visit(socket(message)),
            _ => return Err(Errno::BADMSG),
        }
    }
    Ok(false)
}

fn socket(message: &[u8]) -> Socket {
    let body = &message[HEADER_BYTES..];
    Socket {
        state: body[1],
        port: u16::from_be_bytes([body[4], body[5]]),
        queue: u32_at(body, 56),
        queue_limit: u32_at(body, 60),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes[at..at + 4].try_into().expect("four bytes");
    u32::from_ne_bytes(four)
}

#[cfg(test)]
mod tests;
