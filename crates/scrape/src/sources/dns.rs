//! Names that stand for targets: the addresses of a name, or the hosts and ports of a service.

use super::Found;
use crate::job::Dns;
use crate::target::Group;
use net::dns::{Code, Data, Kind, Query, query};
use net::{Interrupt, Resolve};
use std::time::Duration;

/// How long one server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Names with the groups found last, one a name.
#[derive(Debug)]
pub(crate) struct Names {
    dns: Dns,
    groups: Vec<Group>,
}

impl Names {
    pub(super) fn new(dns: Dns) -> Self {
        let groups = vec![Group::default(); dns.names.len()];
        Self { dns, groups }
    }

    pub(super) fn every(&self) -> Duration {
        self.dns.refresh
    }

    pub(super) fn look(&mut self, resolver: &dyn Resolve, interrupt: &Interrupt) -> Found {
        let (mut problems, mut has_changed) = (Vec::new(), false);
        for (name, group) in self.dns.names.iter().zip(&mut self.groups) {
            match ask(&self.dns, name, resolver, interrupt) {
                Ok(found) => {
                    has_changed |= *group != found;
                    *group = found;
                }
                Err(why) => problems.push(format!("{name}: {why}")),
            }
        }
        Found { groups: has_changed.then(|| self.groups.clone()), problems }
    }
}

/// Asks one server after the other. A name that is not there is an answer: it stands for nothing.
fn ask(dns: &Dns, name: &str, resolver: &dyn Resolve, interrupt: &Interrupt) -> Result<Group, String> {
    let servers = resolver.servers();
    let mut said = Vec::new();
    for server in servers {
        let question = Query { server, name, kind: dns.kind, timeout: TIMEOUT, recursion: true };
        match query(&question, interrupt) {
            Ok(reply) if matches!(reply.message.code, Code::NoError | Code::NxDomain) => {
                let mut addresses: Vec<String> =
                    reply.message.answers.iter().filter_map(|record| address(dns, &record.data)).collect();
                // Servers turn the order round with each answer.
                addresses.sort();
                addresses.dedup();
                return Ok(Group { addresses, labels: vec![("__meta_dns_name".into(), name.into())] });
            }
            Ok(reply) => said.push(format!("{server} says {}", reply.message.code)),
            Err(e) => said.push(format!("{server}: {e}")),
        }
    }
    Err(if said.is_empty() { "this host has no name servers".into() } else { said.join(", ") })
}

fn address(dns: &Dns, data: &Data) -> Option<String> {
    match (dns.kind, data) {
        (Kind::A, Data::A(v4)) => Some(format!("{v4}:{}", dns.port)),
        (Kind::Aaaa, Data::Aaaa(v6)) => Some(format!("[{v6}]:{}", dns.port)),
        (Kind::Srv, Data::Srv { host, port, .. }) => Some(format!("{}:{port}", host.trim_end_matches('.'))),
        _ => None,
    }
}
