//! Icinga 2 being followed. Without any in the settings there is no thread and nothing is held.

use crate::settings::Settings;
use crate::settings::tables::icinga as table;
use anyhow::Context;
use model::{EventSink, Sink};
use net::dns::Resolver;
use scrape::icinga::{Following, Icinga, Surroundings};
use std::sync::Arc;
use stdx::clock::Clock;

/// Starts following, if there is anybody to be followed.
pub fn start(
    settings: &Settings,
    sink: Arc<dyn Sink>,
    events: Arc<dyn EventSink>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Option<Following>> {
    let all = all(settings)?;
    if all.is_empty() {
        return Ok(None);
    }
    let around = Surroundings { sink, events, clock, resolver: Arc::new(Resolver::system()) };
    Ok(Some(Following::start(all, &around).context("Icinga cannot be followed")?))
}

/// Those of the settings. A queue is named after this host, so that Icinga's own log says who listens.
pub fn all(settings: &Settings) -> anyhow::Result<Vec<Icinga>> {
    let mut all = table::all(settings).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    for icinga in all.iter_mut().filter(|icinga| icinga.queue.is_empty()) {
        icinga.queue = format!("windhover-{}", crate::role::host_name(settings));
    }
    Ok(all)
}
