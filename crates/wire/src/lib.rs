//! Bytes to batches and back, one file per protocol. Pure: no I/O, no clock, no panic on any input.

pub mod protocols;
