//! What passing a sample on costs: written to the log once, read, encoded and sent three times, to sockets on loopback
//! that take everything; and what is held in memory while an output is dead.

use crate::cost::cpu_seconds;
use crate::options::Options;
use crate::peer::folder;
use model::{Batch, HOST, Kind, Labels, NAME, Sink, Slot};
use relay::outputs::{Target, find};
use relay::route::Routes;
use relay::{LogOptions, OutputOptions, Relay};
use rustix::time::{ClockId, clock_gettime};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;
use stdx::disk::RealDisk;
use stdx::random::Random;

/// What a dead output has waiting on disk in the full measurement, in bytes.
const DEAD_BYTES_FULL: u64 = 10_000_000_000;
/// Hosts, each with a dictionary and a push of its own.
const HOSTS: usize = 100;
/// Samples of one push.
const SERIES: usize = 200;

/// Measures and prints.
pub fn run(options: &Options) -> Result<(), String> {
    let count = options.size(1, 50, 400);
    let sinks = Arc::new(AtomicU64::new(0));
    let web = sink(sinks.clone(), true)?;
    let carbon = sink(sinks.clone(), false)?;
    let one = [("remote_write", web.clone())];
    let three = [one[0].clone(), ("carbon", carbon), ("influx", web)];
    let dead = [("carbon", "127.0.0.1:1".to_owned())];
    measure("to no output that lives: written to the log only", &dead, count, &sinks)?;
    measure("to one output: remote write", &one, count, &sinks)?;
    measure("to three: remote write, carbon, influx", &three, count, &sinks)?;
    let all: Vec<_> = three.iter().cloned().chain([("carbon_pickle", "127.0.0.1:1".to_owned())]).collect();
    measure("to three, and a fourth that is dead", &all, count, &sinks)?;
    // A hundredth of it tells the same of speed and memory, and suits every disk.
    pile_up(options.size(1_000_000, DEAD_BYTES_FULL / 100, DEAD_BYTES_FULL), &sinks)
}

/// Pushes until so many bytes wait for a dead output beside one that lives, and tells speed and memory of each tenth.
fn pile_up(bytes_max: u64, sinks: &Arc<AtomicU64>) -> Result<(), String> {
    let folder = folder("relay-dead")?;
    let outputs = [("carbon", sink(sinks.clone(), false)?), ("carbon_pickle", "127.0.0.1:1".to_owned())];
    let relay = start(&outputs, &folder)?;
    let mut hosts: Vec<Batch> = (0..HOSTS).map(host).collect();
    let mut random = Random::from_seed(7);
    println!("a dead output beside one that lives, while {bytes_max} bytes go to disk:");
    println!("{:>14} {:>14} {:>12} {:>14}", "bytes waiting", "µs a sample", "KB anonymous", "held samples");
    let (mut tenth, mut round, mut largest_kb) = (1, 0, 0);
    let mut part = Instant::now();
    let (mut samples, mut spent, mut foreign) = (0, cpu_seconds(), sinks.load(Ordering::SeqCst));
    while tenth <= 10 {
        for batch in &mut hosts {
            batch.clear_rows();
            batch.begin(1_700_000_000_000 + round * 1000);
            // Noise, which no coding makes small: the disk is what is filled here.
            (0..SERIES).for_each(|n| batch.push(Slot(n as u32), noise(&mut random)));
            relay.push(batch).map_err(|e| e.to_string())?;
            samples += batch.len();
        }
        round += 1;
        let stats = relay.stats();
        let waiting = stats.iter().map(|output| output.queue_bytes).max().unwrap_or(0);
        largest_kb = largest_kb.max(anonymous_kb());
        if waiting >= bytes_max / 10 * tenth {
            let own = cpu_seconds() - spent - (sinks.load(Ordering::SeqCst) - foreign) as f64 / 1e9;
            let held = stats.iter().map(|output| output.held).max().unwrap_or(0);
            println!(
                "{waiting:>14} {:>14.3} {largest_kb:>12} {held:>14}   {:.0} samples/s",
                own / samples as f64 * 1e6,
                samples as f64 / part.elapsed().as_secs_f64()
            );
            tenth = waiting / (bytes_max / 10).max(1) + 1;
            part = Instant::now();
            (samples, spent, foreign) = (0, cpu_seconds(), sinks.load(Ordering::SeqCst));
        }
    }
    let missing: i64 = relay.stats().iter().map(|output| output.missing()).sum();
    println!("the most memory: {largest_kb} KB anonymous; samples unaccounted for: {missing}");
    drop(relay);
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

fn measure(what: &str, outputs: &[(&str, String)], rounds: usize, sinks: &AtomicU64) -> Result<(), String> {
    let folder = folder("relay")?;
    let relay = start(outputs, &folder)?;
    let mut hosts: Vec<Batch> = (0..HOSTS).map(host).collect();
    let (started, foreign) = (cpu_seconds(), sinks.load(Ordering::SeqCst));
    let mut random = Random::from_seed(7);
    for round in 0..rounds {
        for batch in &mut hosts {
            batch.clear_rows();
            batch.begin(1_700_000_000_000 + round as i64 * 1000);
            (0..SERIES).for_each(|n| batch.push(Slot(n as u32), random.below(100_000) as f64 / 8.0));
            relay.push(batch).map_err(|e| e.to_string())?;
        }
    }
    let lives = |name: &str| outputs.iter().any(|(kind, to)| *kind == name && !to.ends_with(":1"));
    let waits = || relay.stats().iter().any(|output| lives(&output.name) && output.held > 0);
    while waits() {
        std::thread::sleep(Duration::from_millis(20));
    }
    // The sinks' own work is not the relay's; they tell it as they go.
    let spent = cpu_seconds() - started - (sinks.load(Ordering::SeqCst) - foreign) as f64 / 1e9;
    let samples = (rounds * HOSTS * SERIES) as f64;
    let stats = relay.stats();
    let sent: u64 = stats.iter().map(|output| output.sent).sum();
    let waiting: u64 = stats.iter().map(|output| output.queue_bytes).max().unwrap_or(0);
    println!(
        "{what:<52} {:>7.3} µs a sample   {sent} sent, {waiting} bytes wait on disk, {} KB anonymous",
        spent / samples * 1e6,
        anonymous_kb()
    );
    relay.close(Duration::from_secs(1));
    drop(relay);
    let _ = std::fs::remove_dir_all(&folder);
    Ok(())
}

/// A number between 1 and 2 with all its digits.
fn noise(random: &mut Random) -> f64 {
    f64::from_bits(0x3ff0_0000_0000_0000 | random.next_u64() >> 12)
}

fn host(n: usize) -> Batch {
    let mut batch = Batch::new();
    for series in 0..SERIES {
        let (host, core) = (format!("web{n}.example.net"), format!("cpu{}", series % 16));
        let name = format!("cpu_seconds_{}", series / 16);
        let labels = [(NAME, name.as_str()), (HOST, host.as_str()), ("core", core.as_str()), ("dc", "fra1")];
        batch.dictionary.add(&Labels::from_pairs(labels).expect("good labels"), Kind::Gauge);
    }
    batch
}

fn start(outputs: &[(&str, String)], folder: &Path) -> Result<Relay, String> {
    let net = net::Options::default();
    let mut all = Vec::new();
    for (kind, address) in outputs {
        let kind = find(kind)?;
        let target = Target {
            address: address.clone(),
            token: None,
            net: net.clone(),
            timeout: Duration::from_secs(30),
            host: "bench".to_owned(),
            template: String::new(),
            utf8: false,
            form: String::new(),
            step_s: 1,
            random: Random::from_seed(1),
        };
        let output = (kind.make)(target)?;
        let (name, rows_max) = (kind.name.to_owned(), kind.rows_max);
        all.push(OutputOptions { name, kind, output, queue_bytes_max: 20_000_000_000, rows_max });
    }
    let rest = all.iter().map(|output| output.name.clone()).collect();
    let options = relay::Options {
        log: LogOptions::new(folder.join("log")),
        outputs: all,
        routes: Routes { rest, ..Routes::default() },
        checks: Vec::new(),
        leased: Vec::new(),
        net,
        tell: Arc::new(|_, _, _| {}),
    };
    let clock = Arc::new(SystemClock);
    Relay::start(options, Arc::new(RealDisk), clock, Random::from_seed(2)).map_err(|e| e.to_string())
}

/// An address that takes everything; as HTTP it answers 204. What its threads spend is added up in nanoseconds.
fn sink(spent_ns: Arc<AtomicU64>, http: bool) -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let spent_ns = spent_ns.clone();
            std::thread::spawn(move || take(stream, http, &spent_ns));
        }
    });
    Ok(if http { format!("http://{address}/write") } else { address.to_string() })
}

fn take(mut stream: TcpStream, http: bool, spent_ns: &AtomicU64) {
    let (mut buffer, mut last) = (vec![0; 1 << 20], 0);
    let (mut have, mut want) = (0, None);
    loop {
        let Ok(len @ 1..) = stream.read(&mut buffer[have..]) else { return };
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let now = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
        spent_ns.fetch_add(now - std::mem::replace(&mut last, now), Ordering::SeqCst);
        if !http {
            continue;
        }
        have += len;
        if want.is_none() {
            want = request_bytes(&buffer[..have]);
        }
        if want == Some(have) {
            if stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
                return;
            }
            (have, want) = (0, None);
        }
    }
}

/// Length of a request, once its head is there.
fn request_bytes(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let (_, length) = head.split_once("content-length:")?;
    Some(end + length.lines().next()?.trim().parse::<usize>().ok()?)
}

fn anonymous_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
