//! The formats.

pub mod rrd;
