//! MySQL, MariaDB, Percona Server.

mod logs;
mod options;

use super::{Mark, Reread, Service};
use crate::process::listeners::Listener;
use crate::root::path;
use crate::{Inspection, Process};

pub(super) static SERVICE: Service = Service {
    name: "mysql",
    summary: "Its status: statements, connections, InnoDB, replication, statement digests; its error log and slow log.",
    signs: "a program called mysqld or mariadbd",
    configuration: "the command line; `--defaults-file`, else /etc/my.cnf, /etc/mysql/my.cnf, MYSQL_HOME and \
                    `--defaults-extra-file`, ~/.my.cnf, with what they include; the groups that its version and kind read; what SET \
                    PERSIST wrote",
    recognise,
    inspect,
    reread: Reread::WithFiles,
    ports: &[PORT],
    speaks: "mysql",
};

const PORT: u16 = 3306;
/// Where distributions have the socket.
const SOCKETS: [&str; 2] = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock"];
/// What is shown of the options.
const SHOWN: [&str; 9] = [
    "port",
    "socket",
    "bind_address",
    "datadir",
    "log_error",
    "slow_query_log",
    "slow_query_log_file",
    "long_query_time",
    "performance_schema",
];

fn recognise(process: &Process) -> Option<Mark> {
    let is_tool = process
        .arguments
        .iter()
        .any(|word| matches!(word.as_str(), "--help" | "--bootstrap" | "--initialize"));
    let names = ["mysqld", "mariadbd", "mysqld-debug", "ndb-mysqld"];
    (process.is_called(&names) && !is_tool).then_some(Mark::Top)
}

fn inspect(inspection: &mut Inspection<'_>) {
    let options = options::read(inspection);
    for name in SHOWN {
        if let Some((value, origin)) = options.get(name) {
            inspection.fact(name, format!("{value} ({origin})"));
        }
    }
    let value = |name: &str| options.get(name).map(|(value, _)| value.clone());
    logs::plan(inspection, &options);
    let folder = value("datadir").or_else(|| inspection.process.folder.clone()).unwrap_or_default();
    let port: Option<u16> = value("port").and_then(|port| port.parse().ok());
    // The X protocol has a socket and a port of its own.
    let is_x = |path: &str| path.contains("mysqlx");
    let is_its = |listener: &&Listener| matches!(listener, Listener::Unix(path) if !is_x(path));
    let by_table = inspection.listeners.iter().find(is_its).cloned();
    let by_options = || value("socket").map(|socket| Listener::Unix(path::join(&folder, &socket)));
    let usual = inspection.ports().into_iter().find(|port| *port != 33060);
    let tcp = port.or(usual).and_then(|port| inspection.tcp_at(port));
    let where_else = tcp.or_else(|| inspection.tcp_at(usual?)).map(Listener::Tcp);
    let named = port.or(usual).map(|port| port.to_string());
    let open = where_else.as_ref().and(port.or(usual));
    let is_told = has_digests(inspection.process, value("performance_schema").as_deref());
    inspection.speaks_at(open.into_iter().collect(), is_told);
    // Where it listens may be hidden from us; then the usual place is tried.
    let guess = || inspection.process.is_hidden.then(|| guess(inspection.process, port));
    match by_table.or(where_else).or_else(by_options).or_else(guess) {
        Some(listener) => {
            inspection.plan.name = match &listener {
                Listener::Unix(socket) if usual.is_none() => socket.clone(),
                _ => named.unwrap_or_else(|| PORT.to_string()),
            };
            let ask = inspection.ask("mysql", &listener);
            inspection.asks("status", ask);
        }
        None => {
            inspection.look_again();
            inspection.problem("it listens neither at a socket nor at a port that the agent can see");
        }
    }
}

/// Whether it counts statements by their digests: MySQL does unless told not to, MariaDB only when told.
fn has_digests(process: &Process, performance_schema: Option<&str>) -> bool {
    let is_mariadb = || process.arguments.iter().any(|word| word.contains("mariadb"));
    match performance_schema {
        Some(word) => crate::text::is_yes(word),
        None => !process.is_called(&["mariadbd"]) && !is_mariadb(),
    }
}

fn guess(process: &Process, port: Option<u16>) -> Listener {
    let socket = SOCKETS.iter().find(|socket| port.is_none() && process.root.exists(socket));
    let tcp = || Listener::Tcp(([127, 0, 0, 1], port.unwrap_or(PORT)).into());
    socket.map_or_else(tcp, |socket| Listener::Unix((*socket).to_owned()))
}
