//! Simulation from a seed: parts that decide, driven in one thread through a network and clocks that misbehave as real
//! ones do. The same seed gives the same run on every machine, so whatever is found can be looked at again.
//!
//! [`network`] carries messages with delay, loss, duplicates, splits and deafness; [`monitors`] puts monitors and probes
//! on it and keeps a record of who pinged and who heard what.

pub mod monitors;
pub mod network;
pub mod queue;
