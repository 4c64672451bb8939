//! Real processes in folders of their own, ended when the test ends.

use crate::wait::until;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A new empty folder, removed with all that is in it when dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one; the name helps to find it while debugging.
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("windhover-it-{}-{number}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The binary under test.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("WINDHOVER_BIN") {
        return path.into();
    }
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/it is two folders deep");
    let path = root.join("target/debug/windhover");
    assert!(path.exists(), "build the binary first (cargo build -p windhover), or name it in WINDHOVER_BIN");
    path
}

/// A process that runs until it is stopped or dropped. What it prints is kept.
pub struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts a command with its output kept.
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that what it starts ends with it.
        command.process_group(0);
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let said = Arc::new(Mutex::new(String::new()));
        keep(child.stdout.take().expect("piped"), said.clone());
        keep(child.stderr.take().expect("piped"), said.clone());
        Self { child, said }
    }

    /// Everything it printed so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it printed a line with `words` and gives the line.
    pub fn line_with(&self, words: &str) -> String {
        let found = || self.said().lines().find(|l| l.contains(words)).map(str::to_owned);
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while std::time::Instant::now() < deadline {
            if let Some(line) = found() {
                return line;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("never said {words:?} but:\n{}", self.said());
    }

    /// Process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(status.is_ok_and(|s| s.success()), "kill -{name} failed");
    }

    /// Asks it to end and waits.
    pub fn terminate(mut self) -> ExitStatus {
        self.signal("TERM");
        let said = self.said.clone();
        let child = &mut self.child;
        until("the process to end", Duration::from_secs(30), || {
            child.try_wait().unwrap_or_else(|e| panic!("{e}; it said {said:?}"))
        })
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(mut self) {
        self.end();
    }

    /// Ends it with everything it started, unless it has ended by itself.
    fn end(&mut self) {
        if self.is_alive() {
            let group = format!("-{}", self.pid());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!("── process {} said:\n{}", self.pid(), self.said());
        }
    }
}

fn keep(output: impl Read + Send + 'static, said: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_str(&line);
            said.push('\n');
        }
    });
}

/// A Windhover that serves HTTP.
pub struct Server {
    /// The process.
    pub process: Running,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
}

impl Server {
    /// Starts `windhover ROLE` on a free port (or `port`) with its data in `folder`; returns when it is ready.
    pub fn start(role: &str, folder: &Path, port: u16, more: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command
            .arg(role)
            .arg("--data")
            .arg(folder)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(more);
        let process = Running::start(command.env("RUST_BACKTRACE", "1"));
        let line = process.line_with("http://");
        let at = line.find("http://").expect("just found");
        let url = line[at..].split_whitespace().next().expect("not empty").trim_end_matches('/').to_owned();
        until("the server to be ready", Duration::from_secs(30), || {
            crate::http::try_get(&format!("{url}/health")).filter(|a| a.status == 200)
        });
        Self { process, url }
    }

    /// An address below this server.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.url.rsplit(':').next().and_then(|p| p.parse().ok()).expect("the address ends with a port")
    }
}

/// A free port, free at least a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    listener.local_addr().expect("bound").port()
}
