//! PostgreSQL and what keeps its way of being configured.

mod logs;
mod settings;

use super::{Mark, Reread, Service};
use crate::plan::Ask;
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process};
use settings::Settings;
pub(super) use settings::pattern_of_time;

pub(super) static SERVICE: Service = Service {
    name: "postgresql",
    summary: "Its statistics: databases, connections, locks, replication, write-ahead log, vacuum, statements; its log.",
    signs: "a program called postgres or postmaster; one of another name by its children, whose titles begin with `postgres:`",
    configuration: "`-D`, `-c`, `--name=value` and PGDATA; postgresql.conf with what it includes; postgresql.auto.conf, \
                    which ALTER SYSTEM writes; postmaster.pid",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[],
    speaks: "postgresql",
};

/// Where distributions, and PostgreSQL itself, have sockets.
const SOCKETS: [&str; 2] = ["/run/postgresql", "/tmp"];
/// What is shown of the settings.
const SHOWN: [&str; 9] = [
    "port",
    "listen_addresses",
    "unix_socket_directories",
    "ssl",
    "shared_preload_libraries",
    "log_destination",
    "logging_collector",
    "log_line_prefix",
    "log_min_duration_statement",
];

fn recognise(process: &Process) -> Option<Mark> {
    if process.arguments.first()?.starts_with("postgres: ") {
        return Some(Mark::Child);
    }
    let is_tool = process
        .arguments
        .iter()
        .any(|word| matches!(word.as_str(), "--single" | "--boot" | "--check" | "-C"));
    (process.is_called(&["postgres", "postmaster", "edb-postgres"]) && !is_tool).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let given = settings::given(&inspection.process.arguments);
    let start = folder(inspection.process, &given);
    let file = given.get("config_file").map(|file| inspection.process.absolute(file));
    let file = file.unwrap_or_else(|| path::join(&start, "postgresql.conf"));
    let mut settings = Settings::default();
    settings.read(inspection, &file);
    let data = given.get("data_directory").or(settings.get("data_directory")).map(str::to_owned);
    let data = data.map_or(start, |data| inspection.process.absolute(&data));
    settings.read_if_there(inspection, &path::join(&data, "postgresql.auto.conf"));
    settings.extend(given);
    tell(inspection, &settings, &file, &data);
    logs::plan(inspection, &settings, &data);
    ask(inspection, &settings, &data);
}

/// The folder it was told; it goes there itself, so that its working folder serves when nothing says more.
fn folder(process: &Process, given: &Settings) -> String {
    let by_option = super::super::process::option(&process.arguments, &["-D", "--data-directory"]);
    let told = by_option
        .or_else(|| given.get("data_directory").map(str::to_owned))
        .filter(|told| told.starts_with('/'));
    let working =
        || process.folder.clone().filter(|folder| process.root.exists(&path::join(folder, "PG_VERSION")));
    let by_environment =
        || process.environment().into_iter().find(|(name, _)| name == "PGDATA").map(|(_, value)| value);
    told.or_else(working).or_else(by_environment).unwrap_or_else(|| process.absolute("."))
}

fn tell(inspection: &mut Inspection<'_>, settings: &Settings, file: &str, data: &str) {
    inspection.fact("configuration", file);
    inspection.fact("data", data);
    for name in SHOWN {
        if let Some(value) = settings.get(name) {
            let origin = settings.origin(name).to_owned();
            inspection.fact(name, format!("{value} ({origin})"));
        }
    }
}

fn ask(inspection: &mut Inspection<'_>, settings: &Settings, data: &str) {
    let running = inspection.read_if_there(&path::join(data, "postmaster.pid")).unwrap_or_default();
    let told: Vec<&str> = running.lines().map(str::trim).collect();
    let port = told.get(3).and_then(|port| port.parse().ok());
    let port: u16 = port.or_else(|| settings.get("port")?.parse().ok()).unwrap_or(5432);
    inspection.plan.name = port.to_string();
    let name = format!(".s.PGSQL.{port}");
    let is_its = |listener: &&Listener| matches!(listener, Listener::Unix(path) if path::name(path) == name);
    let by_table = inspection.listeners.iter().find(is_its).cloned();
    let folder = told.get(4).filter(|folder| !folder.is_empty()).map(|folder| (*folder).to_owned());
    let folder = folder.or_else(|| Some(first(settings.get("unix_socket_directories")?).to_owned()));
    let by_settings = || folder.filter(|folder| !folder.is_empty()).map(|folder| path::join(&folder, &name));
    let socket = by_table.or_else(|| by_settings().map(Listener::Unix));
    let tcp = inspection.tcp_at(port).map(Listener::Tcp);
    let is_open = tcp.is_some();
    let is_told =
        settings.get("shared_preload_libraries").is_some_and(|it| it.contains("pg_stat_statements"));
    inspection.speaks_at(is_open.then_some(port).into_iter().collect(), is_told);
    // Where it listens may be hidden from us; then the usual places are tried.
    let usual = || {
        SOCKETS.iter().map(|folder| path::join(folder, &name)).find(|it| inspection.process.root.exists(it))
    };
    let local = || inspection.process.is_hidden.then_some(Listener::Tcp(([127, 0, 0, 1], port).into()));
    match socket.or(tcp).or_else(|| usual().map(Listener::Unix)).or_else(local) {
        // By the socket a service may know who we are: as its own user it need not be told a password.
        Some(listener) => {
            let ask = inspection.ask("postgresql", &listener);
            let as_user = inspection.process.user.zip(inspection.process.group);
            inspection.asks("statistics", Ask { as_user, ..ask });
        }
        None => {
            inspection.look_again();
            inspection.problem("it listens neither at a socket nor at a port that the agent can see");
        }
    }
}

fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or("").trim().trim_matches('"')
}
