//! Carbon's rings: 16 bits of positions, 100 points a node, a taken position moves on by one.

use super::fnv::{fnv1a_32, fold};
use super::{Method, Node};
use std::collections::BTreeMap;

/// Points of each node.
const REPLICAS: usize = 100;

pub(super) fn points(method: Method, nodes: &[Node]) -> Vec<(u32, usize)> {
    let mut ring = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        for replica in 0..REPLICAS {
            let mut position = match method {
                Method::CarbonCh => md5_16(format!("{}:{replica}", tuple(node)).as_bytes()),
                method => fold(fnv1a_32(format!("{replica}-{}", told(method, node)).as_bytes())),
            };
            while ring.contains_key(&position) {
                position += 1;
            }
            ring.insert(position, at);
        }
    }
    ring.into_iter().collect()
}

/// The first four hexadecimal digits of an MD5.
pub(super) fn md5_16(key: &[u8]) -> u32 {
    let digest = md5::compute(key);
    u32::from(digest[0]) << 8 | u32::from(digest[1])
}

/// What a node is told by where the server does not count.
fn told(method: Method, node: &Node) -> String {
    match (&node.instance, method) {
        (Some(instance), _) => instance.clone(),
        (None, Method::RelayFnv1a) => format!("{}:{}", node.host, node.port),
        (None, _) => "None".to_owned(),
    }
}

/// A node as Python writes a pair of texts.
fn tuple(node: &Node) -> String {
    let instance = node.instance.as_deref().map_or("None".to_owned(), quoted);
    format!("({}, {instance})", quoted(&node.host))
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let text = text.replace('\\', "\\\\");
    let text = if quote == '\'' { text.replace('\'', "\\'") } else { text };
    format!("{quote}{text}{quote}")
}
