//! etcd.

use super::{Mark, Reread, Service};
use crate::inspection::distance;
use crate::plan::{Address, Ask};
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process, yaml};
use std::net::SocketAddr;
use std::path::PathBuf;

pub(super) static SERVICE: Service = Service {
    name: "etcd",
    summary: "Leader, proposals, disk latencies, size of the database, as it tells them at /metrics.",
    signs: "a program called etcd; any that listens at 2379",
    configuration: "the command line, variables ETCD_…, and the file of `--config-file`, which then counts alone",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[2379],
    speaks: "",
};

const NO_PAPERS: &str = "it asks its clients for a certificate, and the agent may read none: set `listen-metrics-urls: \
                         http://127.0.0.1:2381`, or name one in a [[service]] of the settings";

fn recognise(process: &Process) -> Option<Mark> {
    process.is_called(&["etcd"]).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let process = inspection.process;
    let environment = process.environment();
    let by_environment = |name: &str| {
        let wanted = format!("ETCD_{}", name.to_ascii_uppercase().replace('-', "_"));
        environment.iter().find(|(it, _)| *it == wanted).map(|(_, value)| value.clone())
    };
    let file = process.option(&["--config-file", "-config-file"]).or_else(|| by_environment("config-file"));
    let pairs = match &file {
        Some(file) => yaml::pairs(&inspection.read(&process.absolute(file)).unwrap_or_default()),
        None => Vec::new(),
    };
    let told = |name: &str| match &file {
        Some(_) => pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone()),
        None => process.option(&[&format!("--{name}"), &format!("-{name}")]).or_else(|| by_environment(name)),
    };
    let name = told("name").unwrap_or_else(|| "default".to_owned());
    inspection.fact("name", name.clone());
    if let Some(data) = told("data-dir") {
        inspection.fact("data", data);
    }
    let client = told("listen-client-urls").unwrap_or_else(|| "http://localhost:2379".to_owned());
    inspection.fact("clients", client.clone());
    let metrics = told("listen-metrics-urls").unwrap_or_default();
    let urls = metrics.split(',').chain(client.split(',')).filter_map(url);
    // Plain first: TLS there means a certificate for clients, as a rule; then what is nearest.
    let Some((listener, is_tls)) = urls.min_by_key(|(listener, is_tls)| (*is_tls, far(listener))) else {
        inspection.problem(format!("the agent does not understand where `{client}` is"));
        return;
    };
    // In a file these are below `client-transport-security`.
    let of_clients = |name: &str| {
        let wanted = format!("client-transport-security.{name}");
        pairs.iter().find(|(it, _)| *it == wanted).map(|(_, value)| value.clone())
    };
    let paper = |name: &str| told(name).or_else(|| of_clients(name)).unwrap_or_default();
    let identity = if is_tls { identity(inspection, paper) } else { None };
    inspection.plan.name = name;
    let ask = Ask { is_tls, identity, path: "/metrics".to_owned(), ..inspection.ask("etcd", &listener) };
    debug_assert!(matches!(ask.address, Address::Tcp(_) | Address::Unix(_)));
    inspection.asks("metrics", ask);
}

/// As whom to ask, where it wants to know: as the one that kubeadm makes for health checks, or as the server, whose
/// certificate often serves for both sides.
fn identity(inspection: &mut Inspection<'_>, paper: impl Fn(&str) -> String) -> Option<(PathBuf, PathBuf)> {
    let is_wanted = |name| !matches!(paper(name).as_str(), "" | "false");
    if !is_wanted("client-cert-auth") && !is_wanted("trusted-ca-file") {
        return None;
    }
    let (certificate, key) = (paper("cert-file"), paper("key-file"));
    let of_checks = |end: &str| path::join(path::folder(&certificate), &format!("healthcheck-client.{end}"));
    let found = inspection.identity(&of_checks("crt"), &of_checks("key"));
    let found = found.or_else(|| inspection.identity(&certificate, &key));
    if found.is_none() {
        inspection.problem(NO_PAPERS);
    }
    found
}

fn far(listener: &Listener) -> Option<(u8, bool)> {
    match listener {
        Listener::Tcp(address) => Some(distance(address.ip())),
        Listener::Unix(_) => None,
    }
}

fn url(text: &str) -> Option<(Listener, bool)> {
    let (scheme, rest) = text.trim().split_once("://")?;
    let rest = rest.trim_end_matches('/').replace("localhost", "127.0.0.1");
    let listener = match scheme {
        "unix" | "unixs" => Listener::Unix(rest),
        _ => Listener::Tcp(rest.parse::<SocketAddr>().ok()?),
    };
    Some((listener, matches!(scheme, "https" | "unixs")))
}
