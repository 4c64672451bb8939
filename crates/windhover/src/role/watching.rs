//! What `windhover agent` and `windhover up` both do for this host: one file per part in `watching/`, one line here.

pub mod collecting;
pub mod doors;

use crate::settings::Settings;
use collecting::Collecting;
use doors::Opened;
use model::Sink;
use std::sync::Arc;
use stdx::clock::Clock;

/// All parts at work. Dropping it stops them, in the order of the fields.
pub struct Watching {
    _doors: Opened,
    _collecting: Collecting,
}

impl Watching {
    /// Starts every part; their samples go into `sink`.
    pub fn start(settings: &Settings, sink: &Arc<dyn Sink>, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        Ok(Self {
            _doors: doors::start(settings, sink.clone(), clock.clone())?,
            _collecting: Collecting::start(settings, sink.clone(), clock.clone())?,
        })
    }
}
