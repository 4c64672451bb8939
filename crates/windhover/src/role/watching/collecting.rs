//! The collectors of this host on a thread of their own.

use crate::settings::{Settings, watched};
use anyhow::Context;
use collect::collector::EVERY_TICK;
use collect::schedule::Board;
use collect::{Host, Observer, Options, Scheduler, Stop};
use model::{Sink, Standings};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use stdx::clock::Clock;

const NTP_PORT: u16 = 123;

/// Collectors at work. Dropping them stops them.
pub struct Collecting {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
    board: Arc<Board>,
}

impl Collecting {
    /// Starts measuring this host into `sink`, and shows the processes to `observer` at every tick.
    pub fn start(
        settings: &Settings,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        observer: Option<Box<dyn Observer>>,
    ) -> anyhow::Result<Self> {
        let mut scheduler =
            Scheduler::new(Host::this(), options(settings)).context("the collectors cannot start")?;
        observer.into_iter().for_each(|observer| scheduler.observe(EVERY_TICK, observer));
        let board = scheduler.board();
        let stop = Arc::new(Stop::new());
        let stopped = stop.clone();
        let run = move || scheduler.run(clock.as_ref(), &stopped, sink.as_ref());
        let thread = std::thread::Builder::new().name("collect".into()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread), board })
    }

    /// How the collectors stand.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.board.clone()
    }
}

/// How the settings want this host to be measured.
pub fn options(settings: &Settings) -> Options {
    let mut options = Options::for_host(crate::role::host_name(settings));
    options.interval_ms = settings.duration("agent.interval").as_millis() as u64;
    options.cpu_per_core = settings.switch("agent.per_core");
    options.processes_top = settings.count("agent.top_processes") as usize;
    options.process_rules = watched::process_rules(settings).expect("checked when resolved");
    options.falcon = watched::monitors(settings).expect("checked when resolved");
    options.ntp_servers =
        settings.texts("agent.ntp_servers").iter().filter_map(|text| time_server(text)).collect();
    options
}

/// `192.0.2.1`, `192.0.2.1:123` or `2001:db8::1`.
fn time_server(text: &str) -> Option<SocketAddr> {
    let with_usual_port = || text.parse::<IpAddr>().ok().map(|address| (address, NTP_PORT).into());
    text.parse().ok().or_else(with_usual_port)
}

impl Drop for Collecting {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
