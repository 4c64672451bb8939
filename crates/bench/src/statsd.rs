//! What a statsd packet costs: decoded and aggregated from memory, then through a real socket on loopback, beside collectd
//! with its statsd plugin. Each packet is one line, the worst case.

use crate::options::Options;
use crate::peer::{Peer, folder, free_port};
use doors::Doors;
use doors::statsd::{self, Aggregator};
use model::{Batch, PushError, Receipt, Sink};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::io::IoSlice;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;

/// Different names, a third of them with tags.
const NAMES: usize = 1000;
/// Lines that go into one datagram of an Ethernet frame.
const LINES_PACKED: usize = 30;
/// Packets of one call into the kernel.
const BURST: usize = 32;
/// How many packets may be under way in the measurement without loss.
const UNDER_WAY: u64 = 4096;

struct Nowhere;

impl Sink for Nowhere {
    fn push(&self, _batch: &Batch) -> Result<Receipt, PushError> {
        Ok(Receipt::default())
    }
}

/// Measures and prints.
pub fn run(options: &Options) -> Result<(), String> {
    let packets = packets();
    let count = options.size(10_000, 3_000_000, 20_000_000);
    from_memory(&packets, count);
    through_a_socket(&packets, count)?;
    if !options.alone {
        collectd(&packets, count / 10).unwrap_or_else(|why| println!("collectd not measured: {why}"));
    }
    Ok(())
}

/// One line each, in an order without pattern: half counters, a fifth gauges, the rest times and a few sets.
fn packets() -> Vec<Vec<u8>> {
    let mut random = stdx::random::Random::from_seed(1);
    let mut packets = Vec::new();
    for i in 0..16 * NAMES {
        let (name, value) = (random.below(NAMES as u64), random.below(10_000));
        let tags = if name % 3 == 0 { "|#env:prod,code:200" } else { "" };
        let line = match name % 10 {
            0..5 if i % 4 == 0 => format!("service.api.requests.{name}:1|c|@0.5{tags}"),
            0..5 => format!("service.api.requests.{name}:{value}|c{tags}"),
            5 | 6 => format!("service.pool.size.{name}:{value}.25|g{tags}"),
            7 | 8 => format!("service.api.latency.{name}:{}|ms{tags}", value as f64 / 7.0),
            _ => format!("service.users.{name}:user{value}|s{tags}"),
        };
        packets.push(line.into_bytes());
    }
    packets
}

fn aggregation() -> statsd::Options {
    statsd::Options::for_host("bench")
}

fn thread_cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Prints a row: what one packet costs, and how many a core could take.
fn row(what: &str, seconds: f64, packets: u64, more: &str) {
    let ns = seconds * 1e9 / packets.max(1) as f64;
    println!("{what:<44} {ns:>8.0} ns a packet {:>8.2} M packets/s a core {more}", 1000.0 / ns);
}

fn from_memory(packets: &[Vec<u8>], count: usize) {
    let bytes: usize = packets.iter().map(Vec::len).sum();
    println!("{} names, {} bytes a packet on average", NAMES, bytes / packets.len());
    let started = thread_cpu_seconds();
    let items: usize = packets
        .iter()
        .cycle()
        .take(count)
        .map(|packet| wire::protocols::statsd::items(packet).flatten().count())
        .sum();
    row("decode alone, from memory", thread_cpu_seconds() - started, items as u64, "");

    let mut aggregator = Aggregator::new(aggregation(), 0, Arc::new(|_| ()));
    packets.iter().for_each(|packet| aggregator.take(packet, None));
    aggregator.flush(10_000, &Nowhere);
    let started = thread_cpu_seconds();
    packets.iter().cycle().take(count).for_each(|packet| aggregator.take(packet, None));
    let seconds = thread_cpu_seconds() - started;
    let held = aggregator.memory_bytes();
    row("decode and aggregate, from memory", seconds, count as u64, &format!("({} KB held)", held / 1000));

    let started = thread_cpu_seconds();
    aggregator.flush(20_000, &Nowhere);
    let ms = (thread_cpu_seconds() - started) * 1000.0;
    println!("{:<44} {ms:>8.2} ms for {} series", "one flush", aggregator.len());
}

/// Sends packets again and again, many with one call.
struct Sender {
    socket: UdpSocket,
    to: SocketAddrV4,
    headers: MultiHeaders<SockaddrIn>,
}

impl Sender {
    fn new(to: SocketAddr) -> Result<Self, String> {
        let SocketAddr::V4(to) = to else { return Err("an IPv4 address is needed".into()) };
        let socket = UdpSocket::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        Ok(Self { socket, to, headers: MultiHeaders::preallocate(BURST, None) })
    }

    fn send(&mut self, burst: &[Vec<u8>]) -> u64 {
        let slices: Vec<[IoSlice<'_>; 1]> = burst.iter().map(|packet| [IoSlice::new(packet)]).collect();
        let to = vec![Some(SockaddrIn::from(self.to)); burst.len()];
        let fd = self.socket.as_raw_fd();
        let sent = sendmmsg(fd, &mut self.headers, &slices, &to, [], MsgFlags::empty());
        sent.map_or(0, |sent| sent.count() as u64)
    }
}

/// Packets that the door took so far, in this process.
fn taken() -> u64 {
    let item = doors::TELEMETRY.iter().find(|item| item.name() == "windhover_doors_statsd_packets_total");
    item.map_or(0, |item| item.value() as u64)
}

fn through_a_socket(packets: &[Vec<u8>], count: usize) -> Result<(), String> {
    let options = doors::Options {
        host: "bench".to_owned(),
        version: String::new(),
        folder: Default::default(),
        listen: vec![("statsd", ([127, 0, 0, 1], 0).into())],
        statsd_socket: None,
        aggregation: aggregation(),
        tell: Arc::new(|_| ()),
        heartbeat: Arc::default(),
        collectd: Default::default(),
        zabbix: Arc::default(),
        nsca: Default::default(),
        watcher: Arc::new(|_, _| ()),
    };
    let doors = Doors::start(options, Arc::new(Nowhere), Arc::new(SystemClock)).map_err(|e| e.to_string())?;
    let deadline = Instant::now() + Duration::from_secs(10);
    let to = loop {
        match doors.udp("statsd") {
            Some(address) => break address,
            None if Instant::now() > deadline => return Err("the door does not open".into()),
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let mut sender = Sender::new(to)?;
    let wanted = |total: usize| packets.chunks(BURST).cycle().take(total / BURST);

    let (before, first) = (task("door-statsd")?, taken());
    let mut sent = 0;
    for burst in wanted(count) {
        sent += sender.send(burst);
        while sent.saturating_sub(taken() - first) > UNDER_WAY
            && Instant::now() < deadline + Duration::from_secs(600)
        {
            std::thread::yield_now();
        }
    }
    settle(first, sent);
    tell("through UDP on loopback, without loss", before, task("door-statsd")?, taken() - first, sent);

    let (before, first) = (task("door-statsd")?, taken());
    let sent: u64 = wanted(count).map(|burst| sender.send(burst)).sum();
    settle(first, sent);
    tell("the same, as fast as it can be sent", before, task("door-statsd")?, taken() - first, sent);

    // As clients with a buffer send: as many lines as an Ethernet frame carries.
    let full = packed(packets);
    let lines = LINES_PACKED as u64;
    let (before, first) = (task("door-statsd")?, taken());
    let mut sent = 0;
    for burst in full.chunks(BURST).cycle().take(count / BURST / LINES_PACKED) {
        sent += sender.send(burst);
        while sent.saturating_sub(taken() - first) > UNDER_WAY
            && Instant::now() < deadline + Duration::from_secs(600)
        {
            std::thread::yield_now();
        }
    }
    settle(first, sent);
    let what = format!("{LINES_PACKED} lines a datagram, a line each");
    tell(&what, before, task("door-statsd")?, (taken() - first) * lines, sent * lines);
    Ok(())
}

/// Several packets in one.
fn packed(packets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    packets.chunks_exact(LINES_PACKED).map(|lines| lines.join(&b'\n')).collect()
}

/// Waits until what was sent has arrived, or nothing more does.
fn settle(first: u64, sent: u64) {
    let mut last = u64::MAX;
    while taken() - first < sent && taken() != last {
        last = taken();
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// User and kernel time of a thread.
#[derive(Clone, Copy)]
struct Task {
    total_s: f64,
    user_ticks: f64,
    kernel_ticks: f64,
}

/// The thread of this name in this process (proc(5): user and kernel time are the twelfth and thirteenth after the name).
fn task(name: &str) -> Result<Task, String> {
    for entry in fs::read_dir("/proc/self/task").map_err(|e| e.to_string())?.flatten() {
        let read = |file: &str| fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        if read("comm").trim() != name {
            continue;
        }
        let (stat, fine) = (read("stat"), read("schedstat"));
        let fields: Vec<f64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split(' ')
            .map(|f| f.parse().unwrap_or(0.0))
            .collect();
        let total_ns: f64 = fine.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0.0);
        let at = |i: usize| fields.get(i).copied().unwrap_or(0.0);
        return Ok(Task { total_s: total_ns / 1e9, user_ticks: at(12), kernel_ticks: at(13) });
    }
    Err(format!("there is no thread {name}"))
}

fn tell(what: &str, before: Task, after: Task, taken: u64, sent: u64) {
    let (user, kernel) = (after.user_ticks - before.user_ticks, after.kernel_ticks - before.kernel_ticks);
    let user_percent = 100.0 * user / (user + kernel).max(1.0);
    let lost_percent = 100.0 * (sent - taken.min(sent)) as f64 / sent.max(1) as f64;
    let more = format!("({user_percent:.0} % of it user, {lost_percent:.2} % lost)");
    row(what, after.total_s - before.total_s, taken, &more);
}

/// collectd with its statsd plugin, at a pace that it can keep up with.
fn collectd(packets: &[Vec<u8>], count: usize) -> Result<(), String> {
    let (data, port) = (folder("statsd-collectd")?, free_port());
    let text = format!(
        "Interval 10\nBaseDir \"{0}\"\nPIDFile \"{0}/pid\"\nHostname \"bench\"\nLoadPlugin statsd\nLoadPlugin csv\n\
         <Plugin csv>\nDataDir \"{0}/csv\"\n</Plugin>\n\
         <Plugin statsd>\nHost \"127.0.0.1\"\nPort \"{port}\"\nTimerPercentile 50\nTimerPercentile 99\n</Plugin>\n",
        data.display()
    );
    let file = data.join("collectd.conf");
    fs::write(&file, text).map_err(|e| e.to_string())?;
    let peer = Peer::start("collectd", Command::new("collectd").arg("-f").arg("-C").arg(&file))?;
    let deadline = Instant::now() + Duration::from_secs(10);
    while queue(port).is_none() {
        if Instant::now() > deadline {
            return Err("it does not listen".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut sender = Sender::new(SocketAddr::from(([127, 0, 0, 1], port)))?;
    let (before, mut sent) = (peer.cost().cpu_seconds, 0);
    for burst in packets.chunks(BURST).cycle().take(count / BURST) {
        sent += sender.send(burst);
        while queue(port).is_some_and(|(waiting, _)| waiting > 20_000) {
            std::thread::yield_now();
        }
    }
    std::thread::sleep(Duration::from_millis(500));
    let (_, lost) = queue(port).unwrap_or_default();
    let seconds = peer.cost().cpu_seconds - before;
    row("collectd's statsd plugin, through UDP", seconds, sent - lost.min(sent), &format!("({lost} lost)"));
    peer.stop();
    let _ = fs::remove_dir_all(data);
    Ok(())
}

/// Bytes that wait in the socket of a port, and datagrams that it lost.
fn queue(port: u16) -> Option<(u64, u64)> {
    let table = fs::read_to_string("/proc/net/udp").ok()?;
    let own = format!(":{port:04X}");
    let line =
        table.lines().find(|line| line.split_ascii_whitespace().nth(1).is_some_and(|a| a.ends_with(&own)))?;
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let waiting = u64::from_str_radix(fields.get(4)?.split(':').nth(1)?, 16).ok()?;
    Some((waiting, fields.last()?.parse().ok()?))
}
