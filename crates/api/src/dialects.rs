//! Other systems' ways of asking, each answered in its own shape.

pub mod falcon;
pub mod graphite;
pub mod prometheus;
pub mod timelion;
