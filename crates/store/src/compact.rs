//! Joining blocks: [`plan`] decides which, and is pure; [`join`] does it.

pub(crate) mod join;
pub(crate) mod outputs;
pub(crate) mod pace;
pub(crate) mod plan;
mod run;
