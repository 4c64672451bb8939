//! What a line of a log costs, from the file to series: in several formats, beside goaccess, mtail and mawk on the same
//! file. The log has what real ones have: few paths with many ids, retries of upstreams, lines that are no requests.

mod made;

use crate::options::Options;
use crate::peer::folder;
use logparse::{Envelope, Format, Spec, Tailer};
use made::{Shape, write};
use model::{Batch, PushError, Receipt, Sink};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;
use stdx::disk::RealDisk;

/// The rate of the busiest host of the figures.
const LIVE_LINES_PER_SECOND: usize = 3500;

/// Counts samples.
#[derive(Default)]
struct Nowhere(AtomicU64);

impl Sink for Nowhere {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        self.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
        Ok(Receipt::default())
    }
}

/// Measures and prints.
pub fn run(options: &Options) -> Result<(), String> {
    let lines = options.size(2000, 1_000_000, 5_000_000);
    let data = folder("logs")?;
    let measured = measure(options, &data, lines);
    let _ = fs::remove_dir_all(data);
    measured
}

fn measure(options: &Options, data: &Path, lines: usize) -> Result<(), String> {
    println!("{lines} lines; a core reads and counts so many of them, all series and quantiles made");
    for shape in Shape::ALL.iter().filter(|shape| options.wants(shape.name)) {
        let file = data.join(format!("{}.log", shape.name));
        let bytes = write(&file, shape, lines).map_err(|e| e.to_string())?;
        followed(shape, &file, lines, bytes)?;
        if shape.name == Shape::ALL[0].name {
            parsed(shape, &file, lines, bytes)?;
            if !options.alone {
                peers(data, &file, lines, bytes);
            }
        }
        let _ = fs::remove_file(file);
    }
    live(data, options.size(1, 10, 30))
}

fn row(what: &str, seconds: f64, lines: usize, bytes: u64, more: &str) {
    let (ns, gb) = (seconds * 1e9 / lines as f64, bytes as f64 / seconds.max(1e-9) / 1e9);
    println!("{what:<44} {seconds:>8.3} CPU s {ns:>8.0} ns a line {gb:>7.2} GB/s a core {more}");
}

fn read_bytes() -> u64 {
    let item = logparse::TELEMETRY.iter().find(|item| item.name() == "windhover_logparse_bytes_total");
    item.map_or(0, |item| item.value() as u64)
}

fn tailer(sink: &Arc<Nowhere>) -> Tailer {
    let settings = logparse::Settings {
        host: "bench".to_owned(),
        positions: None,
        interval_ms: 1000,
        tell: Arc::new(|_, problem| println!("  {problem}")),
    };
    Tailer::new(settings, sink.clone(), Arc::new(SystemClock), Arc::new(RealDisk))
}

fn spec(shape: &Shape, file: &Path) -> Result<Spec, String> {
    let format = Format::compile(shape.family, shape.format).map_err(|e| e.to_string())?;
    let mut spec = Spec::new(shape.name, file.display().to_string(), Arc::new(format));
    spec.from_start = true;
    spec.envelope = Envelope::named(shape.envelope);
    Ok(spec)
}

/// As the agent does it: the whole file as a backlog, by the thread that follows logs.
fn followed(shape: &Shape, file: &Path, lines: usize, bytes: u64) -> Result<(), String> {
    let (sink, first) = (Arc::new(Nowhere::default()), read_bytes());
    let tailer = tailer(&sink);
    tailer.put("bench", spec(shape, file)?).map_err(|e| e.to_string())?;
    until(|| read_bytes() - first >= bytes)?;
    // The next flush, which has it all.
    let told = sink.0.load(Ordering::Relaxed);
    until(|| sink.0.load(Ordering::Relaxed) > told)?;
    let seconds = thread_seconds("logs")?;
    drop(tailer);
    row(&format!("windhover, {}", shape.name), seconds, lines, bytes, "");
    Ok(())
}

/// The parser alone, lines found and parsed, nothing counted.
fn parsed(shape: &Shape, file: &Path, lines: usize, bytes: u64) -> Result<(), String> {
    let format = Format::compile(shape.family, shape.format).map_err(|e| e.to_string())?;
    let (text, mut record) = (fs::read(file).map_err(|e| e.to_string())?, logparse::Record::default());
    format.prepare(&mut record);
    let started = own_seconds();
    let fits = text.split(|byte| *byte == b'\n').filter(|line| format.parse(line, &mut record)).count();
    row(
        "  of it, lines split one by one and parsed",
        own_seconds() - started,
        lines,
        bytes,
        &format!("{fits} fit"),
    );
    Ok(())
}

/// Lines as they come from a busy server.
fn live(data: &Path, seconds: u64) -> Result<(), String> {
    let (file, shape) = (data.join("live.log"), &Shape::ALL[0]);
    write(&file, shape, LIVE_LINES_PER_SECOND).map_err(|e| e.to_string())?;
    let text = fs::read(&file).map_err(|e| e.to_string())?;
    let (sink, first) = (Arc::new(Nowhere::default()), read_bytes());
    let tailer = tailer(&sink);
    tailer.put("bench", spec(shape, &file)?).map_err(|e| e.to_string())?;
    until(|| read_bytes() > first)?;
    let (before, begun) = (thread_seconds("logs")?, Instant::now());
    let mut out = fs::OpenOptions::new().append(true).open(&file).map_err(|e| e.to_string())?;
    for second in 0..seconds {
        for part in text.chunks(text.len() / 50 + 1) {
            out.write_all(part).map_err(|e| e.to_string())?;
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_secs(second + 1).saturating_sub(begun.elapsed()));
    }
    let percent = 100.0 * (thread_seconds("logs")? - before) / begun.elapsed().as_secs_f64();
    println!("windhover, {LIVE_LINES_PER_SECOND} lines/s as they come {percent:>23.3} % of a core");
    drop(tailer);
    Ok(())
}

fn until(mut is_so: impl FnMut() -> bool) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(600);
    while !is_so() {
        if Instant::now() > deadline {
            return Err("the log is not read".to_owned());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Processor time of the thread of this name in this process.
fn thread_seconds(name: &str) -> Result<f64, String> {
    for entry in fs::read_dir("/proc/self/task").map_err(|e| e.to_string())?.flatten() {
        let read = |file: &str| fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        if read("comm").trim() == name {
            let ns = read("schedstat").split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
            return ns.map(|ns| ns / 1e9).ok_or_else(|| "no schedstat".to_owned());
        }
    }
    Err(format!("there is no thread {name}"))
}

fn own_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What mawk is told: requests by method, path and status, and the spread of times.
const AWK: &str = r#"{ split($0, q, "\""); split(q[2], r, " "); split(q[3], s, " "); u = r[2]; sub(/\?.*/, "", u)
n[s[1] " " r[1] " " u]++; bytes += s[2]; split(q[7], t, " "); if (t[1] != "-") h[int(t[1] * 1000)]++ }
END { for (k in n) c++; print c, bytes; m = 0; for (i = 0; i < 100000; i++) { m += h[i]; if (m > NR * 0.99) { print i; exit } } }"#;

/// What mtail is told: requests by method and status, and the spread of times.
const MTAIL: &str = r#"counter requests by method, status
counter bytes
histogram seconds buckets 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
/"(?P<method>[A-Z]+) (?P<url>\S+) (?P<protocol>HTTP\/[0-9.]+)" (?P<status>\d{3}) (?P<bytes>\d+) "[^"]*" "[^"]*" (?P<time>[0-9.]+) / {
  requests[$method][$status]++
  bytes += $bytes
  seconds = $time
}
"#;

/// The same file through what others use.
fn peers(data: &Path, file: &Path, lines: usize, bytes: u64) {
    let programs = data.join("mtail");
    let _ = fs::create_dir_all(&programs);
    let _ = fs::write(programs.join("access.mtail"), MTAIL);
    let few = lines / 5;
    let part = data.join("part.log");
    let head = Command::new("head").arg("-n").arg(few.to_string()).arg(file).output();
    let part_bytes = head.map_or(0, |head| {
        let _ = fs::write(&part, &head.stdout);
        head.stdout.len() as u64
    });
    let mut awk = Command::new("mawk");
    awk.arg(AWK).arg(file).env("LC_ALL", "C");
    peer("mawk, keys and p99", &mut awk, lines, bytes);
    let mut mtail = Command::new("mtail");
    mtail.arg("--one_shot").arg("--progs").arg(&programs).arg("--logs").arg(&part).arg("--log_dir").arg(data);
    peer("mtail, method and status, histogram", &mut mtail, few, part_bytes);
    let mut goaccess = Command::new("goaccess");
    goaccess.arg(&part).args(["--no-global-config", "--date-format=%d/%b/%Y", "--time-format=%T", "-o"]);
    goaccess
        .arg(data.join("report.json"))
        .arg("--log-format=%h - %^[%d:%t %^] \"%r\" %s %b \"%R\" \"%u\" %T %^");
    peer("goaccess, all panels", &mut goaccess, few, part_bytes);
}

fn peer(what: &str, command: &mut Command, lines: usize, bytes: u64) {
    let before = children_seconds();
    let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match ended {
        Ok(status) if status.success() => {
            row(what, children_seconds() - before, lines, bytes, "");
        }
        Ok(status) => println!("{what}: not measured: {status}"),
        Err(why) => println!("{what}: not measured: {why}"),
    }
}

/// User and kernel time of children that ended (proc(5): the fourteenth and fifteenth after the name), in ticks of 10 ms.
fn children_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split(' ').map(|f| f.parse().unwrap_or(0.0)).collect();
    fields.iter().skip(14).take(2).sum::<f64>() / 100.0
}
