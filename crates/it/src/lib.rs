//! Black-box tests: start the real binary and real foreign programs, look at them from outside. The tests are in
//! `tests/it`; here is what they share. Nothing of the other crates is used.

pub mod http;
pub mod process;
pub mod wait;
