//! Asking services for their numbers: each service a file and a row in [`ROWS`].
//!
//! A [`Puller`] is one instance of a service that is asked again and again. Everything blocks, within one deadline for the
//! whole pull, and what a service may say in one pull is bounded. What is learnt before something fails is kept.

mod apache;
mod ask;
mod base64;
mod dial;
mod docker;
mod elasticsearch;
mod error;
mod etcd;
mod haproxy;
mod http;
mod json;
mod jvm;
mod link;
mod listing;
mod memcached;
mod metric;
mod mongodb;
mod mysql;
mod nginx;
mod php_fpm;
mod postgresql;
mod prometheus;
mod puller;
mod rabbitmq;
mod record;
mod redis;
mod reference;
mod scram;
mod session;
mod sql;
mod tape;
mod target;
mod telemetry;
mod tls;
mod zookeeper;

pub use ask::Ask;
pub use dial::{Dial, Network};
pub use error::Error;
pub use link::Wire;
pub use listing::listing;
pub use metric::Metric;
pub use puller::{DENIED_FOR_MS, FULL_EVERY_MS, Puller, WITHIN};
pub use reference::reference_markdown;
pub use tape::{Recording, Tapes};
pub use target::{Address, Papers, Place, Target};
pub use telemetry::TELEMETRY;
pub use tls::Secure;

/// Asks one instance; keeps what is worth keeping from one time to the next.
pub trait Client: Send {
    /// Asks once.
    ///
    /// # Errors
    /// When the service gave no answer, or one that makes no sense.
    fn ask(&mut self, ask: &mut Ask<'_>) -> Result<(), Error>;

    /// Whether a connection is kept from the last time. It may be closed without anybody's fault, and then the service is
    /// asked once more over a new one.
    fn keeps_a_link(&self) -> bool {
        false
    }
}

/// A service.
#[derive(Debug)]
pub struct Row {
    /// What people call it, in lower case.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The port it usually has; 0 when it has none.
    pub port: u16,
    /// What it must allow, and how that is done; Markdown.
    pub needs: &'static str,
    /// What it may say.
    pub metrics: &'static [Metric],
    /// A client that has asked nothing yet.
    pub open: fn() -> Box<dyn Client>,
}

/// All services, in the order of their names.
pub static ROWS: &[Row] = &[
    apache::ROW,
    docker::ROW,
    elasticsearch::ROW,
    etcd::ROW,
    haproxy::ROW,
    jvm::ROW,
    memcached::ROW,
    mongodb::ROW,
    mysql::ROW,
    nginx::ROW,
    php_fpm::ROW,
    postgresql::ROW,
    rabbitmq::ROW,
    redis::ROW,
    zookeeper::ROW,
];

/// Whether the service answered.
const UP: Metric = Metric::gauge("service_up", "", "1 when the service told its numbers, 0 when it did not.")
    .by(&["service"]);
/// How long it took.
const TAKEN: Metric =
    Metric::gauge("service_pull_seconds", "seconds", "How long it took to ask the service.").by(&["service"]);
/// What every service has.
static COMMON: [Metric; 2] = [UP, TAKEN];

/// The service of this name.
pub fn named(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests;
