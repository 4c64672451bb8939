//! The services of this host: found among its processes, their logs read, their numbers asked for. It works on the thread
//! of the collectors, which read the processes anyway; without services it costs next to nothing.

use crate::settings::Settings;
use crate::settings::tables::{logs, services};
use collect::{Host, Observer};
use discover::{Discovery, Machine, Plugins};
use logparse::Tailer;
use model::{Sink, Standings};
use sniff::Sniffer;
use std::sync::Arc;

/// Discovery that is ready to be shown the processes, and how what it starts stands.
pub struct Services {
    /// To be shown the processes.
    pub observer: Box<dyn Observer>,
    /// How the services stand.
    pub board: Arc<dyn Standings>,
}

/// Prepares it; `None` when the settings do not want it.
pub fn prepare(
    settings: &Settings,
    sink: Arc<dyn Sink>,
    tailer: &Arc<Tailer>,
    sniffer: &Arc<Sniffer>,
) -> anyhow::Result<Option<Services>> {
    if !settings.switch("discover.enabled") {
        return Ok(None);
    }
    let mut options = services::options(settings).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    options.reach = sniff::ring::Reach::ours();
    let named = logs::all(settings).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    let plugins = Plugins {
        host: crate::role::host_name(settings),
        // Logs are to be left as they are when the agent stops, not given up one by one.
        tailer: Arc::downgrade(tailer),
        named_logs: named
            .into_iter()
            .filter(|(_, spec)| spec.journal.is_none())
            .flat_map(|(_, spec)| spec.patterns)
            .collect(),
        sink,
        ask_every_ms: settings.duration("discover.interval").as_millis().max(1) as i64,
        sniffer: Some(sniffer.clone()),
    };
    let discovery = Discovery::new(Machine::of(&Host::this()), options, Box::new(plugins));
    let board = discovery.board();
    Ok(Some(Services { observer: Box::new(discovery), board }))
}
