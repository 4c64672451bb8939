//! Whether the sniffer is asked to listen to a service. It is where a service tells no numbers of its queries itself;
//! administrators may have it for others too, or not at all.

use crate::plan::{Part, Plan, Sniff, Work};
use crate::services::Service;
use crate::{Options, Process};
use sniff::ring::Reach;
use std::fmt;

/// What of a service passes the network, as its configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// Where it is spoken in the clear.
    pub ports: Vec<u16>,
    /// Whether the service tells by itself, or by its log, what it is asked and how long that takes.
    pub is_told: bool,
}

/// For which services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// Those that tell nothing of their queries.
    pub is_auto: bool,
    /// Those of these names, whatever they tell.
    pub services: Vec<String>,
}

impl Default for Sniffed {
    fn default() -> Self {
        Self { is_auto: true, services: Vec::new() }
    }
}

/// The words that are no services.
const AUTO: &str = "auto";
const NONE: &str = "none";

impl Sniffed {
    /// Reads `auto`, `none`, or names of services; `auto` may stand among them.
    ///
    /// # Errors
    /// A text for people.
    pub fn read(words: &[String]) -> Result<Self, String> {
        if words.iter().any(|word| word == NONE) && words.len() > 1 {
            return Err(format!("`{NONE}` stands alone"));
        }
        let mut services = words.to_vec();
        services.retain(|word| word != AUTO && word != NONE);
        if let Some(name) =
            services.iter().find(|name| crate::services::find(name).is_none_or(|it| it.speaks.is_empty()))
        {
            return Err(format!(
                "`{name}` is not read off the wire; write {AUTO}, {NONE}, or some of {}",
                Heard
            ));
        }
        Ok(Self { is_auto: words.iter().any(|word| word == AUTO), services })
    }

    fn names(&self, service: &str) -> bool {
        self.services.iter().any(|name| name == service)
    }
}

/// The names of the services whose traffic can be read.
struct Heard;

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heard = crate::services::SERVICES.iter().filter(|service| !service.speaks.is_empty());
        f.write_str(&heard.map(|service| service.name).collect::<Vec<_>>().join(", "))
    }
}

/// Adds a part for each port that is to be listened to. What nobody asked for is no problem where the right is missing: the
/// part says so then, and that is all.
pub(crate) fn plan(plan: &mut Plan, service: &Service, process: &Process, options: &Options) {
    let Some(traffic) = plan.traffic.take() else { return };
    let lack = lack(options.reach, process.network.is_some());
    for &port in &traffic.ports {
        let said = options.known.iter().find(|known| known.service == service.name && known.has_port(port));
        let said = said.and_then(|known| known.sniff);
        let is_asked = said.unwrap_or_else(|| options.sniffed.names(service.name));
        let is_usual = said.is_none() && options.sniffed.is_auto && !traffic.is_told;
        match lack {
            _ if !is_asked && !is_usual => {}
            Some(lack) if !is_asked => plan.parts.push(unread(port, lack)),
            _ => {
                let (network, container) = (process.network.clone(), process.container());
                let work = Work::Sniff(Sniff { protocol: service.speaks, port, network, container });
                plan.parts.push(Part::new(name(port), work));
            }
        }
    }
}

/// What the agent lacks to listen to it.
fn lack(reach: Reach, is_elsewhere: bool) -> Option<&'static str> {
    match reach {
        Reach::Nothing => Some("that takes the capability CAP_NET_RAW, which the agent has not"),
        Reach::Here if is_elsewhere => Some(
            "it has a network of its own, and to enter that takes the capability CAP_SYS_ADMIN, which the agent has not",
        ),
        Reach::Here | Reach::Everywhere => None,
    }
}

fn name(port: u16) -> String {
    format!("traffic at port {port}")
}

fn unread(port: u16, why: &str) -> Part {
    let mut part = Part::new(name(port), Work::Nothing);
    part.facts.push(("not read", why.to_owned()));
    part
}

#[cfg(test)]
mod tests;
