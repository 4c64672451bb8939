//! Apache's HTTP server.

mod errors;
mod invocation;
mod logs;
mod macros;
mod syntax;

use super::{Mark, Reread, Service};
use crate::inspection::distance;
use crate::plan::{Ask, Part, Work};
use crate::process::listeners::Listener;
use crate::{Inspection, Process};
use std::net::SocketAddr;
use syntax::Directive;

pub(super) static SERVICE: Service = Service {
    name: "apache",
    summary: "Every access log it writes, of every virtual host and in whatever format, its error logs, and the numbers of mod_status.",
    signs: "a program called apache2 or httpd",
    configuration: "`-f`, `-d`, `-D`, `-c` and `-C` of the command line, else what was compiled into the program; includes are \
                    followed, macros are used, variables come from Define and from its environment",
    recognise,
    inspect,
    reread: Reread::WithChildren,
    ports: &[],
    speaks: "http",
};

const NAMES: [&str; 4] = ["apache2", "httpd", "httpd2", "httpd-prefork"];
const NONE: &str = "no server-status: the server's own numbers need mod_status and \
                    `<Location /server-status> SetHandler server-status, Require local </Location>`";

fn recognise(process: &Process) -> Option<Mark> {
    let is_tool =
        process.arguments.iter().any(|word| matches!(word.as_str(), "-t" | "-S" | "-V" | "-v" | "-M"));
    // busybox has an httpd of its own.
    let is_other = process.program.as_deref().is_some_and(|program| program.ends_with("busybox"));
    (process.is_called(&NAMES) && !is_tool && !is_other).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let invocation = invocation::of(inspection.process);
    inspection.plan.name.clone_from(&invocation.configuration);
    inspection.fact("configuration", &invocation.configuration);
    let (all, root) = syntax::read(inspection, &invocation);
    let hosts = all.iter().filter(|it| it.is("<VirtualHost")).count();
    inspection.fact("virtual hosts", hosts.to_string());
    logs::plan(inspection, &all, &root);
    errors::plan(inspection, &all, &root);
    let ports = inspection.ports();
    inspection.speaks_at(ports, true);
    status(inspection, &all);
}

/// Asks for the status where it is told: of the server at the first port that speaks plainly, of a virtual host at its
/// own, by its name.
fn status(inspection: &mut Inspection<'_>, all: &[Directive]) {
    let (hosts, server): (Vec<&Directive>, Vec<&Directive>) =
        all.iter().partition(|it| it.is("<VirtualHost"));
    let of_server = server.into_iter().find_map(|it| Some((find_status(it)?, None)));
    let of_host = || hosts.into_iter().find_map(|host| Some((find_status(host)?, Some(host))));
    let Some((location, host)) = of_server.or_else(of_host) else {
        inspection.problem(NONE);
        return;
    };
    let mut listens: Vec<(SocketAddr, bool)> =
        all.iter().filter(|it| it.is("Listen")).filter_map(|it| listen(&it.words)).collect();
    listens.sort_by_key(|(address, is_tls)| (*is_tls, distance(address.ip())));
    let place = match host {
        Some(host) => place_of(host, &listens),
        None => listens.first().copied(),
    };
    let Some((address, is_tls)) = place else { return };
    let name = host.and_then(server_name).unwrap_or_else(|| "localhost".to_owned());
    let ask = inspection.ask("apache", &Listener::Tcp(address));
    let ask = Ask { is_tls, path: format!("{location}?auto"), host: name, ..ask };
    inspection.part(Part::new(format!("status {location}"), Work::Ask(ask)));
}

/// Where a virtual host is reached: `<VirtualHost *:8081>` at what listens there.
fn place_of(host: &Directive, listens: &[(SocketAddr, bool)]) -> Option<(SocketAddr, bool)> {
    let is_tls =
        host.block.iter().any(|it| it.is("SSLEngine") && it.words.get(1).is_some_and(|it| it == "on"));
    host.words.iter().skip(1).find_map(|place| {
        let (ip, port) = place.rsplit_once(':').filter(|(_, port)| *port != "*").unwrap_or((place, ""));
        let port: Option<u16> = port.parse().ok();
        let fits = |it: &&(SocketAddr, bool)| port.is_none_or(|port| it.0.port() == port);
        let (address, by_listen) = listens.iter().find(fits).copied()?;
        let ip = ip.trim_matches(['[', ']']).parse().unwrap_or(address.ip());
        Some((SocketAddr::new(ip, address.port()), is_tls || by_listen))
    })
}

/// `ServerName https://status.example:8443` without what is around the name.
fn server_name(host: &Directive) -> Option<String> {
    let name = host.block.iter().find(|it| it.is("ServerName"))?.words.get(1)?;
    let name = name.rsplit_once("://").map_or(name.as_str(), |(_, name)| name);
    Some(name.split(':').next().unwrap_or(name).to_owned())
}

/// The path of a location, at whatever depth, whose handler tells the status.
fn find_status(directive: &Directive) -> Option<String> {
    let is_handler =
        |it: &Directive| it.is("SetHandler") && it.words.get(1).is_some_and(|word| word == "server-status");
    if directive.is("<Location") && directive.block.iter().any(is_handler) {
        return directive.words.get(1).cloned();
    }
    directive.block.iter().find_map(find_status)
}

/// `Listen 80`, `Listen [::]:443 https`
fn listen(words: &[String]) -> Option<(SocketAddr, bool)> {
    let address = words.get(1)?;
    let is_tls = words.get(2).is_some_and(|word| word.eq_ignore_ascii_case("https"));
    let (host, port) = address.rsplit_once(':').unwrap_or(("0.0.0.0", address));
    let host = match host.trim_start_matches('[').trim_end_matches(']') {
        "*" | "" => "0.0.0.0",
        host => host,
    };
    let port: u16 = port.parse().ok()?;
    // Only a port says whether it is for TLS when the word is left out.
    Some((SocketAddr::new(host.parse().ok()?, port), is_tls || (port == 443 && words.len() == 2)))
}
