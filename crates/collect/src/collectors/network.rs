//! Traffic of network interfaces, from `/proc/net/dev`.

use crate::collector::EVERY_TICK;
use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{lines, numbers, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "network",
    summary: "Bytes, packets, errors and drops of each network interface; the host's ends of containers' links are left out.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Network::new(host)),
};

const fn count(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["interface"]).from(source)
}
const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).by(&["interface"]).from(source)
}

static METRICS: [Metric; 15] = [
    bytes("network_receive_bytes_total", "bytes", "Bytes received."),
    count("network_receive_packets_total", "packets", "Packets received."),
    count("network_receive_errors_total", "errs", "Packets received broken."),
    count(
        "network_receive_drops_total",
        "drop",
        "Packets received and dropped for want of room or interest.",
    ),
    count("network_receive_overruns_total", "fifo", "Packets lost because the receive ring was full."),
    count("network_receive_multicast_total", "multicast", "Multicast packets received."),
    bytes("network_transmit_bytes_total", "bytes", "Bytes sent."),
    count("network_transmit_packets_total", "packets", "Packets sent."),
    count("network_transmit_errors_total", "errs", "Packets that could not be sent."),
    count("network_transmit_drops_total", "drop", "Packets dropped before they were sent."),
    count("network_transmit_collisions_total", "colls", "Collisions seen while sending."),
    count("network_transmit_carrier_losses_total", "carrier", "Packets not sent because the link was down."),
    // These are 0 nearly everywhere.
    count(
        "network_receive_frame_errors_total",
        "frame",
        "Packets received with broken framing; left out until there is one.",
    ),
    count(
        "network_receive_compressed_total",
        "compressed",
        "Packets received compressed; left out until there is one.",
    ),
    count(
        "network_transmit_compressed_total",
        "compressed",
        "Packets sent compressed; left out until there is one.",
    ),
];
/// Where those begin that are left out while they are 0.
const FIRST_RARE: usize = 12;

/// The column of each metric after the interface's name.
const COLUMNS: [usize; METRICS.len()] = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 13, 14, 5, 6, 15];
const COLUMNS_ALL: usize = 16;
/// Most interfaces, those left out among them.
const INTERFACES_MAX: usize = 2048;

struct Network {
    file: KeptFile,
    interfaces: Entities<{ METRICS.len() }>,
}

impl Network {
    fn new(host: &Host) -> Self {
        Self { file: host.file("proc/net/dev"), interfaces: Entities::new(INTERFACES_MAX) }
    }
}

impl Collector for Network {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let text = self.file.read(pass.buffer)?;
        self.interfaces.begin();
        for line in lines(text) {
            // The last colon: aliases such as `eth0:1` have one in their name.
            let Some(colon) = memchr::memrchr(b':', line) else { continue };
            let mut values = [0; COLUMNS_ALL];
            if numbers(&line[colon + 1..], &mut values) < COLUMNS_ALL {
                continue;
            }
            let Some(interface) = self.interfaces.meet(trim(&line[..colon]), is_followed) else { continue };
            for (at, (cell, column)) in interface.cells.iter_mut().zip(COLUMNS).enumerate() {
                if at < FIRST_RARE || values[column] > 0 {
                    pass.out.push(cell, &METRICS[at], &[&interface.name], values[column] as f64);
                }
            }
        }
        self.interfaces.finish(&mut pass.out);
        Ok(())
    }
}

/// What the host's end of a container's link is called: `veth` and anything, or the word of a network plugin (Calico,
/// Cilium, and those of three clouds) and hexadecimal digits.
const CONTAINER_LINKS: [&str; 5] = ["cali", "lxc", "azv", "eni", "gke"];
const LINK_DIGITS_MIN: usize = 8;

/// Every container brings an interface with a new name: that would be a dozen new series each time for traffic that
/// the bridge or the card shows as well.
pub(super) fn is_followed(interface: &str) -> bool {
    let is_digits =
        |rest: &str| rest.len() >= LINK_DIGITS_MIN && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_container = |prefix: &&str| interface.strip_prefix(prefix).is_some_and(is_digits);
    !interface.starts_with("veth") && !CONTAINER_LINKS.iter().any(is_container)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_containers_links_are_left_out() {
        for name in ["eth0", "lo", "cali0", "lxcbr0", "eni0", "br-0123456789ab", "wg0", "bond0.100", "vnet3"]
        {
            assert!(is_followed(name), "{name}");
        }
        for name in ["veth1a2b", "cali0123456789a", "lxc0123456789ab", "azv01234567", "eni0123456789a"] {
            assert!(!is_followed(name), "{name}");
        }
    }
}
