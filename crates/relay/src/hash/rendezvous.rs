//! Highest random weight (Thaler and Ravishankar 1996).

use super::Node;
use super::fnv::fnv1a_64;

/// Nodes by the lots that they draw for the key, the highest first. A lot depends on the key and the node's own name,
/// so that no node changes the lots of others.
pub(super) fn order(key: &[u8], nodes: &[Node]) -> Vec<usize> {
    let key = mix(fnv1a_64(key));
    let mut lots: Vec<(u64, usize)> =
        nodes.iter().enumerate().map(|(at, node)| (mix(key ^ name(node)), at)).collect();
    lots.sort_unstable_by(|a, b| b.cmp(a));
    lots.into_iter().map(|(_, at)| at).collect()
}

fn name(node: &Node) -> u64 {
    mix(fnv1a_64(
        format!("{}\0{}\0{}", node.host, node.port, node.instance.as_deref().unwrap_or("")).as_bytes(),
    ))
}

/// Stirs 64 bits so that each changes all (the finaliser of SplitMix64, Steele et al. 2014).
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
