//! Whole expressions over a source in memory.

mod compare;
mod conformance;
mod frames;
mod gone;
mod grown;
mod points;
mod store;
mod table;
mod windows;
