//! Sockets from the text files `/proc/net/tcp`, `tcp6`, `udp` and `udp6`, for hosts whose kernel cannot be asked.

use super::Socket;
use crate::file::KeptFile;
use crate::text::{fields, hexadecimal, lines};
use crate::{Error, Host};

#[derive(Debug)]
pub(super) struct SocketFiles([KeptFile; 2]);

impl SocketFiles {
    pub(super) fn tcp(host: &Host) -> Self {
        Self(["proc/net/tcp", "proc/net/tcp6"].map(|path| host.file(path)))
    }

    pub(super) fn udp(host: &Host) -> Self {
        Self(["proc/net/udp", "proc/net/udp6"].map(|path| host.file(path)))
    }

    /// Visits all sockets; returns whether there were files to tell of them. What is beyond the limit on files is left
    /// out (about 6,000 sockets a family).
    pub(super) fn walk(
        &mut self,
        buffer: &mut Vec<u8>,
        mut visit: impl FnMut(Socket),
    ) -> Result<bool, Error> {
        let mut is_there = false;
        for file in &mut self.0 {
            let Some(text) = file.read_if_there(buffer)? else { continue };
            is_there = true;
            lines(text).skip(1).filter_map(parse).for_each(&mut visit);
        }
        Ok(is_there)
    }
}

/// `sl: local:port remote:port st tx_queue:rx_queue …`, all in hexadecimal digits. A socket that listens shows the
/// connections waiting as its receive queue.
fn parse(line: &[u8]) -> Option<Socket> {
    let mut fields = fields(line).skip(1);
    let local = fields.next()?;
    let port = hexadecimal(&local[memchr::memrchr(b':', local)? + 1..])?;
    let state = hexadecimal(fields.nth(1)?)?;
    let queues = fields.next()?;
    let queue = hexadecimal(&queues[memchr::memchr(b':', queues)? + 1..])?;
    Some(Socket {
        state: u8::try_from(state).ok()?,
        port: u16::try_from(port).ok()?,
        queue: u32::try_from(queue).ok()?,
        queue_limit: 0,
    })
}
