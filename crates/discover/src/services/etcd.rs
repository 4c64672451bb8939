//! etcd.

use super::{Mark, Reread, Service};
use crate::plan::{Address, Ask};
use crate::process::listeners::Listener;
use crate::{Inspection, Process, yaml};
use std::net::SocketAddr;

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
    // Plain first: TLS there means a certificate for clients, as a rule.
    let Some((listener, is_tls)) = urls.min_by_key(|(_, is_tls)| *is_tls) else {
        inspection.problem(format!("the agent does not understand where `{client}` is"));
        return;
    };
    if is_tls {
        inspection.problem("it tells its numbers by TLS only, with a certificate: set `listen-metrics-urls: http://127.0.0.1:2381`");
    }
    inspection.plan.name = name;
    let ask = Ask { is_tls, path: "/metrics".to_owned(), ..inspection.ask("etcd", &listener) };
    debug_assert!(matches!(ask.address, Address::Tcp(_) | Address::Unix(_)));
    inspection.asks("metrics", ask);
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
