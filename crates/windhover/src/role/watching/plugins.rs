//! Foreign programs whose output becomes series. Without any in the settings nothing is started.

use crate::settings::{self, Settings};
use anyhow::Context;
use model::Sink;
use plugins::runner::Severity;
use plugins::{Notice, Options, Runner};
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::random::Random;

/// Plugins at work. Dropping it ends them, with all their children.
pub type Plugins = Runner;

/// Starts what the settings name.
pub fn start(
    settings: &Settings,
    sink: Arc<dyn Sink>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Option<Plugins>> {
    let all = settings::plugins::all(settings).map_err(anyhow::Error::msg)?;
    if all.plugins.is_empty() && all.folders.is_empty() {
        return Ok(None);
    }
    let options = Options::new(crate::role::host_name(settings));
    let runner = Runner::start(options, sink, clock, Random::from_entropy(), Box::new(tell));
    let runner = runner.context("plugins cannot be run")?;
    all.plugins.into_iter().for_each(|plugin| runner.put(plugin));
    all.folders.into_iter().for_each(|folder| runner.watch(folder));
    Ok(Some(runner))
}

/// A plugin's notice goes to the log, and with it to the server.
fn tell(notice: &Notice) {
    let Notice { plugin, message, .. } = notice;
    let about: Vec<String> = notice.about.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let about = about.join(" ");
    match notice.severity {
        Severity::Okay => tracing::info!(about, "plugin {plugin}: {message}"),
        Severity::Warning => tracing::warn!(about, "plugin {plugin}: {message}"),
        Severity::Failure => tracing::error!(about, "plugin {plugin}: {message}"),
    }
}
