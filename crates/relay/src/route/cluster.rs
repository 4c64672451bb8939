//! Several outputs that share series among them.

use crate::hash::{Method, Node, Ring};
use model::{HOST, Labels, NAME};
use wire::protocols::graphite::Template;

/// See the module's text.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// Whether members register; then there are none here.
    is_leased: bool,
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
        let (replicas, template) = (replicas.max(1), Template::default());
        Self { is_leased: false, members, ring, method, replicas, diverse, template }
    }

    /// A cluster whose members register and may be others tomorrow. They are told apart by name, as not all ways to
    /// hash do it.
    ///
    /// # Errors
    /// When `method` needs more than names.
    pub fn leased(method: Method, replicas: usize) -> Result<Self, String> {
        if !matches!(method, Method::Rendezvous | Method::Falcon) {
            return Err(
                "members that register are told apart by name, by `rendezvous` or `falcon`".to_owned()
            );
        }
        Ok(Self { is_leased: true, ..Self::new(Vec::new(), method, replicas, false) })
    }

    /// Whether its members register.
    pub fn is_leased(&self) -> bool {
        self.is_leased
    }

    /// It with these members, each under the name of its output, `cluster/member`.
    pub(crate) fn with(&self, outputs: &[String]) -> Self {
        let node = |output: &String| {
            let host = output.split_once('/').map_or(output.as_str(), |(_, member)| member).to_owned();
            (output.clone(), Node { host, ..Node::default() })
        };
        Self::new(outputs.iter().map(node).collect(), self.method, self.replicas, self.diverse)
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
