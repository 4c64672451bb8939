//! Graphite's render targets: series of dotted paths, each on a grid of its own.
//!
//! `render` answers targets, `find` browses paths, `FUNCTIONS` (in [`crate::names::graphite`]) says what there is to call.
//!
//! **Which step a series has.** As long as the usual distance of its samples in the range (a quarter of them
//! is not farther apart), in whole seconds; where
//! samples are gone and rows of a tier stand in for them, at least as long as those. Instants are whole multiples of the
//! step, the first one after `from`, the last one not after `until`, as whisper has it; of several samples of one step the
//! last counts; where rows stand in for them, what they come to in the way they are put together at the end (`consolidateBy`,
//! else the mean). NaN is null.

mod aggregate;
mod answer;
mod call;
mod column;
mod context;
mod detail;
mod evaluate;
mod events;
mod find;
mod frame;
pub(crate) mod functions;
mod glob;
mod grid;
mod naming;
mod read;
mod series;
mod tagged;
pub(crate) mod text;
pub mod time;
mod tree;

#[cfg(test)]
mod tests;

pub use aggregate::Aggregate;
pub use answer::{Answer, render};
pub use call::{Call, Kernel, Value};
pub use context::Context;
pub use events::{Events, NoEvents};
pub use find::{Found, find};
pub(crate) use frame::frame;
pub use naming::{Naming, NamingError};
pub use series::{Consolidation, Series, Style, consolidate};
pub use tagged::{Tagged, condition};
