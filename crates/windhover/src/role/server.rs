//! `windhover server`: doors, storage, queries and pages, without watching this host.

use super::serving::Serving;
use super::watching::monitoring::Monitoring;
use crate::settings::Settings;
use crate::signals::Wishes;
use crate::{logging, notify};
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};

/// Runs until told to stop.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut wishes = Wishes::listen()?;
    let ring = logging::start(settings, "server");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let serving = Serving::start(settings, "server", clock.clone())?;
    let doors = super::watching::doors::start(settings, serving.sink(), clock.clone())?;
    let scraping = super::watching::scraping::start(settings, serving.sink(), clock.clone())?;
    let icinga = super::watching::icinga::start(settings, serving.sink(), serving.events(), clock.clone())?;
    let monitoring = super::watching::monitoring::start(settings, &serving.sink(), &clock)?;
    let mut parts = vec![doors.standings()];
    parts.extend(scraping.iter().map(|scraper| scraper.standings()));
    parts.extend(icinga.iter().map(|following| following.standings()));
    parts.extend(monitoring.iter().map(Monitoring::standings));
    let telling = serving.tell(settings, ring, &parts)?;
    serving.announce();
    notify::send("READY=1");
    let watchdog = notify::watchdog(serving.pulse());
    super::wait(&mut wishes, serving.profiling(), || serving.reload(settings));
    drop(watchdog);
    drop(monitoring);
    drop(icinga);
    drop(scraping);
    drop(doors);
    drop(telling);
    serving.stop()
}
