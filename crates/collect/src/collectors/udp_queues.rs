//! Queues of UDP sockets and what overflowed them, from `/proc/net/udp` and `udp6`.

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, hexadecimal, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "udp_queues",
    summary: "Bytes that wait in the queues of UDP sockets, and the ports that lost datagrams because their program was too slow.",
    // A line for each socket.
    interval_ms: 10_000,
    metrics: &[QUEUES[0], QUEUES[1], DROPS],
    open: |host, _| Box::new(UdpQueues::new(host)),
};

static QUEUES: [Metric; 2] = [
    Metric::gauge("udp_transmit_queue_bytes", "bytes", "Memory of datagrams that wait to be sent.")
        .from("tx_queue"),
    Metric::gauge("udp_receive_queue_bytes", "bytes", "Memory of datagrams that wait for their program.")
        .from("rx_queue"),
];
const DROPS: Metric = Metric::counter(
    "udp_port_drops_total",
    "",
    "Datagrams lost by the sockets open at a port that receives from anybody; ports that lost none are left out.",
)
.by(&["port"])
.from("drops");

/// Most ports that lost datagrams.
const PORTS_MAX: usize = 64;
/// Columns after the blanks: addresses, queues, drops.
const LOCAL: usize = 1;
const REMOTE: usize = 2;
const QUEUE: usize = 4;
const DROPPED: usize = 12;

struct UdpQueues {
    files: [KeptFile; 2],
    queues: [SeriesCell; QUEUES.len()],
    ports: Entities<1>,
}

impl UdpQueues {
    fn new(host: &Host) -> Self {
        Self {
            files: ["proc/net/udp", "proc/net/udp6"].map(|path| host.file(path)),
            queues: Default::default(),
            ports: Entities::new(PORTS_MAX),
        }
    }
}

impl Collector for UdpQueues {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let mut sums = [0u64; QUEUES.len()];
        let mut is_there = false;
        self.ports.begin();
        for file in &mut self.files {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            is_there = true;
            for socket in lines(text).filter_map(Socket::parse) {
                sums[0] = sums[0].saturating_add(socket.queues[0]);
                sums[1] = sums[1].saturating_add(socket.queues[1]);
                if !socket.is_public || socket.drops == 0 {
                    continue;
                }
                let mut digits = [0; 5];
                let port = super::sockets::decimal_digits(socket.port, &mut digits);
                if let Some(port) = self.ports.meet(port, |_| true) {
                    port.sum = port.sum.saturating_add(socket.drops);
                }
            }
        }
        for port in self.ports.met() {
            pass.out.push(&mut port.cells[0], &DROPS, &[&port.name], port.sum as f64);
        }
        self.ports.finish(&mut pass.out);
        if is_there {
            for ((cell, metric), sum) in self.queues.iter_mut().zip(&QUEUES).zip(sums) {
                pass.out.push(cell, metric, &[], sum as f64);
            }
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Socket {
    port: u16,
    /// Whether it is connected to nobody and so receives from anybody.
    is_public: bool,
    /// To send, received.
    queues: [u64; 2],
    drops: u64,
}

impl Socket {
    /// `1: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5 2 0000000000000000 0`
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = [&b""[..]; DROPPED + 1];
        let mut count = 0;
        for (word, field) in words.iter_mut().zip(fields(line)) {
            (*word, count) = (field, count + 1);
        }
        if count <= DROPPED {
            return None;
        }
        let (_, port) = pair(words[LOCAL])?;
        let (_, remote_port) = pair(words[REMOTE])?;
        let (transmit, receive) = pair(words[QUEUE])?;
        Some(Self {
            port: u16::try_from(hexadecimal(port)?).ok()?,
            is_public: hexadecimal(remote_port)? == 0,
            queues: [hexadecimal(transmit)?, hexadecimal(receive)?],
            drops: number(words[DROPPED])?,
        })
    }
}

fn pair(field: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = memchr::memchr(b':', field)?;
    Some((&field[..colon], &field[colon + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_families_are_read() {
        let v4 =
            b"  17: 00000000:14E9 00000000:0000 07 00000000:00000D00 00:00000000 00000000   0  0 5 2 0000 42";
        let wanted = Socket { port: 5353, is_public: true, queues: [0, 0xd00], drops: 42 };
        assert_eq!(Socket::parse(v4), Some(wanted));
        let v6 = b" 3: 00000000000000000000000001000000:0035 00000000000000000000000001000000:C001 01 00000001:00000000 00:00000000 00000000 0 0 5 2 0000 0";
        let wanted = Socket { port: 53, is_public: false, queues: [1, 0], drops: 0 };
        assert_eq!(Socket::parse(v6), Some(wanted));
        let heading = b"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
        for line in [&heading[..], b"", b"17: 0:0 0:0 7 0:0", b"1: x:y 0:0 7 0:0 0:0 0 0 0 5 2 0 0"] {
            assert_eq!(Socket::parse(line), None);
        }
    }
}
