//! Open-Falcon's ring: CRC-32 of a number and the node's name; a later node takes a point that two share.

use super::Node;
use std::collections::BTreeMap;

/// Points of each node, for graph, judge and the relay to Prometheus.
pub(super) const REPLICAS: usize = 500;

/// Nodes are put on the ring in the order of their names.
pub(super) fn points(nodes: &[Node], replicas: usize) -> Vec<(u32, usize)> {
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by(|a, b| nodes[*a].host.cmp(&nodes[*b].host));
    let mut ring = BTreeMap::new();
    for at in order {
        for replica in 0..replicas {
            ring.insert(stdx::crc::crc32(format!("{replica}{}", nodes[at].host).as_bytes()), at);
        }
    }
    ring.into_iter().collect()
}
