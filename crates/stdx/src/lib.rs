//! What the standard library lacks and every layer of Windhover needs.
//!
//! Time, disk and randomness are traits here, each with the real thing and one that misbehaves on purpose, so that
//! whatever decides something durable can be driven from a seed. No domain word may appear in this crate.

pub mod backoff;
pub mod calendar;
pub mod clock;
pub mod crc;
pub mod disk;
pub mod elsewhere;
pub mod json;
pub mod pages;
pub mod pool;
pub mod queue;
pub mod random;
pub mod rooted;
pub mod simd;
pub mod sketch;
pub mod telemetry;
pub mod turns;
pub mod varint;
pub mod x509;
