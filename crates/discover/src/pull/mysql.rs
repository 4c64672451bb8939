//! MySQL 5.7 and later, MariaDB 10 and later, and what is built on them (Percona, Galera).

mod metrics;
mod queries;
mod status;
mod wire;

use super::ask::Ask;
use super::link::Link;
use super::session::{Kept, Session};
use super::target::Address;
use super::{Error, Row};
use metrics::METRICS;
use queries::QUERIES;
use wire::{Channel, Connection};

pub(super) const ROW: Row = Row {
    name: "mysql",
    summary: "MySQL, MariaDB, Percona, Galera: connections, commands, InnoDB, replication, sessions by what they do, binary \
              logs, sizes, the dearest statements.",
    port: 3306,
    needs: "Needs a user: `CREATE USER windhover@localhost IDENTIFIED BY '…'; GRANT PROCESS, REPLICATION CLIENT, SELECT ON \
            *.* TO windhover@localhost;` (MariaDB from 10.5 on: also `REPLICA MONITOR`) and the password in the settings of \
            this service. Or no password: `IDENTIFIED VIA unix_socket` (MySQL: `WITH auth_socket`) and an agent that runs as \
            `windhover`. An agent that runs as root asks over the unix socket as `root`. Statements need `performance_schema = ON`.",
    metrics: &METRICS,
    open: || Box::<Kept<Mysql>>::default(),
};

/// The user asked for where none is set.
const USER: &str = "windhover";

struct Mysql {
    connection: Connection,
    server: Server,
}

/// Whom we speak with.
#[derive(Debug, Clone, Copy)]
struct Server {
    is_mariadb: bool,
    /// `8.0.36` as 80036.
    version: u32,
}

impl Session for Mysql {
    fn open(ask: &mut Ask<'_>) -> Result<Self, Error> {
        let mut connection = connect(ask)?;
        let text = connection.version.clone();
        let server = Server { is_mariadb: text.contains("MariaDB"), version: version(&text) };
        // Nothing we ask may wait for long.
        let limit = if server.is_mariadb { "max_statement_time = 5" } else { "max_execution_time = 5000" };
        connection.query(&format!("SET SESSION {limit}, lock_wait_timeout = 1"))?;
        Ok(Self { connection, server })
    }

    fn link(&mut self) -> &mut Link {
        &mut self.connection.link
    }

    fn pull(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let Self { connection, server } = self;
        status::read(&connection.query("SHOW GLOBAL STATUS")?, ask);
        let variables = connection.query(&format!(
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ({})",
            status::VARIABLES.map(|name| format!("'{name}'")).join(", ")
        ))?;
        let has_binary_log = status::variables(&variables, ask);
        let replication = connection.query(server.replica_status());
        if let Some(table) = ask.tolerate(replication)? {
            status::replication(&table, ask);
        }
        if has_binary_log && ask.is_full {
            let logs = connection.query("SHOW BINARY LOGS");
            if let Some(table) = ask.tolerate(logs)? {
                status::binary_logs(&table, ask);
            }
        }
        let is_full = ask.is_full;
        for query in QUERIES.iter().filter(|query| query.is_for(*server, is_full)) {
            let answer = connection.query(query.sql);
            if let Some(table) = ask.tolerate(answer)? {
                table.record(&METRICS, ask);
            }
        }
        Ok(())
    }
}

impl Server {
    fn replica_status(self) -> &'static str {
        match self {
            // All connections to masters, which others call channels and always tell.
            Self { is_mariadb: true, .. } => "SHOW ALL SLAVES STATUS",
            Self { version: 80_022.., .. } => "SHOW REPLICA STATUS",
            _ => "SHOW SLAVE STATUS",
        }
    }
}

/// Connects as the user that is set; where none is, as `windhover`, then as `root` if we are.
fn connect(ask: &mut Ask<'_>) -> Result<Connection, Error> {
    let (user, password) = (ask.target.user.clone(), ask.target.password.clone());
    if !user.is_empty() {
        return connect_as(ask, &user, &password);
    }
    let mut first = connect_as(ask, USER, &password);
    let is_socket = matches!(ask.target.address(ask.row), Address::Path(_));
    if !is_socket || !rustix::process::geteuid().is_root() {
        return first;
    }
    let is_nobody = match &mut first {
        Ok(connection) => is_anonymous(connection)?,
        Err(error) => matches!(error, Error::Denied(_)),
    };
    // The remedy is about the user people are to make.
    if is_nobody { connect_as(ask, "root", "").or(first) } else { first }
}

/// Whether we were taken for the user without a name, whom a fresh server has for everybody and who may see nothing.
fn is_anonymous(connection: &mut Connection) -> Result<bool, Error> {
    let user = connection.query("SELECT CURRENT_USER()")?;
    Ok(user.first(0).is_some_and(|user| user.starts_with('@')))
}

fn connect_as(ask: &mut Ask<'_>, user: &str, password: &str) -> Result<Connection, Error> {
    let address = ask.target.address(ask.row);
    let is_private = matches!(address, Address::Path(_));
    let place_user = ask.target.place.user.filter(|_| !ask.target.user.is_empty());
    let is_tls = ask.target.is_tls && !is_private;
    let link = ask.connect_as(&address, place_user)?;
    match Connection::start(ask, link, Channel { is_private, is_tls }, user, password) {
        Err(Error::Insecure(_)) if !is_private && !is_tls => {
            let link = ask.connect_as(&address, place_user)?;
            Connection::start(ask, link, Channel { is_private, is_tls: true }, user, password)
        }
        outcome => outcome,
    }
}

/// The first three numbers of `8.0.36-log`.
fn version(text: &str) -> u32 {
    let mut numbers =
        text.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0).min(99));
    let [major, minor, patch] = std::array::from_fn(|_| numbers.next().unwrap_or(0));
    major * 10_000 + minor * 100 + patch
}
