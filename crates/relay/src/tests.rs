//! Whole relays on a disk in memory, with outputs that can be told to fail.

mod aggregating;
mod damage;
mod delivering;
mod leasing;
mod routing;
mod sharing;
mod world;
