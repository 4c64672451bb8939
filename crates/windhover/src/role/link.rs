//! How an agent reaches its server: names, trust, and who we are.

use crate::settings::Settings;
use anyhow::bail;
use net::dns::{self, Resolver};
use net::tls::Identity;
use net::{Options, Tls};
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::disk::RealDisk;

/// What every connection of this agent to its server is made with.
pub fn options(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<Options> {
    let resolver = Arc::new(resolver(settings, clock));
    Ok(Options { tls: tls(settings)?, resolver, ..Options::default() })
}

/// Names as the host has them, by the public servers where the host's fail, and from memory where all do.
fn resolver(settings: &Settings, clock: &Arc<dyn Clock>) -> Resolver {
    let options = dns::Options {
        public: settings.texts("agent.resolvers").iter().filter_map(|text| dns::parse_server(text)).collect(),
        remember: true,
        memory_file: settings.path("data").map(|data| data.join("names")),
        ..dns::Options::default()
    };
    Resolver::new(options, Arc::new(RealDisk), clock.clone())
}

/// Whom to trust and who we are.
fn tls(settings: &Settings) -> anyhow::Result<Tls> {
    let identity = match (settings.path("agent.cert_file"), settings.path("agent.key_file")) {
        (Some(certificate_file), Some(key_file)) => Some(Identity { certificate_file, key_file }),
        (None, None) => None,
        (Some(_), None) => bail!("`agent.cert_file` needs `agent.key_file` beside it"),
        (None, Some(_)) => bail!("`agent.key_file` needs `agent.cert_file` beside it"),
    };
    Ok(Tls { ca_file: settings.path("agent.ca_file"), identity, ..Tls::default() })
}
