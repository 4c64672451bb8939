//! MongoDB: mongod and mongos.

use super::{Mark, Reread, Service};
use crate::process::listeners::Listener;
use crate::{Inspection, Process, yaml};

pub(super) static SERVICE: Service = Service {
    name: "mongodb",
    summary: "What serverStatus and replSetGetStatus tell: operations, connections, memory, WiredTiger, replication.",
    signs: "a program called mongod or mongos; any that listens at 27017",
    configuration: "the command line and the file of `-f` or `--config`, in YAML or in the older way",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[27017],
    speaks: "mongodb",
};

const ROLE: &str = "it checks who asks: create a user \
                    (`db.getSiblingDB('admin').createUser({user: 'windhover', pwd: '…', roles: ['clusterMonitor']})`) \
                    and name it in a [[service]] of the settings";

fn recognise(process: &Process) -> Option<Mark> {
    process.is_called(&["mongod", "mongos"]).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let process = inspection.process;
    let file = process.option(&["-f", "--config"]).map(|file| process.absolute(&file));
    let text = file.as_ref().and_then(|file| inspection.read(file)).unwrap_or_default();
    let pairs = if text.contains('=') && !text.contains(": ") { older(&text) } else { yaml::pairs(&text) };
    let told = |option: &str, key: &str| {
        let in_file =
            || pairs.iter().rev().find(|(name, _)| name == key || name == option.trim_start_matches('-'));
        process.option(&[option]).or_else(|| in_file().map(|(_, value)| value.clone()))
    };
    if let Some(file) = file {
        inspection.fact("configuration", file);
    }
    for (name, option, key) in [
        ("data", "--dbpath", "storage.dbPath"),
        ("log", "--logpath", "systemLog.path"),
        ("replica set", "--replSet", "replication.replSetName"),
    ] {
        if let Some(value) = told(option, key) {
            inspection.fact(name, value);
        }
    }
    let usual = if process.is_called(&["mongos"]) { 27017 } else { usual_port(process) };
    let port = told("--port", "net.port").and_then(|port| port.parse().ok());
    let port: u16 = port.or_else(|| inspection.ports().first().copied()).unwrap_or(usual);
    let is_switch = |name: &str| process.arguments.iter().any(|word| word == name);
    let authorization =
        told("--auth", "security.authorization").is_some_and(|word| crate::text::is_yes(&word));
    if authorization || is_switch("--auth") || told("--keyFile", "security.keyFile").is_some() {
        inspection.problem(ROLE);
    }
    let mode =
        told("--tlsMode", "net.tls.mode").or_else(|| told("--sslMode", "net.ssl.mode")).unwrap_or_default();
    let socket = format!("/mongodb-{port}.sock");
    let unix =
        inspection.listeners.iter().find(|it| matches!(it, Listener::Unix(path) if path.ends_with(&socket)));
    let tcp = inspection.tcp_at(port).map(Listener::Tcp);
    let listener =
        tcp.or_else(|| unix.cloned()).unwrap_or_else(|| Listener::Tcp(([127, 0, 0, 1], port).into()));
    // Its log says what was slow only, and its profile is off.
    let is_open = (inspection.tcp_at(port).is_some() || process.is_hidden) && !mode.starts_with("require");
    inspection.speaks_at(is_open.then_some(port).into_iter().collect(), false);
    inspection.plan.name = port.to_string();
    let mut ask = inspection.ask("mongodb", &listener);
    ask.is_tls = mode.starts_with("require");
    inspection.asks("server status", ask);
}

/// Parts of a sharded cluster have ports of their own.
fn usual_port(process: &Process) -> u16 {
    let has = |name: &str| process.arguments.iter().any(|word| word == name);
    match (has("--shardsvr"), has("--configsvr")) {
        (true, _) => 27018,
        (_, true) => 27019,
        _ => 27017,
    }
}

/// `port = 27018`, as before 2.6.
fn older(text: &str) -> Vec<(String, String)> {
    let pairs = crate::text::lines(text).filter_map(|(_, line)| crate::text::pair(line));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
