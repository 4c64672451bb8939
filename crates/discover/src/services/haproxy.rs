//! HAProxy.

mod logs;
mod syntax;

use super::{Mark, Reread, Service};
use crate::plan::{Ask, Part, Work};
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process};
use std::net::SocketAddr;
use syntax::{Line, Reader};

pub(super) static SERVICE: Service = Service {
    name: "haproxy",
    summary: "Frontends, backends and servers, as its statistics tell them, and its requests where they are logged to a file.",
    signs: "a program called haproxy",
    configuration: "every `-f` of the command line, files and folders; variables come from its environment and from setenv",
    recognise,
    inspect,
    reread: Reread::WithChildren,
    ports: &[],
    speaks: "",
};

const NONE: &str = "it shows its statistics nowhere: add `stats socket /run/haproxy/admin.sock mode 660 level user` to global";

fn recognise(process: &Process) -> Option<Mark> {
    (process.is_called(&["haproxy"]) && !process.arguments.iter().any(|word| word == "-c" || word == "-v"))
        .then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let files = files(inspection);
    let mut reader = Reader::new(inspection.process.environment());
    for file in &files {
        if let Some(text) = inspection.read(file) {
            reader.read(file, &text);
        }
    }
    let lines = reader.lines;
    inspection.plan.name = files.first().cloned().unwrap_or_default();
    inspection.fact("configuration", files.join(", "));
    let of_kind = |kind: &str| lines.iter().filter(|line| line.section.starts_with(kind)).collect::<Vec<_>>();
    for line in of_kind("global").iter().filter(|line| line.words[0] == "log") {
        inspection.fact("log", line.words[1..].join(" "));
    }
    for line in lines.iter().filter(|line| line.words[0] == "log-format") {
        inspection.fact("log-format", format!("{} ({})", line.words[1..].join(" "), line.place));
    }
    logs::plan(inspection, &lines);
    if !(by_socket(inspection, &lines) || by_page(inspection, &lines)) {
        inspection.problem(NONE);
    }
}

/// The files of `-f` and of what follows `--`; of a folder every `.cfg` in it.
fn files(inspection: &mut Inspection<'_>) -> Vec<String> {
    let process = inspection.process;
    let (mut files, mut words) = (Vec::new(), process.arguments.iter().skip(1));
    let folder =
        process.option(&["-C"]).map_or_else(|| process.absolute("."), |folder| process.absolute(&folder));
    while let Some(word) = words.next() {
        match word.strip_prefix("-f") {
            Some("") => files.extend(words.next().cloned()),
            Some(file) => files.push(file.to_owned()),
            None if word == "--" => {
                files.extend(words.by_ref().cloned());
            }
            None => {}
        }
    }
    let absolute = files.iter().map(|file| path::join(&folder, file));
    let absolute: Vec<String> = absolute.collect();
    let mut all = Vec::new();
    for file in absolute {
        match process.root.is_folder(&file) {
            true => all.extend(inspection.glob(&path::join(&file, "*.cfg"))),
            false => all.push(file),
        }
    }
    all
}

/// Asks at a socket for commands: one that is a path, else one with an address.
fn by_socket(inspection: &mut Inspection<'_>, lines: &[Line]) -> bool {
    let sockets = lines.iter().filter(|line| {
        line.section == "global" && line.words.starts_with(&["stats".into(), "socket".into()])
    });
    let mut found: Option<Listener> = None;
    for line in sockets {
        let Some(address) = line.words.get(2) else { continue };
        match listener(address) {
            Some(unix @ Listener::Unix(_)) if !matches!(found, Some(Listener::Unix(_))) => found = Some(unix),
            Some(other) => found = found.or(Some(other)),
            None => inspection.problem(format!(
                "{}: the agent cannot ask at `{address}`: it wants a path, or an address with a port",
                line.place
            )),
        }
    }
    let Some(found) = found else { return false };
    let ask = inspection.ask("haproxy", &found);
    inspection.asks("stats socket", ask);
    true
}

/// `/run/x.sock`, `unix@/run/x.sock`, `ipv4@127.0.0.1:9999`, `*:9999`; descriptors and names say nothing.
fn listener(address: &str) -> Option<Listener> {
    let (family, rest) = address.split_once('@').unwrap_or(("", address));
    match family {
        "abns" => Some(Listener::Unix(format!("@{rest}"))),
        "fd" | "sockpair" => None,
        _ if rest.starts_with('/') => Some(Listener::Unix(rest.to_owned())),
        _ => {
            let (host, port) = rest.rsplit_once(':')?;
            let host = match host.trim_start_matches('[').trim_end_matches(']') {
                "" | "*" => "0.0.0.0",
                "localhost" => "127.0.0.1",
                host => host,
            };
            Some(Listener::Tcp(SocketAddr::new(host.parse().ok()?, port.parse().ok()?)))
        }
    }
}

/// A page of statistics: `stats enable` or `stats uri` in a section that listens.
fn by_page(inspection: &mut Inspection<'_>, lines: &[Line]) -> bool {
    let is_stats =
        |line: &&Line, what: &str| line.words.len() > 1 && line.words[0] == "stats" && line.words[1] == what;
    let pages = lines.iter().filter(|line| is_stats(line, "enable") || is_stats(line, "uri"));
    for page in pages {
        let of_section = || lines.iter().filter(|line| line.section == page.section);
        let bind = of_section().filter(|line| line.words[0] == "bind").find_map(|line| {
            Some((listener(line.words.get(1)?)?, line.words.iter().any(|word| word == "ssl")))
        });
        let Some((listener, is_tls)) = bind else { continue };
        let path =
            of_section().find(|line| is_stats(line, "uri")).and_then(|line| line.words.get(2).cloned());
        let path = format!("{};csv", path.unwrap_or_else(|| "/haproxy?stats".to_owned()));
        let ask = Ask { is_tls, path, ..inspection.ask("haproxy", &listener) };
        let mut part = Part::new("stats page", Work::Ask(ask));
        if of_section().any(|line| is_stats(&line, "auth")) {
            part.problems
                .push("the page asks for a user: name it in a [[service]] of the settings".to_owned());
        }
        inspection.part(part);
        return true;
    }
    false
}
