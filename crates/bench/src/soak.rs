//! A simulated day of an agent: its collectors and its outbox on a clock that is turned by hand, the real files of this
//! machine, a real server, and memory handled as the agent does: one pool for all threads, and what is free given back every
//! ten minutes. Memory must be the same at the end as after the first hour.

use crate::cost::cpu_seconds;
use crate::options::Options;
use crate::peer::{folder, mb};
use crate::servers::Server;
use collect::{Host, Scheduler};
use model::{Batch, PushError, Receipt, Report, Sink};
use ship::{Outbox, SpoolOptions};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::{Clock, ManualClock, SystemClock};
use stdx::disk::RealDisk;
use stdx::random::Random;

const DAY_MS: i64 = 86_400_000;
/// Looks at the memory in a day.
const LOOKS: i64 = 24;
/// Longest wait for the server after a tick.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often an agent gives back what is free.
const LET_GO_EVERY_MS: i64 = 600_000;
/// How the C library is told to have one pool; it reads it before `main`.
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// A day at 10 s; at 1 s when all is asked for.
pub fn run(options: &Options) -> Result<(), String> {
    if !options.tiny && std::env::var_os(ARENAS).is_none() {
        return run_with_one_pool(options);
    }
    let interval_ms = options.size(DAY_MS / 48, 10_000, 1000);
    if options.tiny {
        return day(interval_ms, &ManualClock::at(0), &Nowhere, || Ok(()));
    }
    let data = folder("soak")?;
    let (server, port) = Server::Windhover.start(&data.join("server"))?;
    let clock = Arc::new(ManualClock::at(SystemClock.now_ms() / DAY_MS * DAY_MS - DAY_MS));
    let outbox = outbox(port, &data, clock.clone())?;
    let delivered = || if outbox.flush(PATIENCE) { Ok(()) } else { Err(outbox.stats().network_error) };
    day(interval_ms, &clock, &outbox, delivered)?;
    outbox.close(PATIENCE);
    server.stop();
    let _ = std::fs::remove_dir_all(data);
    Ok(())
}

fn run_with_one_pool(options: &Options) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let full = options.full.then_some("--full");
    let status = Command::new(program).arg("soak").args(full).env(ARENAS, "1").status();
    status
        .map_err(|e| e.to_string())?
        .success()
        .then_some(())
        .ok_or_else(|| "it failed, see above".to_owned())
}

fn outbox(port: u16, data: &Path, clock: Arc<dyn Clock>) -> Result<Outbox, String> {
    let url = net::Url::parse(&format!("http://127.0.0.1:{port}")).map_err(|e| e.to_string())?;
    let spool = SpoolOptions::new(data.join("spool"), "soak".to_owned());
    let options = ship::Options::new(vec![ship::Server { url, token: None }], spool);
    Outbox::start(options, Arc::new(RealDisk), clock, Random::from_entropy()).map_err(|e| e.to_string())
}

fn day(
    interval_ms: i64,
    clock: &ManualClock,
    sink: &dyn Sink,
    delivered: impl Fn() -> Result<(), String>,
) -> Result<(), String> {
    let mut options = collect::Options::for_host("soak");
    options.interval_ms = interval_ms as u64;
    let mut scheduler = Scheduler::new(Host::this(), options).map_err(|e| e.to_string())?;
    let (start_ms, cpu) = (clock.now_ms(), cpu_seconds());
    println!("{:>6} {:>14}", "hour", "anonymous");
    for look in 0..LOOKS {
        for tick in 0..DAY_MS / LOOKS / interval_ms {
            let now_ms = start_ms + look * DAY_MS / LOOKS + tick * interval_ms;
            clock.set_ms(now_ms);
            scheduler.tick(now_ms, sink);
            delivered()?;
            if now_ms % LET_GO_EVERY_MS == 0 {
                stdx::pages::let_go_of_free_memory();
            }
        }
        println!("{:>6} {:>14}", (look + 1) * 24 / LOOKS, mb(anonymous_bytes()));
    }
    let ticks = (DAY_MS / interval_ms) as f64;
    println!(
        "{:.2} ms of processor time a round, collected, spooled and sent",
        (cpu_seconds() - cpu) * 1000.0 / ticks
    );
    Ok(())
}

/// `RssAnon` of this process.
fn anonymous_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) << 10
}

/// Takes everything and keeps nothing.
struct Nowhere;

impl Sink for Nowhere {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let accepted = batch.len() as u64;
        Ok(Receipt { report: Report { accepted, ..Report::default() }, duplicates: 0 })
    }
}
