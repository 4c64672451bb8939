//! `windhover agent`: watches this host and ships to a server through a spool on disk.

use super::link;
use super::watching::Watching;
use crate::beat::Beat;
use crate::selfwatch::{self, Watched};
use crate::settings::Settings;
use crate::signals::Wishes;
use crate::{logging, notify};
use anyhow::{Context, bail};
use model::Sink;
use net::Url;
use ship::{Options, Outbox, Server, SpoolOptions};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};
use stdx::disk::{Disk, Lock, RealDisk};
use stdx::random::Random;

/// How long a stopping agent tries to send what is left; the rest stays on disk for its next start.
const LAST_SENDING: Duration = Duration::from_secs(3);

/// Runs until told to stop.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut wishes = Wishes::listen()?;
    logging::start(settings);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lock = lock(settings)?;
    let outbox = Arc::new(outbox(settings, clock.clone())?);
    let sink: Arc<dyn Sink> = outbox.clone();
    let host = Watching::start(settings, &sink, &clock)?;
    let selfwatch = selfwatch(settings, &outbox, clock)?;
    let watching = watching(outbox.clone())?;
    println!("Windhover agent {} watches {}", env!("CARGO_PKG_VERSION"), super::host_name(settings));
    println!("  ships to {}", settings.text("agent.server"));
    notify::send("READY=1");
    let watchdog = notify::watchdog(|| true);
    super::wait(&mut wishes, || tracing::warn!("an agent's settings hold until it is restarted"));
    drop(watchdog);
    drop(host);
    drop(selfwatch);
    outbox.close(LAST_SENDING);
    drop(watching);
    drop(lock);
    tracing::info!("stopped; {} bytes wait in the spool", outbox.stats().queue_bytes);
    Ok(())
}

/// Makes sure that no other agent uses the same spool. A disk that cannot be written holds no spool either: then the
/// agent runs from memory, and there is nothing to protect.
fn lock(settings: &Settings) -> anyhow::Result<Option<Box<dyn Lock>>> {
    let data = settings.path("data").context("`data` is empty")?;
    let locked = RealDisk.create_dir_all(&data).and_then(|()| RealDisk.lock(&data.join("agent.lock")));
    match locked {
        Ok(lock) => Ok(Some(lock)),
        Err(e) if e.kind() == ErrorKind::WouldBlock => {
            bail!("{}: another agent uses this folder; give each its own --data", data.display())
        }
        Err(e) => {
            tracing::warn!("nothing can be kept on disk: {e}");
            Ok(None)
        }
    }
}

fn outbox(settings: &Settings, clock: Arc<dyn Clock>) -> anyhow::Result<Outbox> {
    let urls = settings.urls("agent.server");
    if urls.is_empty() {
        bail!("where to? name the server: windhover agent --server http://HOST:9463");
    }
    let token = super::token(settings)?;
    let server = |text: &String| {
        let url = Url::parse(text).map_err(anyhow::Error::msg)?;
        Ok(Server { url, token: token.clone() })
    };
    let servers = urls.iter().map(server).collect::<anyhow::Result<Vec<Server>>>()?;
    let data = settings.path("data").context("`data` is empty")?;
    let mut spool = SpoolOptions::new(data.join("spool"), super::host_name(settings));
    spool.disk_bytes_max = settings.bytes("agent.spool_bytes_max");
    let mut options = Options::new(servers, spool);
    options.net = link::options(settings, &clock)?;
    Ok(Outbox::start(options, Arc::new(RealDisk), clock, Random::from_entropy())?)
}

fn selfwatch(settings: &Settings, outbox: &Arc<Outbox>, clock: Arc<dyn Clock>) -> std::io::Result<Beat> {
    let refreshed = outbox.clone();
    selfwatch::start(Watched {
        tables: vec![
            collect::TELEMETRY,
            ship::TELEMETRY,
            net::TELEMETRY,
            plugins::TELEMETRY,
            selfwatch::TELEMETRY,
        ],
        host: super::host_name(settings),
        role: "agent",
        sink: outbox.clone(),
        clock,
        refresh: Box::new(move || {
            refreshed.stats();
        }),
    })
}

/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Tells in the log when shipping stops working and when it works again; once each, not every second.
fn watching(outbox: Arc<Outbox>) -> std::io::Result<Beat> {
    let (mut network, mut disk) = (String::new(), String::new());
    Beat::start("watch-outbox", LOOK, move || {
        let stats = outbox.stats();
        tell("shipping", &mut network, stats.network_error);
        tell("the spool", &mut disk, stats.disk_error);
    })
}

fn tell(what: &str, last: &mut String, now: String) {
    if now.is_empty() && !last.is_empty() {
        tracing::info!("{what} works again");
    } else if !now.is_empty() && now != *last {
        tracing::warn!("{what}: {now}");
    }
    *last = now;
}
