//! Targets that show their numbers. Without any in the settings there is no thread and nothing is held.

use crate::settings::Settings;
use crate::settings::tables::scrape as table;
use anyhow::Context;
use model::Sink;
use net::dns::Resolver;
use scrape::{Options, Scraper};
use std::sync::Arc;
use stdx::clock::Clock;

/// Targets being asked. Dropping it stops that.
pub type Scraping = Scraper;

/// Starts asking, if there is anybody to be asked.
pub fn start(
    settings: &Settings,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Option<Scraping>> {
    let jobs = table::all(settings).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    if jobs.is_empty() {
        return Ok(None);
    }
    let threads_max = usize::try_from(settings.count("agent.scrapes_at_once")).unwrap_or(usize::MAX);
    let options = Options { host: crate::role::host_name(settings), threads_max };
    // A target that is gone must not be looked for where it was: nothing is remembered.
    let resolver = Arc::new(Resolver::system());
    Ok(Some(Scraper::start(jobs, options, sink, clock, resolver).context("targets cannot be asked")?))
}
