//! What `windhover agent` and `windhover up` both do for this host: one file per part in `watching/`, one line here.

pub mod collecting;
mod plugins;

use crate::settings::Settings;
use collecting::Collecting;
use model::Sink;
use plugins::Plugins;
use std::sync::Arc;
use stdx::clock::Clock;

/// All parts at work. Dropping it stops them, in the order of the fields.
pub struct Watching {
    _plugins: Option<Plugins>,
    _collecting: Collecting,
}

impl Watching {
    /// Starts every part; their samples go into `sink`.
    pub fn start(settings: &Settings, sink: &Arc<dyn Sink>, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        Ok(Self {
            _plugins: plugins::start(settings, sink.clone(), clock.clone())?,
            _collecting: Collecting::start(settings, sink.clone(), clock.clone())?,
        })
    }
}
