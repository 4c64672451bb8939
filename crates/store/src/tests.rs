//! The store as a whole, on a disk in memory and a clock turned by hand.

mod append;
mod durable;
mod random;
mod rig;
