//! A [`lang::Plan`] and a [`model::Source`] in, [`Frame`]s out. `run.rs` is the way through on one screen; `read.rs` is
//! where samples become columns; `kernels/` has a file a function and `names/` a row a function and language.

pub mod call;
pub mod catalog;
pub mod error;
pub mod fit;
pub mod frame;
pub mod graphite;
pub mod grid;
mod joined;
mod kernels;
pub mod names;
mod numbers;
mod read;
pub mod request;
pub mod run;
pub mod telemetry;
pub mod vector;

pub use catalog::SourceCatalog;
pub use error::QueryError;
pub use frame::Frame;
pub use grid::{Align, Grid, GridSpec};
pub use joined::Joined;
pub use names::Row;
pub use numbers::Numbers;
pub use request::{Answer, Cost, Limits, Request, Stats};
pub use run::run;

#[cfg(test)]
mod tests;
