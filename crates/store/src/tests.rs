//! The store as a whole, on a disk in memory and a clock turned by hand.

mod append;
mod blocks;
mod damage;
mod durable;
mod faults;
mod fixtures;
mod random;
mod rig;
mod rolled;
mod threads;
mod tiers;
