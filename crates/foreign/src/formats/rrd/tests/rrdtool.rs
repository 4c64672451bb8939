//! The real program, in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder in which rrdtool runs; removed in the end.
pub(super) struct Rrdtool {
    folder: PathBuf,
}

impl Rrdtool {
    /// `None` when the program is not installed, which is said aloud and is a failure on CI.
    pub(super) fn new() -> Option<Self> {
        if Command::new("rrdtool").arg("--version").output().is_err() {
            assert!(std::env::var_os("CI").is_none(), "not skipped on CI: rrdtool is not installed");
            println!("skipped: rrdtool is not installed");
            return None;
        }
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("windhover-rrd-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self { folder })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs many commands, one a line, in one process; the answer to each.
    pub(super) fn run(&self, commands: &str) -> Vec<Result<String, String>> {
        let mut child = Command::new("rrdtool")
            .arg("-")
            .current_dir(&self.folder)
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let commands = commands.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(commands.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        answers(&String::from_utf8(output.stdout).unwrap())
    }

    /// Runs many commands that must all succeed.
    pub(super) fn must(&self, commands: &str) {
        for (command, answer) in commands.lines().zip(self.run(commands)) {
            assert!(answer.is_ok(), "{command}: {}", answer.unwrap_err());
        }
    }

    /// What one command prints.
    pub(super) fn print(&self, arguments: &[&str]) -> String {
        let output = Command::new("rrdtool")
            .args(arguments)
            .current_dir(&self.folder)
            .env("TZ", "UTC")
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn answers(text: &str) -> Vec<Result<String, String>> {
    let mut all = Vec::new();
    let mut printed = String::new();
    for line in text.lines() {
        if line.starts_with("OK ") {
            all.push(Ok(std::mem::take(&mut printed)));
        } else if let Some(error) = line.strip_prefix("ERROR: ") {
            all.push(Err(error.to_owned()));
        } else {
            printed.push_str(line);
            printed.push('\n');
        }
    }
    all
}

impl Drop for Rrdtool {
    fn drop(&mut self) {
        let folder: &Path = &self.folder;
        std::fs::remove_dir_all(folder).ok();
    }
}

/// Numbers from a seed.
pub(super) struct Dice(pub u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}
