//! PostgreSQL 9.6 and later, asked in SQL.
//!
//! What is asked is a table of queries ([`queries`]) whose columns are called as the metrics are: the first columns are the
//! values of their labels. So a query is read without code of its own.

mod metrics;
mod queries;
mod wire;

use super::ask::Ask;
use super::link::Link;
use super::session::{Kept, Session};
use super::target::Address;
use super::{Error, Row};
use metrics::METRICS;
use queries::{QUERIES, Query};
use std::path::{Path, PathBuf};
use wire::Connection;

pub(super) const ROW: Row = Row {
    name: "postgresql",
    summary: "PostgreSQL 9.6 to 18: databases, connections and what they wait for, locks, checkpoints, WAL, replication and \
              slots, vacuum and the age of transactions, sizes, the largest tables, the dearest statements.",
    port: 5432,
    needs: "Needs a role: `CREATE ROLE windhover LOGIN PASSWORD '…'; GRANT pg_monitor TO windhover;` and the password in the \
            settings of this service. Or no password: a line `local all windhover peer` in `pg_hba.conf` and an agent that \
            runs as `windhover`. An agent that runs as root asks over the unix socket as the server's own user. Statements \
            need the extension: `CREATE EXTENSION pg_stat_statements;` in the database that is connected to (`postgres`).",
    metrics: &METRICS,
    open: || Box::<Kept<Postgresql>>::default(),
};

/// The role asked for where none is set.
const ROLE: &str = "windhover";
/// The database connected to where none is set.
const DATABASE: &str = "postgres";
/// Most databases whose tables are looked at.
const DATABASES_MAX: usize = 16;
/// Nothing we ask may wait for long, change anything, or find tables of somebody else under well-known names.
const MANNERS: &str = "SET statement_timeout = '5s'; SET lock_timeout = '500ms'; SET default_transaction_read_only = on; \
                       SET search_path = pg_catalog";

struct Postgresql {
    connection: Connection,
    user: String,
    /// `server_version_num`.
    version: u32,
    /// Of the extension pg_stat_statements, and the schema it is in.
    statements: Option<(u32, String)>,
}

impl Session for Postgresql {
    fn open(ask: &mut Ask<'_>) -> Result<Self, Error> {
        let database = or(&ask.target.database, DATABASE).to_owned();
        let (connection, user) = connect(ask, &database)?;
        let mut session = Self { connection, user, version: 0, statements: None };
        session.learn()?;
        Ok(session)
    }

    fn link(&mut self) -> &mut Link {
        &mut self.connection.link
    }

    fn pull(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let is_ours = |query: &&Query| !query.is_per_database;
        for query in QUERIES.iter().filter(is_ours) {
            self.put(query, ask)?;
        }
        if ask.is_full {
            self.advise(ask)?;
            self.tables(ask)?;
        }
        Ok(())
    }
}

impl Postgresql {
    /// Minds our manners, and learns whom we speak with.
    fn learn(&mut self) -> Result<(), Error> {
        self.connection.query(MANNERS)?;
        let version = self.connection.query("SELECT current_setting('server_version_num')")?;
        let version = version.first(0).and_then(|text| text.parse().ok());
        self.version = version.ok_or_else(|| Error::malformed("no server_version_num"))?;
        let sql = "SELECT e.extversion, quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n \
                   ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'";
        let found = self.connection.query(sql)?;
        let version = found.first(0).and_then(extension_version);
        self.statements = version.zip(found.first(1).map(str::to_owned));
        Ok(())
    }

    fn put(&mut self, query: &Query, ask: &mut Ask<'_>) -> Result<(), Error> {
        let Some(sql) = query.sql(self.version, self.statements.as_ref(), ask.is_full) else { return Ok(()) };
        let answer = self.connection.query(&sql);
        if let Some(table) = ask.tolerate(answer)? {
            table.record(&METRICS, ask);
        }
        Ok(())
    }

    /// Says so when we are shown only our own sessions.
    fn advise(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        if self.version < 100_000 {
            return Ok(());
        }
        let may = self.connection.query("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')")?;
        if may.first(0) == Some("f") {
            ask.remark(format!(
                "the role may not see other users' sessions: GRANT pg_monitor TO {};",
                self.user
            ));
        }
        Ok(())
    }

    /// The largest tables of every database, each over a connection of its own: a session sees one database only.
    fn tables(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let sql = format!(
            "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate \
             AND has_database_privilege(datname, 'CONNECT') ORDER BY pg_database_size(datname) DESC LIMIT {DATABASES_MAX}"
        );
        let names = self.connection.query(&sql);
        let Some(names) = ask.tolerate(names)? else { return Ok(()) };
        for at in 0..names.rows.len() {
            let Some(name) = names.rows[at].first().cloned().flatten() else { continue };
            let outcome = self.tables_of(&name, ask);
            // One database that takes no connections does not hide the others.
            if let Err(error) = outcome {
                ask.remark(format!("database {name}: {error}"));
            }
        }
        Ok(())
    }

    fn tables_of(&mut self, database: &str, ask: &mut Ask<'_>) -> Result<(), Error> {
        let place_user = ask.target.place.user.filter(|_| ask.target.user.is_empty() && self.user != ROLE);
        let mut other = connect_as(ask, &self.user, place_user, database)?;
        other.query(MANNERS)?;
        for query in QUERIES.iter().filter(|query| query.is_per_database) {
            let Some(sql) = query.sql(self.version, None, ask.is_full) else { continue };
            other.query(&sql)?.record(&METRICS, ask);
        }
        Ok(())
    }
}

/// Connects as the role that is set; where none is, as `windhover`, then as the user the server runs as.
fn connect(ask: &mut Ask<'_>, database: &str) -> Result<(Connection, String), Error> {
    let (user, place_user) = (ask.target.user.clone(), ask.target.place.user);
    if !user.is_empty() {
        return Ok((connect_as(ask, &user, place_user, database)?, user));
    }
    let first = match connect_as(ask, ROLE, None, database) {
        Err(error @ Error::Denied(_)) if place_user.is_some() => error,
        outcome => return Ok((outcome?, ROLE.to_owned())),
    };
    let owner = place_user.and_then(|(user, _)| user_name(&ask.target.place.root, user));
    let owner = owner.unwrap_or_else(|| "postgres".into());
    match connect_as(ask, &owner, place_user, database) {
        Ok(connection) => Ok((connection, owner)),
        // The remedy is about the role people are to make, not about the superuser's.
        Err(_) => Err(first),
    }
}

fn connect_as(
    ask: &mut Ask<'_>,
    user: &str,
    place_user: Option<(u32, u32)>,
    database: &str,
) -> Result<Connection, Error> {
    let address = match ask.target.address(ask.row) {
        Address::Path(path) => Address::Path(socket(&ask.target.place.root, path)),
        address => address,
    };
    // Over its socket it speaks no TLS.
    let is_tls = ask.target.is_tls && matches!(address, Address::Tcp(..));
    let link = ask.connect_as(&address, place_user)?;
    match Connection::start(ask, link, is_tls, user, database) {
        Err(Error::Insecure(_)) if !is_tls => {
            let link = ask.connect_as(&address, place_user)?;
            Connection::start(ask, link, true, user, database)
        }
        outcome => outcome,
    }
}

/// The socket in a folder of sockets, as `unix_socket_directories` names it.
fn socket(root: &Path, path: PathBuf) -> PathBuf {
    if super::dial::below(root, &path).is_dir() { path.join(".s.PGSQL.5432") } else { path }
}

/// The name of a user of the system the service sees.
fn user_name(root: &Path, user: u32) -> Option<String> {
    let users = std::fs::read_to_string(super::dial::below(root, Path::new("/etc/passwd"))).ok()?;
    let number = user.to_string();
    let line = users.lines().find(|line| line.split(':').nth(2) == Some(&*number))?;
    line.split(':').next().map(str::to_owned)
}

/// `1.10` as 110.
fn extension_version(text: &str) -> Option<u32> {
    let (major, minor) = text.split_once('.')?;
    Some(major.parse::<u32>().ok()? * 100 + minor.parse::<u32>().ok()?)
}

fn or<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}
