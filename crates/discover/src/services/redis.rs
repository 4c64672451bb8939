//! Redis and its kin: Valkey, KeyDB, Sentinel.

use super::{Mark, Reread, Service};
use crate::plan::Ask;
use crate::process::listeners::Listener;
use crate::root::path;
use crate::text::{lines, words};
use crate::{Inspection, Process};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) static SERVICE: Service = Service {
    name: "redis",
    summary: "What INFO tells: memory, commands, keys, persistence, replication; the slow log; its messages.",
    signs: "a program or title called redis-server, valkey-server, keydb-server or one of the sentinels; one of another name by \
            the shape of its title; any that listens at 6379",
    configuration: "the file of the command line; when the title hides that, the file in its folder, below \
                    /etc/redis, /etc/valkey or /etc whose port or socket is the one it listens at",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[6379],
    speaks: "redis",
};

const NAMES: [&str; 5] =
    ["redis-server", "valkey-server", "keydb-server", "redis-sentinel", "valkey-sentinel"];
/// Where files of distributions are.
const USUAL: [&str; 4] = ["/etc/redis/*.conf", "/etc/valkey/*.conf", "/etc/redis*.conf", "/etc/keydb/*.conf"];
const PORT: u16 = 6379;

/// Directives with their last arguments.
type Settings = BTreeMap<String, Vec<String>>;

fn recognise(process: &Process) -> Option<Mark> {
    let first = process.arguments.first()?;
    // Children that write to disk: `redis-rdb-bgsave 127.0.0.1:6379`.
    if ["redis-rdb", "redis-aof", "valkey-rdb", "valkey-aof"].iter().any(|name| first.starts_with(name)) {
        return Some(Mark::Part);
    }
    (process.is_called(&NAMES) || is_titled(process)).then_some(Mark::Top)
}

/// Whether it bears the title that a server gives itself whatever its program is called: `cache unixsocket:/run/a.sock`,
/// `cache *:7000 [cluster]`.
fn is_titled(process: &Process) -> bool {
    let [title] = &process.arguments[..] else { return false };
    let mut words = title.split_whitespace().skip(1);
    let place = words.next().unwrap_or("");
    place.starts_with("unixsocket:/")
        || (place.contains(':') && matches!(words.next(), Some("[cluster]" | "[sentinel]")))
}

fn inspect(inspection: &mut Inspection<'_>) {
    let (mut settings, file) = configuration(inspection);
    settings.extend(given(inspection.process));
    let of = |name: &str| settings.get(name).and_then(|values| values.first()).map(String::as_str);
    if let Some(file) = &file {
        inspection.fact("configuration", file);
    }
    for name in ["port", "tls-port", "unixsocket", "bind", "maxmemory", "appendonly", "replicaof", "slaveof"]
    {
        if let Some(values) = settings.get(name) {
            inspection.fact(fact_name(name), values.join(" "));
        }
    }
    let logfile = of("logfile").filter(|file| !file.is_empty());
    let logfile = logfile.map_or("/dev/stdout".to_owned(), |file| inspection.process.absolute(file));
    inspection.messages(&logfile, "redis", "logfile", "");
    // INFO tells calls and times by command.
    let plain = plain_ports(inspection, of);
    inspection.speaks_at(plain, true);
    let Some((listener, is_tls)) = place(inspection, of) else {
        inspection.look_again();
        inspection.problem("it listens neither at a socket nor at a port that the agent can see");
        return;
    };
    inspection.plan.name = match &listener {
        Listener::Tcp(address) => address.port().to_string(),
        Listener::Unix(socket) => socket.clone(),
    };
    if settings
        .get("rename-command")
        .is_some_and(|values| values.first().is_some_and(|name| name.eq_ignore_ascii_case("INFO")))
    {
        inspection.problem("the command INFO is renamed in its configuration: the agent cannot ask");
    }
    // The default user's password may be in the file, if we may read it.
    let password = of("requirepass").unwrap_or_default().to_owned();
    let identity = identity(inspection, of).filter(|_| is_tls);
    let ask = inspection.ask("redis", &listener);
    inspection.asks("info", Ask { is_tls, identity, password, ..ask });
}

/// By TLS it takes clients of its own authority only, unless told not to: as what it shows to its masters, or itself.
fn identity<'s>(
    inspection: &Inspection<'_>,
    of: impl Fn(&str) -> Option<&'s str>,
) -> Option<(PathBuf, PathBuf)> {
    if of("tls-auth-clients").is_some_and(|word| word != "yes") {
        return None;
    }
    let named = |certificate: &str, key: &str| inspection.identity(of(certificate)?, of(key)?);
    named("tls-client-cert-file", "tls-client-key-file").or_else(|| named("tls-cert-file", "tls-key-file"))
}

fn fact_name(name: &str) -> &'static str {
    match name {
        "port" => "port",
        "tls-port" => "tls-port",
        "unixsocket" => "unixsocket",
        "bind" => "bind",
        "maxmemory" => "maxmemory",
        "appendonly" => "appendonly",
        _ => "replica of",
    }
}

/// A socket, else a port; whether TLS is spoken there.
fn place<'s>(inspection: &Inspection<'_>, of: impl Fn(&str) -> Option<&'s str>) -> Option<(Listener, bool)> {
    let port = |name: &str| of(name).and_then(|port| port.parse::<u16>().ok());
    let tls = port("tls-port").filter(|port| *port != 0);
    let plain = plain_ports(inspection, &of).first().copied();
    let socket = inspection.listeners.iter().find(|listener| matches!(listener, Listener::Unix(_))).cloned();
    let tcp = plain.and_then(|port| inspection.tcp_at(port)).map(Listener::Tcp);
    let by_tls = tls.and_then(|port| inspection.tcp_at(port)).map(Listener::Tcp);
    let told = port("port").or_else(|| title_port(inspection.process)).filter(|port| *port != 0);
    let guess = || told.map(|port| Listener::Tcp(([127, 0, 0, 1], port).into()));
    tcp.or(socket)
        .map(|listener| (listener, false))
        .or(by_tls.map(|listener| (listener, true)))
        .or_else(|| Some((guess()?, false)))
}

/// Where it listens and speaks neither TLS nor with other nodes of a cluster, whose bus is 10,000 above its port.
fn plain_ports<'s>(inspection: &Inspection<'_>, of: impl Fn(&str) -> Option<&'s str>) -> Vec<u16> {
    let tls = of("tls-port").and_then(|port| port.parse::<u16>().ok());
    let all = inspection.ports();
    let is_bus = |port: u16| port > 10_000 && all.contains(&(port - 10_000));
    all.iter().copied().filter(|port| Some(*port) != tls && !is_bus(*port)).collect()
}

/// `redis-server *:6379 [cluster]`
fn title_port(process: &Process) -> Option<u16> {
    let title = process.title();
    title.split_whitespace().nth(1)?.rsplit_once(':')?.1.parse().ok()
}

/// The file and what it says.
fn configuration(inspection: &mut Inspection<'_>) -> (Settings, Option<String>) {
    let process = inspection.process;
    let named =
        process.arguments.get(1).filter(|word| !word.starts_with('-') && !word.contains(':') && *word != "-");
    if let Some(file) = named {
        let file = process.absolute(file);
        let mut settings = Settings::new();
        read(inspection, &file, &mut settings, 0);
        return (settings, Some(file));
    }
    let patterns = own(process).into_iter().chain(USUAL.map(str::to_owned));
    let mut usual: Vec<String> = patterns.flat_map(|pattern| process.root.glob(&pattern)).collect();
    usual.retain(|file| !path::name(file).contains("sentinel") || process.title().contains("sentinel"));
    for file in usual {
        let mut settings = Settings::new();
        read(inspection, &file, &mut settings, 0);
        if is_its(inspection, &settings) {
            return (settings, Some(file));
        }
    }
    (Settings::new(), None)
}

/// The nodes of a cluster often have a folder each, with a file called after the server or its port.
fn own(process: &Process) -> Vec<String> {
    let Some(folder) = process.folder.as_deref().filter(|folder| *folder != "/") else { return Vec::new() };
    let by_port = title_port(process).map(|port| format!("{port}.conf"));
    let names = ["*redis*.conf", "*valkey*.conf", "*sentinel*.conf"].map(str::to_owned);
    names.into_iter().chain(by_port).map(|name| path::join(folder, &name)).collect()
}

/// Whether a file is that of a server which listens where this one does.
fn is_its(inspection: &Inspection<'_>, settings: &Settings) -> bool {
    let first = |name: &str| settings.get(name).and_then(|values| values.first());
    let port = first("port").map_or(Some(PORT), |port| port.parse().ok());
    let tls = first("tls-port").and_then(|port| port.parse().ok());
    let ports = inspection.ports();
    let by_port = [port, tls].into_iter().flatten().any(|port| port != 0 && ports.contains(&port));
    let by_title = port.is_some() && port == title_port(inspection.process) && port != Some(0);
    let by_socket = first("unixsocket")
        .is_some_and(|socket| inspection.listeners.contains(&Listener::Unix(socket.clone())));
    by_port || by_title || by_socket
}

fn read(inspection: &mut Inspection<'_>, file: &str, settings: &mut Settings, depth: usize) {
    let Some(text) = inspection.read(file) else { return };
    for (_, line) in lines(&text) {
        let mut words = words(line);
        let name = words.remove(0).to_ascii_lowercase();
        if name == "include" && depth < 10 {
            for target in &words {
                // Its includes begin in the folder it was started in.
                let pattern = inspection.process.absolute(target);
                for file in inspection.glob(&pattern) {
                    read(inspection, &file, settings, depth + 1);
                }
            }
        } else if !(name == "rename-command" && settings.contains_key(&name)) {
            settings.insert(name, words);
        }
    }
}

/// `--port 6380 --unixsocket /run/x`
fn given(process: &Process) -> Settings {
    let mut settings = Settings::new();
    let mut name = None;
    for word in process.arguments.iter().skip(1) {
        match (word.strip_prefix("--"), &name) {
            (Some(option), _) => {
                settings.insert(option.to_owned(), Vec::new());
                name = Some(option.to_owned());
            }
            (None, Some(name)) => settings.entry(name.clone()).or_default().push(word.clone()),
            (None, None) => {}
        }
    }
    settings
}
