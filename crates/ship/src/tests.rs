//! Outages replayed step by step: a spool on a disk in memory, a server that is the real native door, and a network
//! that does what the test says.

mod damage;
mod disk;
mod lanes;
mod outages;
mod spooling;
mod world;
