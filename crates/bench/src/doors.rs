//! What a line costs at the doors: decoded from memory in each text dialect, then Graphite's from a socket into a store, beside
//! carbon-cache, which only has to keep it in memory.

use crate::local::Local;
use crate::options::Options;
use crate::peer::{Peer, folder, free_port};
use ::doors::statsd;
use ::doors::{Doors, Options as DoorOptions};
use model::{Batch, PushError, Receipt, Report, Sink};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;
use wire::Context;
use wire::protocols::{falcon, graphite, opentsdb_telnet, pickle};

const START_MS: i64 = 1_767_225_600_000;
/// Series of the input.
const SERIES: usize = 1000;
/// Lines that are decoded before the batch is emptied.
const CHUNK: usize = 8000;

/// Measures and prints.
pub fn run(options: &Options) -> Result<(), String> {
    let count = options.size(CHUNK, 4_000_000, 40_000_000);
    from_memory(count);
    into_a_store(options.size(CHUNK, 4_000_000, 40_000_000))?;
    if !options.alone {
        carbon(options.size(CHUNK, 400_000, 2_000_000))
            .unwrap_or_else(|why| println!("carbon-cache not measured: {why}"));
    }
    Ok(())
}

fn clock_seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn row(what: &str, seconds: f64, lines: usize) {
    let ns = seconds * 1e9 / lines as f64;
    println!("{what:<52} {ns:>8.0} ns a line {:>8.2} M lines/s a core", 1000.0 / ns);
}

/// The paths of a host's usual numbers, and lines of them made by `line` with number, time and value.
fn input(line: impl Fn(usize, i64, f64) -> String) -> Vec<u8> {
    let mut random = stdx::random::Random::from_seed(1);
    let lines = (0..CHUNK).map(|i| {
        line(i % SERIES, START_MS / 1000 + (i / SERIES) as i64 * 10, random.below(1_000_000) as f64 / 100.0)
    });
    lines.collect::<String>().into_bytes()
}

fn path(series: usize) -> String {
    format!("servers.rack{}.web{}.cpu.{}.percent-user", series % 7, series / 8, series % 8)
}

fn lines() -> Vec<u8> {
    input(|series, time, value| format!("{} {value} {time}\n", path(series)))
}

fn measure(
    what: &str,
    count: usize,
    input: &[u8],
    mut decode: impl FnMut(&[u8], &Context<'_>, &mut Batch) -> Report,
) {
    let (context, mut batch) = (Context::at(START_MS), Batch::new());
    decode(input, &context, &mut batch);
    let (started, mut done) = (clock_seconds(ClockId::ThreadCPUTime), 0);
    while done < count {
        batch.clear_rows();
        let report = decode(input, &context, &mut batch);
        assert!(report.is_clean(), "{report}");
        done += report.accepted as usize;
    }
    row(what, clock_seconds(ClockId::ThreadCPUTime) - started, done);
}

fn from_memory(count: usize) {
    let mut decoder = graphite::Decoder::of_streams();
    measure("graphite", count, &lines(), |bytes, context, out| decoder.decode(bytes, context, out));
    let tagged = input(|series, time, value| {
        format!("cpu.percent;host=web{};cpu={};mode=user {value} {time}\n", series / 8, series % 8)
    });
    let mut decoder = graphite::Decoder::of_streams();
    measure("graphite with three tags", count, &tagged, |bytes, context, out| {
        decoder.decode(bytes, context, out)
    });
    measure("the same, each chunk as if it were the first", count, &tagged, |bytes, context, out| {
        out.clear();
        graphite::decode(bytes, context, out)
    });
    let mut decoder = pickle::Decoder::default();
    measure("pickle, protocol 2", count, &pickled(), |bytes, context, out| {
        decoder.message(bytes, context, out)
    });
    let puts = input(|series, time, value| {
        format!("put cpu.percent {time} {value} host=web{} cpu={} mode=user\n", series / 8, series % 8)
    });
    let mut decoder = opentsdb_telnet::Decoder::default();
    measure("opentsdb, put", count, &puts, |bytes, context, out| {
        decoder.follow(out);
        let (mut report, text) = (Report::default(), std::str::from_utf8(bytes).unwrap_or_default());
        for line in text.lines() {
            let taken = decoder.put(line.trim_start_matches("put"), context, out);
            report.accepted += u64::from(taken.is_ok());
        }
        report
    });
    let updates = input(|series, time, value| {
        format!("update web{} cpu.{}.user {time} {value} GAUGE 60\n", series / 8, series % 8)
    });
    let mut decoder = falcon::telnet::Decoder::default();
    measure("falcon, update", count, &updates, |bytes, context, out| decoder.decode(bytes, context, out).0);
}

/// As carbon's relays write it: 500 points a message would be one; here they are all in one list.
fn pickled() -> Vec<u8> {
    let mut out = b"\x80\x02](".to_vec();
    for i in 0..CHUNK {
        let path = path(i % SERIES);
        out.push(b'X');
        out.extend((path.len() as u32).to_le_bytes());
        out.extend(path.as_bytes());
        out.push(b'J');
        out.extend(((START_MS / 1000) as i32 + (i / SERIES) as i32 * 10).to_le_bytes());
        out.push(b'G');
        out.extend((i as f64 / 7.0).to_be_bytes());
        out.extend([0x86, 0x86]);
    }
    out.extend(b"e.");
    out
}

/// Sends `count` lines by TCP and waits until the other side has read them all and closed. The processor time that took here.
fn send(to: SocketAddr, count: usize) -> Result<f64, String> {
    let started = clock_seconds(ClockId::ThreadCPUTime);
    let work = || -> std::io::Result<()> {
        let mut stream = TcpStream::connect(to)?;
        let chunk = lines();
        for _ in 0..count / CHUNK {
            stream.write_all(&chunk)?;
        }
        stream.shutdown(Shutdown::Write)?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    };
    work().map_err(|e| e.to_string())?;
    Ok(clock_seconds(ClockId::ThreadCPUTime) - started)
}

struct Stored(Arc<Local>);

impl Sink for Stored {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        self.0.store.push(batch)
    }
}

/// Through a socket on loopback into a store: all that this process does but the sending.
fn into_a_store(count: usize) -> Result<(), String> {
    let data = folder("doors")?;
    let local = Arc::new(Local::open(&data, START_MS)?);
    let options = DoorOptions {
        host: "bench".to_owned(),
        version: String::new(),
        folder: Default::default(),
        listen: vec![("graphite", ([127, 0, 0, 1], 0).into())],
        statsd_socket: None,
        aggregation: statsd::Options::for_host("bench"),
        tell: Arc::new(|_| ()),
        heartbeat: Arc::default(),
        collectd: Default::default(),
        zabbix: Arc::default(),
        nsca: Default::default(),
        watcher: Arc::new(|_, _| ()),
    };
    let doors = Doors::start(options, Arc::new(Stored(local.clone())), Arc::new(SystemClock))
        .map_err(|e| e.to_string())?;
    let deadline = Instant::now() + Duration::from_secs(10);
    let to = loop {
        match doors.tcp("graphite") {
            Some(address) => break address,
            None if Instant::now() > deadline => return Err("the door does not open".into()),
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let started = clock_seconds(ClockId::ProcessCPUTime);
    let sending = send(to, count)?;
    doors.stop();
    row(
        "graphite, through TCP into the store's log",
        clock_seconds(ClockId::ProcessCPUTime) - started - sending,
        count,
    );
    local.store.close().map_err(|e| e.to_string())?;
    let _ = fs::remove_dir_all(data);
    Ok(())
}

/// carbon-cache, until it has read everything; what it writes to disk after that is not counted.
fn carbon(count: usize) -> Result<(), String> {
    let here = folder("carbon")?;
    let (port, other, third) = (free_port(), free_port(), free_port());
    let text = format!(
        "[cache]\nLINE_RECEIVER_INTERFACE = 127.0.0.1\nLINE_RECEIVER_PORT = {port}\nPICKLE_RECEIVER_INTERFACE = 127.0.0.1\n\
         PICKLE_RECEIVER_PORT = {other}\nCACHE_QUERY_INTERFACE = 127.0.0.1\nCACHE_QUERY_PORT = {third}\nMAX_CACHE_SIZE = inf\n\
         MAX_UPDATES_PER_SECOND = 500\nMAX_CREATES_PER_MINUTE = 50\nUSER = \nLOG_DIR = {0}\nPID_DIR = {0}\nCONF_DIR = {0}\n\
         STORAGE_DIR = {0}\nLOCAL_DATA_DIR = {0}\n",
        here.display()
    );
    let write = |name: &str, text: &str| fs::write(here.join(name), text).map_err(|e| e.to_string());
    write("carbon.conf", &text)?;
    write("storage-schemas.conf", "[all]\npattern = .*\nretentions = 10s:1d\n")?;
    let mut command = Command::new("/usr/bin/carbon-cache");
    command.arg(format!("--config={}", here.join("carbon.conf").display())).args(["--nodaemon", "start"]);
    let peer = Peer::start("carbon-cache", &mut command)?;
    let to = SocketAddr::from(([127, 0, 0, 1], port));
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(to).is_err() {
        if Instant::now() > deadline {
            return Err("it does not listen".into());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = peer.cost().cpu_seconds;
    send(to, count)?;
    row("carbon-cache, through TCP into its memory", peer.cost().cpu_seconds - before, count);
    peer.stop();
    let _ = fs::remove_dir_all(here);
    Ok(())
}
