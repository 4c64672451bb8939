//! `windhover`: server and agent for this host in one process. The collectors write straight into the store: there is no
//! absent server to survive, so there is no spool.

use super::serving::Serving;
use super::watching::Watching;
use crate::settings::Settings;
use crate::signals::Wishes;
use crate::{logging, notify};
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};

/// Runs until told to stop.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut wishes = Wishes::listen()?;
    let ring = logging::start(settings, "up");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let serving = Serving::start(settings, "up", clock.clone())?;
    let host = Watching::start(settings, &serving.sink(), &serving.events(), &clock)?;
    let telling = serving.tell(settings, ring, &host.standings())?;
    serving.announce();
    notify::send("READY=1");
    let watchdog = notify::watchdog(serving.pulse());
    super::wait(&mut wishes, serving.profiling(), || serving.reload(settings));
    drop(watchdog);
    drop(host);
    drop(telling);
    serving.stop()
}
