//! The checks there are: one file and one row each.

mod common;
mod dns;
mod http;
mod ping;
mod tcp;
mod tls;
mod url_check_health;

use crate::{Given, Metric, Network, Outcome};

/// Checks one target. It remembers nothing, so it may be run from any thread at any time.
pub trait Check: Send + Sync {
    /// Checks once.
    fn run(&self, network: &Network<'_>) -> Outcome;
}

/// A check's place in the table.
#[derive(Debug)]
pub struct Row {
    /// What `kind` says and `windhover check NAME` takes.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// What a target looks like.
    pub target: &'static str,
    /// Options it takes besides [`crate::options::COMMON`].
    pub options: &'static [&'static str],
    /// What it may say besides [`crate::metric::COMMON`].
    pub metrics: &'static [&'static Metric],
    /// A small example for the reference page, in TOML.
    pub example: &'static str,
    /// Makes it ready for a target; the error is for people.
    pub open: Open,
    /// The labels of its series where these have a form of their own: then its own metrics are all it says.
    pub labels: Option<OwnLabels>,
}

/// Makes a check ready for a target.
pub type Open = fn(target: &str, given: &dyn Given) -> Result<Box<dyn Check>, String>;
/// Names the series of a check by its target, its options, and the name of this host.
pub type OwnLabels = fn(target: &str, given: &dyn Given, host: &str) -> Vec<(String, String)>;

/// The table.
pub static ROWS: &[&Row] = &[&http::ROW, &tcp::ROW, &tls::ROW, &dns::ROW, &ping::ROW, &url_check_health::ROW];

/// The names, for the setting `kind`.
pub static NAMES: &[&str] = &["http", "tcp", "tls", "dns", "ping", "url.check.health"];

/// The check with this name.
pub fn find(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name).copied()
}

#[cfg(test)]
pub(crate) mod tests;
