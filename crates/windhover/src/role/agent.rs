//! `windhover agent`: watches this host and ships to a server through a spool on disk.

use super::given::Obeying;
use super::link;
use super::watching::Watching;
use crate::beat::Beat;
use crate::selfwatch::profile::Profiling;
use crate::selfwatch::{self, Watched};
use crate::settings::Settings;
use crate::signals::{Wish, Wishes};
use crate::telling::Telling;
use crate::{logging, notify};
use anyhow::{Context, bail};
use model::{EventSink, Sink};
use net::Url;
use ship::{Options, Outbox, Server, SpoolOptions};
use std::ffi::{CString, NulError, OsString};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};
use stdx::disk::{Disk, Lock, RealDisk};
use stdx::random::Random;

/// How long a stopping agent tries to send what is left; the rest stays on disk for its next start.
const LAST_SENDING: Duration = Duration::from_secs(3);

/// Runs until told to stop.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    share_one_pool();
    let mut wishes = Wishes::listen()?;
    let ring = logging::start(settings, "agent");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let lock = lock(settings, "agent")?;
    let outbox = Arc::new(outbox(settings, "spool", clock.clone())?);
    let sink: Arc<dyn Sink> = outbox.clone();
    let events: Arc<dyn EventSink> = outbox.clone();
    let host = Watching::start(settings, &sink, &events, &clock)?;
    let profiling = Profiling::new(settings, "agent", clock.clone());
    let telling = Telling::new(
        ring,
        &host.standings(),
        profiling.clone(),
        super::host_name(settings),
        outbox.clone(),
        clock.clone(),
    );
    let selfwatch = selfwatch(settings, &outbox, clock.clone())?;
    let obeying = Obeying::new(settings, &clock, host.collectors(), profiling.clone())?;
    let watching = watching(look_every(settings), outbox.clone(), telling.clone(), obeying)?;
    println!("Windhover agent {} watches {}", env!("CARGO_PKG_VERSION"), super::host_name(settings));
    println!("  ships to {}", settings.text("agent.server"));
    notify::send("READY=1");
    let watchdog = notify::watchdog(|| true);
    let begins_anew = wait(&mut wishes, &profiling);
    drop(watchdog);
    drop(watching);
    profiling.stop();
    drop(host);
    drop(selfwatch);
    telling.round();
    outbox.close(if begins_anew { Duration::ZERO } else { LAST_SENDING });
    drop(lock);
    tracing::info!("stopped; {} bytes wait in the spool", outbox.stats().queue_bytes);
    if begins_anew { begin_anew() } else { Ok(()) }
}

/// Waits for the end, or until other settings are to hold that make sense: then true.
fn wait(wishes: &mut Wishes, profiling: &Profiling) -> bool {
    loop {
        match wishes.next() {
            Wish::Stop => {
                notify::send("STOPPING=1");
                tracing::info!("stopping");
                return false;
            }
            Wish::Profile => profiling.ask(None),
            Wish::Reload => match crate::settings_again() {
                Ok(_) => {
                    notify::send("RELOADING=1");
                    tracing::info!("starting anew with the settings as they are now");
                    return true;
                }
                Err(problems) => {
                    problems.iter().for_each(|problem| tracing::error!("settings not changed: {problem}"));
                }
            },
        }
    }
}

/// Becomes the program anew, with the same arguments and under the same process number; also the newer program, where
/// the file was replaced.
fn begin_anew() -> anyhow::Result<()> {
    let program = std::env::current_exe()?.into_os_string().into_vec();
    let program = CString::new(program.strip_suffix(b" (deleted)").unwrap_or(&program))?;
    let arguments: Vec<CString> = std::env::args_os().map(text).collect::<Result<_, _>>()?;
    let others = std::env::vars_os().filter(|(name, _)| name != ARENAS);
    let environment: Vec<CString> = others
        .chain([(ARENAS.into(), "1".into())])
        .map(|(name, value)| text([name, value].join("=".as_ref())))
        .collect::<Result<_, _>>()?;
    // The standard library's way would let through the signals that are held back meanwhile (`crate::signals`).
    let Err(error) = nix::unistd::execve(&program, &arguments, &environment);
    Err(error).with_context(|| format!("{} cannot be started anew", program.to_string_lossy()))
}

fn text(text: OsString) -> Result<CString, NulError> {
    CString::new(text.into_vec())
}

/// How glibc is told the number of its pools of memory; it reads it once, before `main`.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Has all threads share one pool of memory: they are few and ask for little, and a pool for each holds a quarter of a
/// megabyte more. Where the environment does not say so yet, as the packaged service's does, the program starts itself
/// anew with it; where that fails it holds a little more.
fn share_one_pool() {
    if std::env::var_os(ARENAS).is_none() {
        let _ = begin_anew();
    }
}

/// Makes sure that no other process of this role uses the same spool. A disk that cannot be written holds no spool either: then the
/// agent runs from memory, and there is nothing to protect.
pub(super) fn lock(settings: &Settings, role: &str) -> anyhow::Result<Option<Box<dyn Lock>>> {
    let data = settings.path("data").context("`data` is empty")?;
    let file = data.join(format!("{role}.lock"));
    let locked = RealDisk.create_dir_all(&data).and_then(|()| RealDisk.lock(&file));
    match locked {
        Ok(lock) => Ok(Some(lock)),
        Err(e) if e.kind() == ErrorKind::WouldBlock => {
            bail!("{}: another {role} uses this folder; give each its own --data", data.display())
        }
        Err(e) => {
            tracing::warn!("nothing can be kept on disk: {e}");
            Ok(None)
        }
    }
}

/// The way to the servers, through a spool in this folder below the data folder.
pub(super) fn outbox(settings: &Settings, folder: &str, clock: Arc<dyn Clock>) -> anyhow::Result<Outbox> {
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
    let mut spool = SpoolOptions::new(data.join(folder), super::host_name(settings));
    spool.disk_bytes_max = settings.bytes("agent.spool_bytes_max");
    let mut options = Options::new(servers, spool);
    options.backlog_bytes_per_second = settings.bytes("agent.backlog_bytes_per_second");
    options.net = link::options(settings, &clock)?;
    Ok(Outbox::start(options, Arc::new(RealDisk), clock, Random::from_entropy())?)
}

fn selfwatch(settings: &Settings, outbox: &Arc<Outbox>, clock: Arc<dyn Clock>) -> std::io::Result<Beat> {
    let refreshed = outbox.clone();
    selfwatch::start(Watched {
        // Who measures the host rarely does not want to be told of the agent more often.
        every: settings.duration("agent.interval").max(selfwatch::INTERVAL),
        tables: vec![
            collect::TELEMETRY,
            doors::TELEMETRY,
            sniff::telemetry::TELEMETRY,
            logparse::TELEMETRY,
            discover::TELEMETRY,
            discover::pull::TELEMETRY,
            checks::TELEMETRY,
            scrape::TELEMETRY,
            ship::TELEMETRY,
            net::TELEMETRY,
            plugins::TELEMETRY,
            ::probe::TELEMETRY,
            selfwatch::TELEMETRY,
            logging::TELEMETRY,
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

/// How often the outbox is looked at: as often as the host, within these bounds. To wake up costs more than to look; a
/// look each second would be a fifth of what an agent costs that measures every ten seconds.
const LOOK_MIN: Duration = Duration::from_secs(1);
const LOOK_MAX: Duration = Duration::from_secs(5);
/// When, and how often then, what is not needed now is let go: the start has touched most of the code, and rare work such
/// as a profile touches some again; and the heap has the size of its busiest moment.
const LET_GO_AFTER: Duration = Duration::from_secs(10);
const LET_GO_EVERY: Duration = Duration::from_secs(600);

fn look_every(settings: &Settings) -> Duration {
    settings.duration("agent.interval").clamp(LOOK_MIN, LOOK_MAX)
}

/// Tells in the log when shipping stops working and when it works again, once each and not every second. What the log
/// says and how the parts stand goes to the server by the same beat, and what the server wants is done.
fn watching(
    every: Duration,
    outbox: Arc<Outbox>,
    telling: Arc<Telling>,
    mut obeying: Option<Obeying>,
) -> std::io::Result<Beat> {
    let (mut network, mut disk, mut refused) = (String::new(), String::new(), 0);
    let (mut ran, mut let_go_at) = (Duration::ZERO, LET_GO_AFTER);
    Beat::start("watch-outbox", every, move || {
        let stats = outbox.stats();
        tell("shipping", &mut network, stats.network_error);
        tell("the spool", &mut disk, stats.disk_error);
        if stats.quarantined_segments > refused {
            tracing::warn!("a segment was put aside: {}", stats.refusal);
            refused = stats.quarantined_segments;
        }
        telling.round();
        if let Some(obeying) = &mut obeying {
            obeying.look();
        }
        if ran >= let_go_at {
            let_go_at += LET_GO_EVERY;
            // Where the kernel does not say what is mapped, more of it stays.
            let _ = stdx::pages::let_go_of_code();
            stdx::pages::let_go_of_free_memory();
        }
        ran += every;
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
