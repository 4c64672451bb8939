//! The protocols, one row each.
