//! Black-box tests: start the real binary and real foreign programs, look at them from outside. The tests are in
//! `tests/it`; here is what they share. Nothing of the other crates is used.

use std::io::Write;

pub mod bridge;
pub mod http;
pub mod network;
pub mod process;
pub mod systemd;
pub mod terminal;
pub mod wait;

/// Leaves a test out, saying why. On CI that is a failure: what the suite needs is installed there. Test runners take what
/// is left out for passed; `cargo xtask test` names a file in `WINDHOVER_SKIPPED` and counts by it.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "not skipped on CI: {reason}");
    println!("skipped: {reason}");
    if let Some(path) = std::env::var_os("WINDHOVER_SKIPPED") {
        let thread = std::thread::current();
        let line = format!("{}: {}\n", thread.name().unwrap_or_default(), reason.replace('\n', " "));
        let file = std::fs::File::options().create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("a file to count by");
    }
}
