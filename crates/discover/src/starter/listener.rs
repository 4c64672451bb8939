//! A port that the sniffer listens to for a service.

use crate::plan::{Sniff, Work};
use crate::tree::Running;
use model::Standing;
use sniff::Sniffer;
use sniff::sniffer::{Listening, Place};
use std::sync::Arc;

/// What is missed without it, and how to be rid of the message.
const COST: &str = "what it is asked, how often and how long that takes is not known";
const REMEDY: &str =
    "if that is not wanted, set `sniff = false` for it in a [[service]], or discover.sniff to none";

/// Listens until dropped.
pub(super) struct Listener {
    /// `None` where the settings have the port read already.
    listening: Option<Listening>,
}

impl Listener {
    pub(super) fn start(sniff: &Sniff, sniffer: Option<&Arc<Sniffer>>) -> Result<Self, String> {
        let sniffer = sniffer.ok_or("this agent has no sniffer")?;
        let is_named = |port: u16| sniffer.watched().iter().any(|(named, _)| *named == port);
        if sniff.network.is_none() && is_named(sniff.port) {
            return Ok(Self { listening: None });
        }
        let Sniff { protocol, port, network, container } = sniff.clone();
        let listening = Sniffer::listen(sniffer, &Place { port, network, container }, protocol);
        Ok(Self { listening: Some(listening.map_err(|why| format!("{COST}: {why}"))?) })
    }
}

impl Running for Listener {
    // Another port or protocol.
    fn change(&mut self, _work: &Work) -> bool {
        false
    }

    fn tick(&mut self, _now_ms: i64) {}

    fn standing(&self) -> Option<Standing> {
        let mut standing = self.listening.as_ref()?.standing();
        standing.part = "service";
        if !standing.problem.is_empty() {
            standing.problem = format!("{COST}: {}; {REMEDY}", standing.problem);
        }
        Some(standing)
    }
}
