//! Whole expressions over a source in memory.

mod compare;
mod conformance;
mod points;
mod store;
mod table;
