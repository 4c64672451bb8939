//! Starting programs and reading what they cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that ends with this value.
pub struct Peer {
    child: Child,
    /// What to call it in a table.
    pub name: String,
}

/// What a process costs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Processor time since it started.
    pub cpu_seconds: f64,
    /// Memory that no file backs.
    pub anonymous_bytes: u64,
    /// Memory in RAM, shared file pages included.
    pub resident_bytes: u64,
}

impl Peer {
    /// Starts a program with its output thrown away.
    pub fn start(name: &str, command: &mut Command) -> Result<Self, String> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|e| format!("{name}: {command:?}: {e}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it costs so far.
    pub fn cost(&self) -> Cost {
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        let smaps = fs::read_to_string(folder.join("smaps_rollup")).unwrap_or_default();
        let kib = |name: &str| {
            let line = smaps.lines().find_map(|l| l.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok()
        };
        Cost {
            cpu_seconds: cpu_seconds(&folder).unwrap_or(0.0),
            anonymous_bytes: kib("Anonymous:").unwrap_or(0) * 1024,
            resident_bytes: kib("Rss:").unwrap_or(0) * 1024,
        }
    }

    /// Waits until it has nothing left to do in the background, at most a minute.
    pub fn settle(&self) {
        let mut last = self.cost().cpu_seconds;
        for _ in 0..60 {
            std::thread::sleep(Duration::from_secs(1));
            let now = self.cost().cpu_seconds;
            if now - last < 0.02 {
                return;
            }
            last = now;
        }
    }

    /// Asks it to end and waits.
    pub fn stop(mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// utime + stime of all threads, in ticks of 10 ms; `schedstat` is finer where the kernel has it.
fn cpu_seconds(folder: &Path) -> Option<f64> {
    let tasks = fs::read_dir(folder.join("task")).ok()?.flatten();
    let fine: Vec<f64> = tasks
        .filter_map(|t| {
            fs::read_to_string(t.path().join("schedstat")).ok()?.split(' ').next()?.parse::<f64>().ok()
        })
        .collect();
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // Threads that ended are only in `stat`; the finer number is used while it is not behind.
    let fine = fine.iter().sum::<f64>() / 1e9;
    Some(if fine + 0.02 >= ticks / 100.0 { fine } else { ticks / 100.0 })
}

/// The workspace's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/bench is two folders deep")
}

/// The release binary.
pub fn windhover() -> PathBuf {
    root().join("target/release/windhover")
}

/// A new empty folder under the temporary one.
pub fn folder(name: &str) -> Result<PathBuf, String> {
    let path = std::env::temp_dir().join(format!("windhover-bench-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

/// A free port.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    listener.local_addr().expect("bound").port()
}

/// Waits until an address answers with 200.
pub fn ready(url: &str) -> Result<Duration, String> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if ureq::get(url).call().is_ok() {
            return Ok(started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(format!("{url} never answered"))
}

/// Bytes of all files below a folder.
pub fn disk_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|e| match e.metadata() {
            Ok(meta) if meta.is_dir() => disk_bytes(&e.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A size for people.
pub fn mb(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
