//! One binary for all black-box tests.

// Helpers of integration tests are not in `#[test]` functions, which is all that clippy.toml exempts.
#![allow(clippy::unwrap_used)]

#[path = "it/agent.rs"]
mod agent;
#[path = "it/agents.rs"]
mod agents;
#[path = "it/browser.rs"]
mod browser;
#[path = "it/checks.rs"]
mod checks;
#[path = "it/commands.rs"]
mod commands;
#[path = "it/crash.rs"]
mod crash;
#[path = "it/doctor.rs"]
mod doctor;
#[path = "it/doors.rs"]
mod doors;
#[path = "it/events.rs"]
mod events;
#[path = "it/first_light.rs"]
mod first_light;
#[path = "it/histograms.rs"]
mod histograms;
#[path = "it/http_doors.rs"]
mod http_doors;
#[path = "it/http_hard.rs"]
mod http_hard;
#[path = "it/icinga.rs"]
mod icinga;
#[path = "it/interchange.rs"]
mod interchange;
#[path = "it/leases.rs"]
mod leases;
#[path = "it/local_doors.rs"]
mod local_doors;
#[path = "it/logs.rs"]
mod logs;
#[path = "it/network.rs"]
mod network;
#[path = "it/plugins.rs"]
mod plugins;
#[path = "it/probes.rs"]
mod probes;
#[path = "it/processes.rs"]
mod processes;
#[path = "it/profile.rs"]
mod profile;
#[path = "it/prometheus.rs"]
mod prometheus;
#[path = "it/promql.rs"]
mod promql;
#[path = "it/relay.rs"]
mod relay;
#[path = "it/relay_peers.rs"]
mod relay_peers;
#[path = "it/roundrobin.rs"]
mod roundrobin;
#[path = "it/rows.rs"]
mod rows;
#[path = "it/scraping.rs"]
mod scraping;
#[path = "it/service.rs"]
mod service;
#[path = "it/services.rs"]
mod services;
#[path = "it/services_found.rs"]
mod services_found;
#[path = "it/services_logs.rs"]
mod services_logs;
#[path = "it/services_pull.rs"]
mod services_pull;
#[path = "it/services_tls.rs"]
mod services_tls;
#[path = "it/sheets.rs"]
mod sheets;
#[path = "it/sniffer.rs"]
mod sniffer;
#[path = "it/sniffer_found.rs"]
mod sniffer_found;
#[path = "it/socket_doors.rs"]
mod socket_doors;
#[path = "it/store.rs"]
mod store;
#[path = "it/streams.rs"]
mod streams;
#[path = "it/systemd.rs"]
mod systemd;
#[path = "it/terminal.rs"]
mod terminal;
#[path = "it/tls.rs"]
mod tls;
