//! Which of several nodes a series belongs to, in the ways that others have it and in one of our own. Pure functions.
//!
//! Each way gives all nodes in an order of preference for a key, so that a node that is out is passed over and nothing
//! else moves, and so that replicas are simply the next ones.

mod carbon;
mod falcon;
mod fnv;
mod jump;
mod rendezvous;

pub use fnv::{fnv1a_32, fnv1a_64};
pub use jump::jump;

/// How keys are spread over nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Ours: each node draws a lot for each key, and the highest has it. Where a node comes or goes only its own keys
    /// move. Depends on names only, not on their order.
    Rendezvous,
    /// Carbon's `carbon_ch`: MD5 cut to 16 bits, 100 points a node.
    CarbonCh,
    /// Carbon's `fnv1a_ch`, which looks at instances only.
    CarbonFnv1a,
    /// carbon-c-relay's `fnv1a_ch`: the same ring, but a node without instance is told by its address.
    RelayFnv1a,
    /// Jump consistent hash over the nodes in their order, as carbon-c-relay's `jump_fnv1a_ch`.
    Jump,
    /// Open-Falcon's ring: CRC-32, 500 points a node, by name.
    Falcon,
}

impl Method {
    /// All, with their names in settings.
    pub const ALL: [(&'static str, Self); 6] = [
        ("rendezvous", Self::Rendezvous),
        ("carbon_ch", Self::CarbonCh),
        ("fnv1a_ch", Self::CarbonFnv1a),
        ("relay_fnv1a_ch", Self::RelayFnv1a),
        ("jump_fnv1a_ch", Self::Jump),
        ("falcon", Self::Falcon),
    ];

    /// The one of this name.
    ///
    /// # Errors
    /// When there is none; the text lists them.
    pub fn parse(name: &str) -> Result<Self, String> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, method)| *method).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("there is no way `{name}` to spread series; there are {}", names.join(", "))
        })
    }
}

/// A node as the rings tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Host, without port.
    pub host: String,
    /// Port, as far as it matters.
    pub port: u16,
    /// Instance; carbon tells several on one host apart by it.
    pub instance: Option<String>,
}

impl Node {
    /// Reads `name`, `host:port` or `host:port:instance`.
    pub fn parse(text: &str) -> Self {
        let (host, rest) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or(rest)),
            None => text.split_once(':').unwrap_or((text, "")),
        };
        let (port, instance) =
            rest.split_once(':').map_or((rest, None), |(port, name)| (port, Some(name.to_owned())));
        Self { host: host.to_owned(), port: port.parse().unwrap_or(0), instance }
    }
}

/// Nodes and the points that stand for them.
#[derive(Debug, Clone)]
pub struct Ring {
    method: Method,
    nodes: Vec<Node>,
    /// Position and node, sorted; empty for methods without a ring.
    points: Vec<(u32, usize)>,
}

impl Ring {
    /// A ring of these nodes. For some methods their order matters, as it does where they come from.
    pub fn new(method: Method, nodes: Vec<Node>) -> Self {
        let points = match method {
            Method::CarbonCh | Method::CarbonFnv1a | Method::RelayFnv1a => carbon::points(method, &nodes),
            Method::Falcon => falcon::points(&nodes, falcon::REPLICAS),
            Method::Jump | Method::Rendezvous => Vec::new(),
        };
        Self { method, nodes, points }
    }

    /// Nodes by index, in the order in which they are to have the key, those that `admits` takes, at most `count`. With
    /// `diverse` each host comes once, as carbon's `DIVERSE_REPLICAS` has it; where hosts are too few the rest follows.
    pub fn owners(
        &self,
        key: &[u8],
        count: usize,
        diverse: bool,
        admits: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let order = match self.method {
            Method::Rendezvous => rendezvous::order(key, &self.nodes),
            Method::Jump => jump::order(key, self.nodes.len()),
            Method::Falcon => self.walk(self.points.partition_point(|p| p.0 <= stdx::crc::crc32(key))),
            Method::CarbonCh => self.walk_from(carbon::md5_16(key)),
            Method::CarbonFnv1a | Method::RelayFnv1a => self.walk_from(fnv::fold(fnv1a_32(key))),
        };
        let order = order.into_iter().filter(|at| admits(*at));
        if !diverse {
            return order.take(count).collect();
        }
        let (mut first, mut rest): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        for at in order {
            let is_new = !first.iter().any(|&taken| self.nodes[taken].host == self.nodes[at].host);
            if is_new { first.push(at) } else { rest.push(at) }
        }
        first.into_iter().chain(rest).take(count).collect()
    }

    fn walk_from(&self, position: u32) -> Vec<usize> {
        self.walk(self.points.partition_point(|p| p.0 < position))
    }

    /// Nodes in the order of their first points from this one on.
    fn walk(&self, start: usize) -> Vec<usize> {
        let (mut order, mut seen) = (Vec::with_capacity(self.nodes.len()), vec![false; self.nodes.len()]);
        for &(_, node) in self.points.iter().cycle().skip(start).take(self.points.len()) {
            if !std::mem::replace(&mut seen[node], true) {
                order.push(node);
                if order.len() == self.nodes.len() {
                    break;
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests;
