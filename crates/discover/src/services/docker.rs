//! The Docker engine.

use super::{Mark, Reread, Service};
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process};

pub(super) static SERVICE: Service = Service {
    name: "docker",
    summary: "Containers by state, images, and what the engine itself tells; containers are measured by their control groups.",
    signs: "a program called dockerd",
    configuration: "`-H` of the command line, else its usual socket",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[],
    speaks: "",
};

const USUAL: &str = "/var/run/docker.sock";

fn recognise(process: &Process) -> Option<Mark> {
    process.is_called(&["dockerd"]).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let told = inspection.process.option(&["-H", "--host"]);
    let told = told.and_then(|host| host.strip_prefix("unix://").map(str::to_owned));
    let is_its = |path: &&String| path.ends_with("docker.sock");
    let sockets = inspection.listeners.iter().filter_map(|listener| match listener {
        Listener::Unix(path) => Some(path),
        Listener::Tcp(_) => None,
    });
    let socket = sockets.clone().find(is_its).cloned().or(told).unwrap_or_else(|| USUAL.to_owned());
    // A second engine of a host has to have another place.
    if path::name(&socket) != path::name(USUAL) {
        inspection.plan.name.clone_from(&socket);
    }
    let ask = inspection.ask("docker", &Listener::Unix(socket));
    inspection.asks("engine", ask);
}
