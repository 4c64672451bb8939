//! The read side over HTTP: our own answers for the web pages and the terminal, and the dialects of other systems.

pub mod about;
pub mod agents;
pub mod assets;
pub mod charts;
pub mod complete;
pub mod dialects;
pub mod events;
pub mod export;
pub mod fleet;
pub mod functions;
pub mod host;
pub mod json;
pub mod live;
pub mod metrics;
pub mod params;
pub mod path;
pub mod processes;
pub mod profiles;
pub mod recent;
pub mod render;
pub mod respond;
pub mod routes;
pub mod run;
pub mod sheets;
pub mod standings;
pub mod store;
pub mod telemetry;

use foreign::Way;
use model::{EventSink, EventSource, Keeper, Labels, Source};
use routes::ROUTES;
use serde_json::Value;
use serve::{Request, Response, StatusCode};
use std::collections::HashSet;
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::telemetry::Item;

/// See [`Api::usual`].
pub type Usual = dyn Fn(&Labels, i64) -> Way + Send + Sync;

/// What a server says of itself; filled in by the role that starts it.
pub struct Facts {
    /// Version of the program.
    pub version: &'static str,
    /// Name of this host in its series.
    pub host: String,
    /// `up` or `server`.
    pub role: &'static str,
    /// When it started.
    pub started_ms: i64,
    /// Address it listens on.
    pub listen: String,
    /// Whether only this machine can reach it.
    pub loopback_only: bool,
    /// Folder of its data.
    pub data: String,
    /// The line that adds a machine.
    pub join: String,
    /// Names of the metrics that our own agent makes.
    pub agent_metrics: HashSet<&'static str>,
    /// Numbers of the store.
    pub store: Box<dyn Fn() -> StoreFacts + Send + Sync>,
    /// What every door took and refused, as JSON for the data-path page.
    pub protocols: Box<dyn Fn() -> Value + Send + Sync>,
    /// The numbers every crate keeps about itself.
    pub telemetry: Vec<&'static [Item]>,
}

/// Numbers of the store.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoreFacts {
    /// Series known.
    pub series: u64,
    /// Samples taken since the start.
    pub samples_total: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
}

/// The read side.
pub struct Api {
    /// Where samples come from.
    pub source: Arc<dyn Source>,
    /// Who looks after them.
    pub keeper: Arc<dyn Keeper>,
    /// What happened, and how the parts of hosts stand.
    pub events: Arc<dyn EventSource>,
    /// Where notes of others go.
    pub event_sink: Arc<dyn EventSink>,
    /// How series without a dotted name are called in Graphite's terms.
    pub naming: query::graphite::Naming,
    /// Most nodes that Graphite's find tells at once.
    pub find_nodes_max: usize,
    /// How the samples of a series become one value a step (in milliseconds) where nobody says how.
    pub usual: Arc<Usual>,
    /// Settings for groups of agents.
    pub agents: agents::Agents,
    /// Expressions that people keep to look at together.
    pub sheets: meta::Sheets,
    /// Profiles that are asked for.
    pub profiles: profiles::Asks,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What this server is.
    pub facts: Facts,
}

impl Api {
    /// Where samples come from, for who knows numbers alone: without what native histograms are put together from.
    pub fn numbers(&self) -> query::Numbers<'_> {
        query::Numbers::of(self.source.as_ref())
    }

    /// Answers a request for anything that reads; unknown paths below `/api/` are told as such, all others belong to
    /// the web pages.
    pub fn call(self: &Arc<Self>, request: &Request) -> Response {
        // Graphite's programs write `/metrics/find/` as often as `/metrics/find`.
        let path = request.path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(&request.path);
        let mut found = ROUTES.iter().filter(|route| route.covers(path)).peekable();
        if found.peek().is_none() {
            return assets::get(request);
        }
        match found.find(|route| route.methods.contains(&request.method)) {
            Some(route) => (route.handler)(self, request),
            None => {
                let sentence = format!("{} is not answered to {}", request.path, request.method);
                respond::error(StatusCode::METHOD_NOT_ALLOWED, sentence, None)
            }
        }
    }
}
