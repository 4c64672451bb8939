//! Several outputs that share series among them.

use crate::hash::{Method, Node, Ring};
use model::{HOST, Labels, NAME};
use wire::protocols::graphite::Template;

/// See the module's text.
#[derive(Debug, Clone)]
pub struct Cluster {
    members: Vec<String>,
    ring: Ring,
    method: Method,
    replicas: usize,
    diverse: bool,
    template: Template,
}

impl Cluster {
    /// A cluster of outputs, each with the node that it is on the ring; each series goes to `replicas` of them, to
    /// different hosts as long as there are enough where it is to be `diverse`.
    pub fn new(members: Vec<(String, Node)>, method: Method, replicas: usize, diverse: bool) -> Self {
        let (members, nodes) = members.into_iter().unzip();
        let ring = Ring::new(method, nodes);
        Self { members, ring, method, replicas: replicas.max(1), diverse, template: Template::default() }
    }

    /// Names of its outputs.
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Whether this output is to have a series while those are out. When all are out nobody is: it waits for them.
    pub(crate) fn owns(&self, output: &str, labels: &Labels, out: &[String]) -> bool {
        let all_out = self.members.iter().all(|member| out.contains(member));
        let admits = |at: usize| all_out || !out.contains(&self.members[at]);
        let owners = self.ring.owners(&self.key(labels), self.replicas, self.diverse, admits);
        owners.into_iter().any(|at| self.members[at] == output)
    }

    /// What is hashed: what the ring's inventor hashes.
    fn key(&self, labels: &Labels) -> Vec<u8> {
        match self.method {
            Method::Rendezvous => labels.key().to_vec(),
            Method::Falcon => falcon_key(labels).into_bytes(),
            _ => self.template.path(labels).into_bytes(),
        }
    }
}

/// `endpoint/metric`, and `/k=v,…` where there are tags.
pub(crate) fn falcon_key(labels: &Labels) -> String {
    let tags: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != NAME && *name != HOST)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let tags = if tags.is_empty() { String::new() } else { format!("/{}", tags.join(",")) };
    format!("{}/{}{tags}", labels.host(), labels.name())
}
