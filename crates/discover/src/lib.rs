//! From running services to their numbers.

pub mod pull;
