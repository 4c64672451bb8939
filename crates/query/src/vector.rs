//! Labelled vectors, as PromQL has them: an evaluator of [`lang::plan::Vector`] on a grid of instants of its own.
//!
//! `evaluate.rs` is the way through a plan on one screen; `load.rs` is where samples come from; `select.rs` and `window.rs`
//! put them onto the grid; `functions.rs` is the table of functions, `aggregate.rs` and `binary.rs` are what is left.

mod aggregate;
mod answer;
mod binary;
mod evaluate;
mod fold;
mod frame;
pub mod functions;
mod grown;
mod histogram;
mod key;
mod load;
mod matching;
pub mod native;
mod note;
mod select;
mod set;
mod subquery;
pub mod value;
mod window;

pub use answer::{Answer, LOOKBACK_MS, Question, answer};
pub(crate) use frame::frame;
pub use note::{Note, Notes};
pub use value::{Column, Matrix, Outcome, Samples, Series, Steps, Value};

#[cfg(test)]
mod tests;
