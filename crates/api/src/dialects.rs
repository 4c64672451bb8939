//! Other systems' ways of asking, each answered in its own shape.

pub mod prometheus;
