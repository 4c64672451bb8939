//! What delivery costs an agent: CPU, memory and bytes per scrape, over loopback, with the server in another process.
//!
//! ```text
//! cargo build --release -p ship --example cost
//! target/release/examples/cost server                 prints an address
//! target/release/examples/cost agent ADDRESS [SERIES [SCRAPES]]
//! ```

use ingest::native::{Limits, Sessions};
use model::{Batch, Kind, Labels, PushError, Receipt, Report, Sink, Slot};
use ship::{Options, Outbox, Server, SpoolOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::SystemClock;
use stdx::disk::RealDisk;
use stdx::random::Random;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: usize| args.get(at).map_or(default, |n| n.parse().expect("a number"));
    match args.first().map(String::as_str) {
        Some("server") => serve(),
        Some("agent") => ship(&args[1], number(2, 500) as u32, number(3, 5000) as i64),
        _ => eprintln!("usage: cost server | cost agent ADDRESS [SERIES [SCRAPES]]"),
    }
}

/// Accepts everything and keeps nothing.
struct Nowhere;

impl Sink for Nowhere {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}

fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    let sessions = Sessions::new(Limits::default());
    std::thread::scope(|scope| {
        for socket in listener.incoming() {
            let sessions = &sessions;
            scope.spawn(move || answer_all(socket.expect("a connection"), sessions));
        }
    });
}

fn answer_all(socket: TcpStream, sessions: &Sessions) {
    let mut reader = BufReader::new(socket);
    while let Some(body) = read_body(&mut reader) {
        let answer = sessions.handle(&body, &Nowhere, 0);
        let head = format!("HTTP/1.1 {} x\r\nContent-Length: {}\r\n\r\n", answer.status, answer.body.len());
        if reader.get_mut().write_all((head + &answer.body).as_bytes()).is_err() {
            break;
        }
    }
}

fn read_body(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut len = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            len = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            let mut body = vec![0; len];
            reader.read_exact(&mut body).ok()?;
            return Some(body);
        }
    }
}

/// Nanoseconds of CPU that the threads of this process have used.
fn cpu_ns() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("a Linux system");
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("schedstat")).ok();
    tasks.flatten().filter_map(of).filter_map(|s| s.split(' ').next()?.parse::<u64>().ok()).sum()
}

fn memory_kb(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("a Linux system");
    let line = text.lines().find(|l| l.starts_with(field)).expect("the field");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

/// A machine: a third of the series at rest, a third counters of bytes, a third seconds in hundredths, a few floats.
fn measure(batch: &mut Batch, random: &mut Random, values: &mut [f64], time_ms: i64) {
    batch.clear_rows();
    batch.begin(time_ms);
    for (n, value) in values.iter_mut().enumerate() {
        match n % 12 {
            0..4 => {}
            4..8 => *value += random.below(100_000) as f64,
            8..11 => *value = ((*value * 100.0).round() + random.below(100) as f64) / 100.0,
            _ => *value = random.unit(),
        }
        batch.push(Slot(n as u32), *value);
    }
}

fn ship(address: &str, series: u32, scrapes: i64) {
    let folder = std::env::temp_dir().join(format!("windhover-cost-{}", std::process::id()));
    let url = net::Url::parse(address).expect("an address");
    println!("started:   anonymous {} kB, resident {} kB", memory_kb("Anonymous:"), memory_kb("Rss:"));
    let options = Options::new(vec![Server { url, token: None }], SpoolOptions::new(&folder, "web1"));
    let outbox = Outbox::start(options, Arc::new(RealDisk), Arc::new(SystemClock), Random::from_entropy());
    let outbox = outbox.expect("an outbox");
    let (mut batch, mut random) = (Batch::new(), Random::from_seed(1));
    for n in 0..series {
        let device = format!("device{n}");
        let labels =
            [("__name__", "node_disk_read_bytes_total"), ("host", "web1"), ("device", device.as_str())];
        batch.dictionary.add(&Labels::from_pairs(labels).expect("good labels"), Kind::Counter);
    }
    let mut values = vec![0.0; series as usize];
    measure(&mut batch, &mut random, &mut values, 0);
    println!("measuring: anonymous {} kB", memory_kb("Anonymous:"));
    let mut cost = |what: &str, scrapes: std::ops::Range<i64>, each: &mut dyn FnMut(&Batch)| {
        let (count, mut producing) = (scrapes.end - scrapes.start, 0);
        let before = (cpu_ns(), counter("spooled_bytes_total"));
        for tick in scrapes {
            let start = cpu_ns();
            measure(&mut batch, &mut random, &mut values, 1_700_000_000_000 + tick * 1000);
            producing += cpu_ns() - start;
            each(&batch);
        }
        outbox.flush(Duration::from_secs(60));
        println!(
            "{what:<10} {:.1} µs CPU and {:.0} bytes a scrape of {series}; anonymous {} kB, resident {} kB",
            (cpu_ns() - before.0 - producing) as f64 / 1000.0 / count as f64,
            (counter("spooled_bytes_total") - before.1) / count as f64,
            memory_kb("Anonymous:"),
            memory_kb("Rss:"),
        );
    };
    cost("first:", 0..1, &mut |batch| send(&outbox, batch, true));
    cost("one by one", 1..scrapes, &mut |batch| send(&outbox, batch, true));
    cost("backlog:", scrapes..2 * scrapes, &mut |batch| send(&outbox, batch, false));
    cost("after it:", 2 * scrapes..2 * scrapes + 100, &mut |batch| send(&outbox, batch, true));
    println!("{:?}", outbox.stats());
    drop(outbox);
    std::fs::remove_dir_all(&folder).expect("our own folder");
}

fn send(outbox: &Outbox, batch: &Batch, wait: bool) {
    outbox.push(batch).expect("an open outbox");
    if wait {
        outbox.flush(Duration::from_secs(60));
    }
}

fn counter(name: &str) -> f64 {
    ship::TELEMETRY.iter().find(|i| i.name().ends_with(name)).map_or(0.0, |i| i.value())
}
