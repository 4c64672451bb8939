//! memcached.

use super::{Mark, Reread, Service};
use crate::plan::Ask;
use crate::process::listeners::Listener;
use crate::{Inspection, Process};

pub(super) static SERVICE: Service = Service {
    name: "memcached",
    summary: "What `stats` tells: items, memory, hits and misses, connections, evictions, slabs.",
    signs: "a program called memcached; any that listens at 11211",
    configuration: "the command line",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[11211],
    speaks: "",
};

fn recognise(process: &Process) -> Option<Mark> {
    process.is_called(&["memcached"]).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let process = inspection.process;
    if let Some(megabytes) = process.option(&["-m", "--memory-limit"]) {
        inspection.fact("memory", format!("{megabytes} MB"));
    }
    if process.arguments.iter().any(|word| matches!(word.as_str(), "-S" | "--enable-sasl")) {
        inspection.problem("it asks for SASL, which the agent does not speak");
    }
    let socket = process.option(&["-s", "--unix-socket"]);
    let socket = socket.map(|socket| Listener::Unix(process.absolute(&socket)));
    let told = process.option(&["-p", "--port"]).and_then(|port| port.parse().ok());
    let port = told.filter(|port| *port != 0).or_else(|| inspection.ports().first().copied());
    let tcp = port.and_then(|port| inspection.tcp_at(port)).map(Listener::Tcp);
    let told = || {
        told.filter(|port| *port != 0)
            .or(Some(11211))
            .map(|port| Listener::Tcp(([127, 0, 0, 1], port).into()))
    };
    let Some(listener) = tcp.or(socket).or_else(told) else { return };
    inspection.plan.name = match &listener {
        Listener::Tcp(address) => address.port().to_string(),
        Listener::Unix(socket) => socket.clone(),
    };
    let is_secured = process.arguments.iter().any(|word| matches!(word.as_str(), "-Z" | "--enable-ssl"));
    let is_tls = is_secured && matches!(listener, Listener::Tcp(_));
    let ask = Ask { is_tls, ..inspection.ask("memcached", &listener) };
    inspection.asks("stats", ask);
}
