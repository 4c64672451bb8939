//! Black-box tests: start the real binary and real foreign programs, look at them from outside. The tests are in
//! `tests/it`; here is what they share. Nothing of the other crates is used.

pub mod http;
pub mod network;
pub mod process;
pub mod wait;

/// Leaves a test out, saying why. On CI that is a failure: what the suite needs is installed there.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "not skipped on CI: {reason}");
    println!("skipped: {reason}");
}
