//! The checks that the settings ask for. Without any there is no thread and nothing is held.

use crate::settings::Settings;
use crate::settings::tables::check;
use anyhow::Context;
use checks::{Options, Scheduler};
use model::Sink;
use net::dns::Resolver;
use std::sync::Arc;
use stdx::clock::Clock;

/// Checks at work. Dropping them stops them.
pub type Checking = Scheduler;

/// Starts the checks, if there are any.
pub fn start(
    settings: &Settings,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Option<Checking>> {
    let host = crate::role::host_name(settings);
    let all = check::all(settings, &host).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    if all.is_empty() {
        return Ok(None);
    }
    let threads_max = usize::try_from(settings.count("agent.checks_at_once")).unwrap_or(usize::MAX);
    // A check wants to see that names do not resolve: nobody else is asked, nothing is remembered.
    let resolver = Arc::new(Resolver::system());
    let scheduler = Scheduler::start(all, Options { host, threads_max }, sink, clock, resolver);
    Ok(Some(scheduler.context("the checks cannot start")?))
}
