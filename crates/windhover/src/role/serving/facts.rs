//! What a server tells of itself: the facts on its pages, and which numbers it counts.

use super::reading::{Protocols, Reading};
use crate::logging;
use crate::selfwatch;
use api::{Facts, StoreFacts};
use stdx::telemetry::Item;

/// The numbers of every crate of a server.
pub(super) fn tables() -> Vec<&'static [Item]> {
    vec![
        serve::telemetry::TELEMETRY,
        ingest::TELEMETRY,
        store::TELEMETRY,
        query::telemetry::TELEMETRY,
        api::telemetry::TELEMETRY,
        collect::TELEMETRY,
        checks::TELEMETRY,
        scrape::TELEMETRY,
        doors::TELEMETRY,
        sniff::telemetry::TELEMETRY,
        logparse::TELEMETRY,
        discover::TELEMETRY,
        discover::pull::TELEMETRY,
        plugins::TELEMETRY,
        ::relay::TELEMETRY,
        ::cluster::TELEMETRY,
        net::TELEMETRY,
        ::probe::TELEMETRY,
        selfwatch::TELEMETRY,
        logging::TELEMETRY,
        ::events::TELEMETRY,
    ]
}

/// What the pages say of this program.
pub(super) fn facts(of: &Reading<'_>, protocols: Protocols) -> Facts {
    let (settings, address) = (of.settings, of.place.address);
    let host = crate::role::host_name(settings);
    let reached = if address.ip().is_unspecified() {
        format!("{host}:{}", address.port())
    } else {
        address.to_string()
    };
    let token = if settings.path("access.token_file").is_some() { " --token TOKEN" } else { "" };
    let store = of.store.clone();
    Facts {
        version: env!("CARGO_PKG_VERSION"),
        host,
        role: of.role,
        started_ms: of.started_ms,
        listen: address.to_string(),
        loopback_only: address.ip().is_loopback(),
        data: of.place.data.display().to_string(),
        join: format!("windhover join {}://{reached}{token}", of.place.scheme()),
        agent_metrics: collect::collectors::COLLECTORS
            .iter()
            .flat_map(|row| row.metrics)
            .map(|m| m.name)
            .collect(),
        store: Box::new(move || {
            let stats = store.stats();
            StoreFacts {
                series: stats.head_series,
                samples_total: stats.appended,
                disk_bytes: stats.log_bytes + stats.block_bytes,
            }
        }),
        protocols,
        telemetry: tables(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn every_stage_of_the_data_path_tells_numbers_that_exist() {
        let tables = super::tables().into_iter().chain([ship::TELEMETRY]);
        let known: HashSet<&str> = tables.flat_map(|table| table.iter().map(|item| item.name())).collect();
        for stage in api::path::stages::STAGES {
            for name in stage.names() {
                assert!(known.contains(name), "stage {} asks for {name}, which nobody counts", stage.id);
            }
        }
    }
}
