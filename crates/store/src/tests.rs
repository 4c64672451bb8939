//! The store as a whole, on a disk in memory and a clock turned by hand.

mod append;
mod bad_input;
mod blocks;
mod cardinality;
mod check;
mod damage;
mod delete;
mod durable;
mod faults;
mod fixtures;
mod imports;
mod many;
mod newest;
mod random;
mod readonly;
mod rig;
mod rolled;
mod seals;
mod snapshot;
mod space;
mod threads;
mod tiers;
