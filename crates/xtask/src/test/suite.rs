//! Steps, what became of them, and the closing line.

use super::failures::Failures;
use crate::run::{command, exists, root, watch};
use std::process::Command;
use std::time::Instant;

/// Counts of what ran.
#[derive(Default)]
pub struct Suite {
    passed: u64,
    failed: Vec<String>,
    skipped: u64,
    failures: Failures,
}

impl Suite {
    /// Runs one step that either passes or fails.
    pub fn step(&mut self, name: &str, run: impl FnOnce() -> Result<(), String>) {
        let started = begin(name);
        match run() {
            Ok(()) => self.passed += 1,
            Err(why) => {
                eprintln!("{why}");
                self.failed.push(name.to_owned());
            }
        }
        println!("── {name}: {:.1} s", started.elapsed().as_secs_f64());
    }

    /// Notes something that could not run here.
    pub fn skip(&mut self, name: &str, reason: &str) {
        println!("── {name}: skipped: {reason}");
        self.skipped += 1;
    }

    /// All Rust tests of the workspace, with one more variable where wanted.
    pub fn cargo_tests(&mut self, variable: Option<(&str, &str)>) {
        let binary = root().join("target/debug/windhover");
        let mut tests = if exists("cargo-nextest") {
            command(
                "cargo",
                &[
                    "nextest",
                    "run",
                    "--workspace",
                    "--no-fail-fast",
                    "--status-level",
                    "slow",
                    "--failure-output",
                    "final",
                    "--success-output",
                    "never",
                ],
            )
        } else {
            command("cargo", &["test", "--workspace", "--no-fail-fast", "--quiet"])
        };
        let skipped = root().join("target/skipped-tests");
        let _ = std::fs::remove_file(&skipped);
        tests.env("WINDHOVER_BIN", binary).env("WINDHOVER_SKIPPED", &skipped).envs(variable);
        self.watch("Rust tests", &mut tests);
        self.take_skipped(&std::fs::read_to_string(&skipped).unwrap_or_default());
    }

    /// Counts tests that left themselves out, one a line, which their runner took for passed.
    fn take_skipped(&mut self, lines: &str) {
        for line in lines.lines() {
            println!("   skipped: {line}");
            self.passed = self.passed.saturating_sub(1);
            self.skipped += 1;
        }
    }

    /// Runs a test runner, counting by the closing lines it prints.
    pub fn watch(&mut self, name: &str, command: &mut Command) {
        let started = begin(name);
        let mut counted = Counted::default();
        let failures = &mut self.failures;
        let ended = watch(command, |line| {
            let line = strip_colours(line);
            counted.read(&line);
            failures.read(&line);
        });
        self.passed += counted.passed;
        self.skipped += counted.skipped;
        match ended {
            Ok(true) if counted.passed > 0 => {}
            Ok(true) => self.failed.push(format!("{name} (no test ran)")),
            Ok(false) => self.failed.extend((0..counted.failed.max(1)).map(|_| name.to_owned())),
            Err(why) => {
                eprintln!("{why}");
                self.failed.push(name.to_owned());
            }
        }
        println!("── {name}: {:.1} s", started.elapsed().as_secs_f64());
    }

    /// Prints the closing line.
    pub fn finish(self) -> Result<(), String> {
        self.failed.iter().for_each(|name| println!("FAILED {name}"));
        self.failures.lines().iter().for_each(|line| println!("{line}"));
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped);
        if self.failed.is_empty() { Ok(()) } else { Err("some steps failed".into()) }
    }
}

fn begin(name: &str) -> Instant {
    println!("\n── {name}");
    Instant::now()
}

#[derive(Default)]
struct Counted {
    passed: u64,
    failed: u64,
    skipped: u64,
    is_nextest: bool,
}

impl Counted {
    /// Closing lines of nextest (`Summary [..] 7 tests run: 7 passed, 0 skipped`), cargo test (`test result: ok. 7
    /// passed; 0 failed; 1 ignored`), vitest (`Tests  7 passed | 1 skipped (8)`) and our own scripts (`7 passed, 0 failed`).
    fn read(&mut self, line: &str) {
        let text = line.trim();
        // nextest shows the captured output of failed tests, closing lines and all: its own line is the one that counts.
        self.is_nextest |= text.starts_with("Nextest run ID");
        let closing = text.starts_with("Summary [")
            || (text.starts_with("test result:") && !self.is_nextest)
            || text.starts_with("Tests ")
            || (text.contains(" passed, ")
                && text.contains(" failed")
                && text.starts_with(|c: char| c.is_ascii_digit()));
        if closing {
            self.passed += number_before(text, "passed");
            self.failed += number_before(text, "failed");
            self.skipped += number_before(text, "skipped") + number_before(text, "ignored");
        }
    }
}

fn number_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let at = words.iter().position(|w| *w == word).unwrap_or(0);
    at.checked_sub(1).and_then(|i| words[i].parse().ok()).unwrap_or(0)
}

fn strip_colours(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('\x1b') {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, after)| after);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_left_themselves_out_are_skipped_and_not_passed() {
        let mut suite = Suite { passed: 7, ..Suite::default() };
        suite.take_skipped("network::a: no network namespaces\nprometheus::b: no `prometheus`\n");
        assert_eq!((suite.passed, suite.skipped), (5, 2));
    }

    #[test]
    fn closing_lines_are_read() {
        let cases = [
            ("     Summary [   0.154s] 7 tests run: 6 passed, 1 failed, 2 skipped", (6, 1, 2)),
            ("     Summary [   0.154s] 7 tests run: 7 passed (1 slow), 0 skipped", (7, 0, 0)),
            ("test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured", (5, 0, 1)),
            (
                "\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m41 passed\x1b[39m\x1b[22m\x1b[90m (41)\x1b[39m",
                (41, 0, 0),
            ),
            ("12 passed, 0 failed", (12, 0, 0)),
            ("nothing passed here", (0, 0, 0)),
        ];
        for (line, wanted) in cases {
            let mut counted = Counted::default();
            counted.read(&strip_colours(line));
            assert_eq!((counted.passed, counted.failed, counted.skipped), wanted, "{line}");
        }
    }
}
