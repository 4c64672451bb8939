//! What the sniffer costs: protocols from memory, then requests and answers over real connections on loopback, heard by
//! our ring, by tcpdump and by a `recv` per packet.

mod generator;
mod talk;

use crate::options::Options;
use crate::peer::Peer;
use generator::{Generator, Load};
use model::{Batch, PushError, Receipt, Sink, Standings};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, socket};
use rustix::time::{ClockId, clock_gettime};
use sniff::protocols::PROTOCOLS;
use sniff::sniffer::{self, Sniffer};
use sniff::{Wiretap, ring};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;

/// Requests and answers over all connections.
#[derive(Default)]
struct Heard(AtomicU64);

impl Sink for Heard {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        for group in batch.groups() {
            let rows = group.slots.iter().zip(group.values);
            let requests =
                rows.filter(|(slot, _)| batch.dictionary.labels(**slot).name() == "traffic_requests_total");
            let sum: f64 = requests.map(|(_, value)| value).sum();
            self.0.fetch_max(sum as u64, Ordering::Relaxed);
        }
        Ok(Receipt::default())
    }
}

/// Measures and prints.
pub fn run(options: &Options) -> Result<(), String> {
    from_memory(options.size(500, 200_000, 2_000_000));
    let pairs = options.size(200, 200_000, 2_000_000);
    println!("\nover loopback, 4 connections, requests of 100 bytes, answers of 300 (Redis):");
    println!("{:<40} {:>12} {:>12} {:>12} {:>10}", "listener", "µs a pair", "both ends", "pairs/s", "lost");
    for name in ["none", "windhover"] {
        through_the_kernel(name, pairs, options)?;
    }
    if !options.alone {
        through_the_kernel("tcpdump -w /dev/null", pairs, options)?;
        through_the_kernel("recv a packet", pairs, options)?;
    }
    Ok(())
}

fn thread_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Each protocol with a usual request and answer, segments ready in memory.
fn from_memory(pairs: usize) {
    println!("{:<40} {:>12}", "from memory, a segment each way", "µs a pair");
    for row in PROTOCOLS {
        let packets = talk::packets(row.name, row.port, 1000);
        let rounds = pairs.div_ceil(1000);
        let (mut seconds, mut heard) = (0.0, 0);
        for _ in 0..rounds {
            let mut tap = Wiretap::default();
            tap.watch(row.port, row);
            let started = thread_cpu_seconds();
            packets.iter().for_each(|packet| tap.frame(&packet.frame()));
            seconds += thread_cpu_seconds() - started;
            heard += tap.tally.lines(false).iter().map(|line| line.counts.requests).sum::<u64>();
        }
        let us = seconds * 1e6 / heard.max(1) as f64;
        println!("{:<40} {us:>12.3}   ({heard} heard of {})", row.name, rounds * 1000);
    }
}

/// Something that listens, and what it cost.
trait Listener {
    /// Processor time so far, in seconds.
    fn cpu_seconds(&self) -> f64;
    /// Ends it; how many of so many pairs it lost.
    fn lost(self: Box<Self>, pairs: u64) -> f64;
}

fn listener(name: &str, port: u16) -> Result<Box<dyn Listener>, String> {
    Ok(match name {
        "none" => Box::new(Nobody),
        "windhover" => Box::new(Ours::start(port)?),
        "recv a packet" => Box::new(PerPacket::start(port)?),
        _ => Box::new(Tcpdump::start(port)?),
    })
}

fn through_the_kernel(name: &str, pairs: usize, options: &Options) -> Result<(), String> {
    let mut generator = Generator::start(options.size(1, 4, 4))?;
    let listener = match listener(name, generator.port) {
        Ok(listener) => listener,
        Err(why) => {
            println!("{name:<40} not measured: {why}");
            return Ok(());
        }
    };
    let before = listener.cpu_seconds();
    let Load { seconds, cpu_seconds } = generator.run(pairs as u64)?;
    // What waits in the ring is read when its block is handed over.
    std::thread::sleep(Duration::from_millis(300));
    let us = |seconds: f64| seconds * 1e6 / pairs as f64;
    let own = us(listener.cpu_seconds() - before);
    let lost = 100.0 * listener.lost(pairs as u64) / pairs as f64;
    println!(
        "{name:<40} {own:>12.3} {:>12.2} {:>12.0} {lost:>8.2} %",
        us(cpu_seconds),
        pairs as f64 / seconds
    );
    Ok(())
}

struct Nobody;

impl Listener for Nobody {
    fn cpu_seconds(&self) -> f64 {
        0.0
    }

    fn lost(self: Box<Self>, _pairs: u64) -> f64 {
        0.0
    }
}

/// Processor time of the thread of this name in this process.
fn thread_seconds(name: &str) -> Option<f64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?.flatten();
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let found = tasks.map(|task| task.path()).find(|path| read(path.join("comm")).trim() == name)?;
    let ns: f64 = read(found.join("schedstat")).split(' ').next()?.parse().ok()?;
    Some(ns / 1e9)
}

struct Ours {
    sniffer: Sniffer,
    heard: Arc<Heard>,
}

impl Ours {
    fn start(port: u16) -> Result<Self, String> {
        let heard = Arc::new(Heard::default());
        let mut options = sniffer::Options::for_host("bench");
        options.interval = Duration::from_secs(1);
        options.ring = ring::Options { interface: "lo".to_owned(), ..ring::Options::default() };
        let sniffer = Sniffer::start(options, heard.clone(), Arc::new(SystemClock));
        sniffer.watch(port, "redis").map_err(|e| e.to_string())?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while sniffer.standings().iter().all(|standing| standing.last_ms.is_none())
            && Instant::now() < deadline
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        match sniffer.standings().into_iter().find(|standing| !standing.problem.is_empty()) {
            Some(standing) => Err(standing.problem),
            None => Ok(Self { sniffer, heard }),
        }
    }
}

impl Listener for Ours {
    fn cpu_seconds(&self) -> f64 {
        thread_seconds("sniffer").unwrap_or(0.0)
    }

    fn lost(self: Box<Self>, pairs: u64) -> f64 {
        let Self { sniffer, heard } = *self;
        // Its last batch comes when it ends.
        drop(sniffer);
        pairs as f64 - heard.0.load(Ordering::Relaxed) as f64
    }
}

struct Tcpdump(Peer);

impl Tcpdump {
    fn start(port: u16) -> Result<Self, String> {
        let port = format!("port {port}");
        let mut command = Command::new("tcpdump");
        command.args(["-i", "lo", "-n", "-w", "/dev/null", &port]);
        let peer = Peer::start("tcpdump", &mut command)?;
        std::thread::sleep(Duration::from_secs(1));
        Ok(Self(peer))
    }
}

impl Listener for Tcpdump {
    fn cpu_seconds(&self) -> f64 {
        self.0.cost().cpu_seconds
    }

    /// It tells at its end, to nobody.
    fn lost(self: Box<Self>, _pairs: u64) -> f64 {
        self.0.stop();
        f64::NAN
    }
}

/// What many a sniffer does: a socket, and a call into the kernel for each packet.
struct PerPacket {
    stop: Arc<AtomicBool>,
    heard: Arc<AtomicU64>,
}

impl PerPacket {
    fn start(port: u16) -> Result<Self, String> {
        let flags = SockFlag::SOCK_CLOEXEC;
        let fd = socket(AddressFamily::Packet, SockType::Datagram, flags, SockProtocol::EthAll);
        let fd = fd.map_err(|e| e.to_string())?;
        nix::sys::socket::setsockopt(
            &fd,
            nix::sys::socket::sockopt::ReceiveTimeout,
            &nix::sys::time::TimeVal::new(0, 100_000),
        )
        .map_err(|e| e.to_string())?;
        let (stop, heard) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (its_stop, its_heard) = (stop.clone(), heard.clone());
        let work = move || {
            let mut packet = [0u8; 256];
            while !its_stop.load(Ordering::Relaxed) {
                let Ok(len) = recv(fd.as_raw_fd(), &mut packet, MsgFlags::empty()) else { continue };
                let answers = len > 300 && packet[20..22] == port.to_be_bytes();
                its_heard.fetch_add(
                    u64::from(answers || (len == 256 && packet[20..22] == port.to_be_bytes())),
                    Ordering::Relaxed,
                );
            }
        };
        let thread = std::thread::Builder::new().name("recv".into()).spawn(work);
        thread.map_err(|e| e.to_string())?;
        Ok(Self { stop, heard })
    }
}

impl Listener for PerPacket {
    fn cpu_seconds(&self) -> f64 {
        thread_seconds("recv").unwrap_or(0.0)
    }

    fn lost(self: Box<Self>, pairs: u64) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        // It sees each packet twice, on its way out and in.
        pairs as f64 - self.heard.load(Ordering::Relaxed) as f64 / 2.0
    }
}
