//! Many datagrams with one call into the kernel.

use crate::service::Peer;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;

/// Datagrams of one burst.
pub(super) const DATAGRAMS: usize = 16;
/// Room for one: the largest that UDP carries fits. The kernel gives memory page by page as it is written to, so small
/// datagrams take 4 KiB each. Five cache lines more than a power of two, because places at the same distance from each
/// other would drive each other out of the cache.
const ROOM_BYTES: usize = 64 * 1024 + 5 * 64;

/// Where datagrams are put.
pub(super) struct Arena {
    bytes: Vec<u8>,
    headers: MultiHeaders<SockaddrStorage>,
}

/// What a call brought.
pub(super) struct Burst {
    /// Whether there may be more at once.
    pub(super) is_full: bool,
    /// Datagrams.
    pub(super) count: u64,
    /// Datagrams that did not fit and were cut off.
    pub(super) cut: u64,
}

impl Arena {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; DATAGRAMS * ROOM_BYTES], headers: MultiHeaders::preallocate(DATAGRAMS, None) }
    }

    /// Hands over the datagrams that are there, without waiting for more.
    pub(super) fn receive(
        &mut self,
        socket: &impl AsRawFd,
        mut take: impl FnMut(&[u8], Peer),
    ) -> io::Result<Burst> {
        let mut rooms = self.bytes.chunks_exact_mut(ROOM_BYTES);
        let mut slices: [[IoSliceMut<'_>; 1]; DATAGRAMS] =
            std::array::from_fn(|_| [IoSliceMut::new(rooms.next().unwrap_or_default())]);
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = match recvmmsg(socket.as_raw_fd(), &mut self.headers, slices.iter_mut(), flags, None) {
            Ok(received) => received,
            Err(Errno::EAGAIN | Errno::EINTR) => return Ok(Burst { is_full: false, count: 0, cut: 0 }),
            Err(errno) => return Err(errno.into()),
        };
        let (mut count, mut cut) = (0, 0);
        for message in received {
            count += 1;
            cut += u64::from(message.flags.contains(MsgFlags::MSG_TRUNC));
            let peer = message.address.as_ref().and_then(peer);
            take(message.iovs().next().unwrap_or_default(), peer);
        }
        Ok(Burst { is_full: count == DATAGRAMS as u64, count, cut })
    }
}

fn peer(address: &SockaddrStorage) -> Peer {
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Some(SocketAddr::V4((*v4).into())),
        (None, Some(v6)) => Some(SocketAddr::V6((*v6).into())),
        (None, None) => None,
    }
}
