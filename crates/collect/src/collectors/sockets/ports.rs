//! Which ports are open: those TCP listens at, and those of UDP sockets, of both address families.

use super::diag::Diag;
use super::text::SocketFiles;
use super::{LISTEN, Socket};
use crate::{Error, Host};
use rustix::net::AddressFamily;

/// Finds open ports by the cheaper way that works.
#[derive(Debug)]
pub(in crate::collectors) struct Ports {
    diag: Option<Diag>,
    udp_diag: Option<Diag>,
    tcp_files: SocketFiles,
    udp_files: SocketFiles,
    open: Vec<u16>,
}

impl Ports {
    pub(in crate::collectors) fn new(host: &Host) -> Self {
        // Only the kernel we run on can be asked; it may know of one sort of sockets and not of the other.
        let diag = || host.is_own().then(Diag::new);
        Self { diag: diag(), udp_diag: diag(), ..Self::of_files(host) }
    }

    /// Finds them by the text files alone.
    pub(super) fn of_files(host: &Host) -> Self {
        Self {
            diag: None,
            udp_diag: None,
            tcp_files: SocketFiles::tcp(host),
            udp_files: SocketFiles::udp(host),
            open: Vec::new(),
        }
    }

    /// Looks again. Fails when nothing tells of sockets.
    pub(in crate::collectors) fn read(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        self.open.clear();
        let is_told = self.read_tcp(buffer)? | self.read_udp(buffer)?;
        self.open.sort_unstable();
        self.open.dedup();
        if is_told {
            Ok(())
        } else {
            Err(Error::Missing("a way to learn of sockets: neither sock_diag nor /proc/net/tcp"))
        }
    }

    /// Whether the port was open when last looked.
    pub(in crate::collectors) fn is_open(&self, port: u16) -> bool {
        self.open.binary_search(&port).is_ok()
    }

    fn read_tcp(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        let open = &mut self.open;
        if let Some(diag) = &mut self.diag {
            if diag.walk(1 << LISTEN, buffer, |socket| note(open, socket)).is_ok() {
                return Ok(true);
            }
            self.diag = None;
        }
        self.tcp_files.walk(buffer, |socket| {
            if socket.state == LISTEN {
                note(open, socket);
            }
        })
    }

    fn read_udp(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        let open = &mut self.open;
        if let Some(diag) = &mut self.udp_diag {
            let mut walk = |family| diag.walk_udp(family, buffer, |socket| note(open, socket));
            if walk(AddressFamily::INET).and_then(|()| walk(AddressFamily::INET6)).is_ok() {
                return Ok(true);
            }
            self.udp_diag = None;
        }
        self.udp_files.walk(buffer, |socket| note(open, socket))
    }
}

// Workers that share a port come one after the other.
fn note(open: &mut Vec<u16>, socket: Socket) {
    if open.last() != Some(&socket.port) {
        open.push(socket.port);
    }
}
