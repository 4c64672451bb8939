//! Labelled vectors, as PromQL has them: an evaluator of [`lang::plan::Vector`] on a grid of instants of its own.

pub mod native;
pub mod value;

pub use value::{Column, Matrix, Outcome, Samples, Series, Steps, Value};
