//! Everything that is proven by simulation, in one program.

#[path = "sim/clock.rs"]
mod clock;
#[path = "sim/seeds.rs"]
mod seeds;
