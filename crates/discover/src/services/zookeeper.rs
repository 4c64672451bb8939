//! ZooKeeper.

use super::{Mark, Reread, Service, jvm};
use crate::plan::Ask;
use crate::process::listeners::Listener;
use crate::text::{lines, pair};
use crate::{Inspection, Process};
use std::net::SocketAddr;

pub(super) static SERVICE: Service = Service {
    name: "zookeeper",
    summary: "What `mntr` tells: latency, connections, nodes, watches, followers; and its Java machine.",
    signs: "a Java machine that runs QuorumPeerMain or ZooKeeperServerMain",
    configuration: "the file after the class on the command line",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[],
    speaks: "",
};

const PAGE: &str = "/commands/monitor";
const WHITELIST: &str = "4lw.commands.whitelist lacks `mntr` in its configuration, and its admin server is off: add \
                         `4lw.commands.whitelist=mntr`";

fn recognise(process: &Process) -> Option<Mark> {
    class(process).map(|_| Mark::Top)
}

/// Where the class stands among the arguments.
fn class(process: &Process) -> Option<usize> {
    let is_class = |word: &String| {
        word.starts_with("org.apache.zookeeper.")
            && (word.ends_with("PeerMain") || word.ends_with("ServerMain"))
    };
    process.arguments.iter().position(is_class)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let process = inspection.process;
    let file = class(process).and_then(|at| process.arguments.get(at + 1)).map(|file| process.absolute(file));
    let text = file.as_ref().and_then(|file| inspection.read(file)).unwrap_or_default();
    let value = |name: &str| {
        lines(&text)
            .filter_map(|(_, line)| pair(line))
            .find(|(it, _)| *it == name)
            .map(|(_, it)| it.to_owned())
    };
    if let Some(file) = file {
        inspection.fact("configuration", file);
    }
    if let Some(data) = value("dataDir") {
        inspection.fact("data", data);
    }
    // Servers of an ensemble may name their client port in their own line: `server.1=a:2888:3888;2181`.
    let by_line = || {
        lines(&text)
            .find_map(|(_, line)| line.starts_with("server.").then(|| line.rsplit_once(';'))?)
            .map(|(_, it)| it)
    };
    let told = value("clientPort").or_else(|| by_line()?.rsplit(':').next().map(str::to_owned));
    let port: u16 = told.and_then(|port| port.trim().parse().ok()).unwrap_or(2181);
    let address = inspection.tcp_at(port).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)));
    inspection.plan.name = port.to_string();
    // Since 3.5.3 a server answers `srvr` only, unless it is told; its page tells the same as `mntr`.
    let property = process.option(&["-Dzookeeper.4lw.commands.whitelist"]);
    let whitelist = value("4lw.commands.whitelist").or(property).unwrap_or_default();
    let page: u16 = value("admin.serverPort").and_then(|port| port.parse().ok()).unwrap_or(8080);
    let ask = if whitelist.split(',').any(|word| matches!(word.trim(), "mntr" | "*")) {
        Some(inspection.ask("zookeeper", &Listener::Tcp(address)))
    } else {
        let page = inspection.tcp_at(page).map(Listener::Tcp);
        page.map(|page| Ask { path: PAGE.to_owned(), ..inspection.ask("zookeeper", &page) })
    };
    match ask {
        Some(ask) => inspection.asks("mntr", ask),
        None => {
            inspection.look_again();
            inspection.problem(WHITELIST);
        }
    }
    jvm::plan(inspection);
}
