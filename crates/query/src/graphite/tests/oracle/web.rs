//! Debian's graphite-web at work: what it makes of targets over series that are given.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where graphite-web is, if it is.
const SIGN: &str = "/usr/lib/python3/dist-packages/graphite/render/functions.py";

/// graphite-web's evaluation in a process of its own.
pub(super) struct Web {
    child: Child,
    said: BufReader<ChildStdout>,
    /// The functions it has.
    pub(super) functions: Vec<String>,
}

impl Web {
    /// Starts it; `None` where it is not installed.
    pub(super) fn start() -> Option<Self> {
        if !std::path::Path::new(SIGN).exists() {
            eprintln!("not run: graphite-web is not installed (apt-get install graphite-web)");
            return None;
        }
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", include_str!("web.py")]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let functions = serde_json::from_str(&line).expect("graphite-web starts");
        Some(Self { child, said, functions })
    }

    /// One request: `series`, `targets`, `from`, `until` and `now`.
    pub(super) fn ask(&mut self, request: &Value) -> Vec<Value> {
        let mut line = request.to_string();
        line.push('\n');
        self.child.stdin.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
        line.clear();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("graphite-web answers")
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
