//! PHP-FPM: a master, and an instance for each pool.

mod access;
mod messages;

use super::{Mark, Reread, Service};
use crate::inspection::distance;
use crate::plan::{Ask, Part, Work};
use crate::process::listeners::Listener;
use crate::root::path;
use crate::text::{lines, pair};
use crate::{Inspection, Process};
use std::collections::BTreeMap;
use std::net::SocketAddr;

pub(super) static SERVICE: Service = Service {
    name: "php-fpm",
    summary: "The status of every pool: processes, queue, slow requests; its access log and slow log; messages.",
    signs: "the title `php-fpm: master process`, or a program whose name begins with php-fpm",
    configuration: "the file that the title names, `-y` of the command line, with what it includes",
    recognise,
    inspect,
    reread: Reread::WithChildren,
    ports: &[],
    speaks: "",
};

/// Deepest chain of files that include each other.
const INCLUDES_MAX: usize = 10;

fn recognise(process: &Process) -> Option<Mark> {
    let first = process.arguments.first()?;
    if let Some(role) = first.strip_prefix("php-fpm: ") {
        return Some(if role.starts_with("master process") { Mark::Main } else { Mark::Part });
    }
    let is_called = |name: &str| name.starts_with("php-fpm") || name.starts_with("php-cgi-fpm");
    let is_test =
        process.arguments.iter().any(|word| matches!(word.as_str(), "-t" | "-tt" | "-v" | "-i" | "-m"));
    (is_called(process.program_name()) && !is_test).then_some(Mark::Top)
}

type Pool = BTreeMap<String, String>;

fn inspect(inspection: &mut Inspection<'_>) {
    let file = configuration(inspection.process);
    inspection.plan.name.clone_from(&file);
    inspection.fact("configuration", &file);
    let mut reader = Reader { section: "global".to_owned(), pools: BTreeMap::new() };
    reader.read(inspection, &file, 0);
    messages::plan(inspection, reader.pools.get("global"));
    for (name, pool) in reader.pools.iter().filter(|(name, _)| *name != "global") {
        let mut part = part(inspection, name, pool);
        access::plan(inspection, pool, &mut part);
        messages::plan_pool(inspection, pool, &mut part);
        inspection.part(part);
    }
}

/// `php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)`
fn configuration(process: &Process) -> String {
    let title = process.title();
    let titled = title.split_once("master process (").and_then(|(_, rest)| rest.strip_suffix(')'));
    let told = titled.map(str::to_owned).or_else(|| process.option(&["-y", "--fpm-config"]));
    match told {
        Some(file) => process.absolute(&file),
        None => {
            let usual = [
                "/usr/local/etc/php-fpm.conf",
                "/etc/php-fpm.conf",
                "/etc/php*/php-fpm.conf",
                "/etc/php/*/fpm/php-fpm.conf",
            ];
            let found = usual.iter().find_map(|pattern| process.root.glob(pattern).into_iter().next());
            found.unwrap_or_else(|| usual[0].to_owned())
        }
    }
}

struct Reader {
    section: String,
    pools: BTreeMap<String, Pool>,
}

impl Reader {
    fn read(&mut self, inspection: &mut Inspection<'_>, file: &str, depth: usize) {
        let Some(text) = inspection.read(file) else { return };
        for (at, line) in lines(&text) {
            if let Some(section) = line.strip_prefix('[') {
                section.trim_end_matches(']').clone_into(&mut self.section);
                self.pools.entry(self.section.clone()).or_default();
                continue;
            }
            match pair(line) {
                Some(("include", pattern)) if depth < INCLUDES_MAX => {
                    for file in inspection.glob(&path::join(path::folder(file), pattern)) {
                        self.read(inspection, &file, depth + 1);
                    }
                }
                Some((name, value)) => {
                    let value = value.replace("$pool", &self.section);
                    self.pools.entry(self.section.clone()).or_default().insert(name.to_owned(), value);
                }
                None => inspection.problem(format!("{file}:{at}: `=` is missing")),
            }
        }
    }
}

/// A pool, with what is asked of it.
fn part(inspection: &Inspection<'_>, name: &str, pool: &Pool) -> Part {
    let mut part = Part::new(format!("pool {name}"), Work::Instance);
    for (shown, key) in
        [("listen", "listen"), ("processes at most", "pm.max_children"), ("slow log", "slowlog")]
    {
        part.facts.extend(pool.get(key).map(|value| (shown, value.clone())));
    }
    let Some(path) = pool.get("pm.status_path") else {
        part.problems.push(format!("no status: add `pm.status_path = /status` to the pool {name}"));
        return part;
    };
    let listen = pool.get("pm.status_listen").or_else(|| pool.get("listen")).map_or("", String::as_str);
    match listener(inspection, listen, pool) {
        Some(listener) => {
            let ask = Ask { path: path.clone(), ..inspection.ask("php-fpm", &listener) };
            part.parts.push(Part::new("status", Work::Ask(ask)));
        }
        None => part.problems.push(format!("the agent does not understand where `{listen}` is")),
    }
    if pool
        .get("listen.allowed_clients")
        .is_some_and(|clients| !clients.contains("127.0.0.1") && !listen.starts_with('/'))
    {
        part.problems.push("listen.allowed_clients lacks 127.0.0.1: the agent is not let in".to_owned());
    }
    part
}

/// `/run/php.sock`, `127.0.0.1:9000`, `9000`, `[::]:9000`
fn listener(inspection: &Inspection<'_>, listen: &str, pool: &Pool) -> Option<Listener> {
    if listen.starts_with('/') {
        // The name of a socket is as in the pool's own root, but the master made it in that of the host.
        return Some(Listener::Unix(listen.to_owned()));
    }
    let port = listen.rsplit(':').next()?.parse().ok()?;
    let by_table =
        inspection.tcp().filter(|address| address.port() == port).min_by_key(|it| distance(it.ip()));
    let written = || listen.parse::<SocketAddr>().ok();
    let _ = pool;
    by_table.or_else(written).or(Some(([127, 0, 0, 1], port).into())).map(Listener::Tcp)
}
