//! Commands that do one thing and end.

#[cfg(feature = "server")]
pub mod agents;
pub mod check;
pub mod completions;
pub mod config;
pub mod doctor;
#[cfg(feature = "server")]
pub mod export;
#[cfg(feature = "server")]
mod formats;
#[cfg(feature = "server")]
pub mod import;
pub mod join;
pub mod man;
#[cfg(feature = "server")]
pub mod query;
#[cfg(feature = "server")]
mod remote;
pub mod service;
pub mod services;
#[cfg(feature = "server")]
pub mod sheets;
pub mod sniff;
#[cfg(feature = "server")]
pub mod store;

/// A number of things, such as `1 sample` or `7 samples`.
#[cfg(feature = "server")]
pub(crate) fn counted(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
