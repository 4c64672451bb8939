//! What `windhover agent` and `windhover up` both do for this host: one file per part in `watching/`, one line here.

pub mod collecting;
mod plugins;

use crate::settings::Settings;
use collecting::Collecting;
use model::{Sink, Standings};
use plugins::Plugins;
use std::sync::Arc;
use stdx::clock::Clock;

/// All parts at work. Dropping it stops them, in the order of the fields.
pub struct Watching {
    plugins: Option<Plugins>,
    collecting: Collecting,
}

impl Watching {
    /// Starts every part; their samples go into `sink`.
    pub fn start(settings: &Settings, sink: &Arc<dyn Sink>, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        Ok(Self {
            plugins: plugins::start(settings, sink.clone(), clock.clone())?,
            collecting: Collecting::start(settings, sink.clone(), clock.clone())?,
        })
    }

    /// Who can say how the parts stand.
    pub fn standings(&self) -> Vec<Arc<dyn Standings>> {
        let plugins = self.plugins.as_ref().map(Plugins::board);
        [self.collectors()].into_iter().chain(plugins).collect()
    }

    /// How the collectors stand.
    pub fn collectors(&self) -> Arc<dyn Standings> {
        self.collecting.standings()
    }
}
