//! The protocols, one row each.

pub mod native;
