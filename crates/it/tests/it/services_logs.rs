//! What real services write of themselves, read without anybody naming it: slow statements, failures and a deadlock of a
//! PostgreSQL, the slow log of a PHP-FPM.

use crate::logs::sum;
use crate::services::postgresql;
use crate::services_pull::has;
use it::process::{Folder, Running, Server};
use it::skip;
use it::wait::until;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(120);

fn start(folder: &Folder) -> Server {
    let config = folder.path().join("windhover.toml");
    fs::write(&config, "[logs]\ninterval = \"1s\"\n").unwrap();
    let config = config.to_str().unwrap().to_owned();
    let arguments = ["--host", "merlin", "--discover-interval", "1s", "--config", &config];
    Server::start("up", &folder.path().join("data"), 0, &arguments)
}

fn as_postgres(line: &str) -> Command {
    let mut command = Command::new("su");
    command.args(["postgres", "-s", "/bin/sh", "-c", line]).current_dir("/");
    command
}

fn done(mut command: Command) -> bool {
    command.output().unwrap().status.success()
}

/// A PostgreSQL below a folder, reached by a socket in it.
struct Postgres {
    bin: String,
    at: String,
}

impl Postgres {
    /// Where it writes lines with an odd prefix.
    fn start(folder: &Folder, bin: String) -> Option<Self> {
        let at = folder.path().join("pg");
        fs::create_dir_all(&at).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        if !Command::new("chown").arg("postgres").arg(&at).status().is_ok_and(|status| status.success()) {
            return None;
        }
        let at = at.display().to_string();
        assert!(done(as_postgres(&format!("{bin}/initdb -A trust -D {at}/d"))));
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{at}'\nlogging_collector = on\nlog_filename = 'x-%Y.log'\n\
             log_line_prefix = '<%e> %-20d|%m %q%a '\nlog_min_duration_statement = 100\ndeadlock_timeout = 50ms\n"
        );
        fs::write(format!("{at}/d/postgresql.conf"), settings).unwrap();
        assert!(done(as_postgres(&format!("{bin}/pg_ctl -w -l {at}/out -D {at}/d start"))));
        Some(Self { bin, at })
    }

    fn session(&self, statements: &[&str]) -> Child {
        let words: String = statements.iter().map(|text| format!(" -c \"{text}\"")).collect();
        as_postgres(&format!("{}/psql -h {} {words} postgres", self.bin, self.at)).spawn().unwrap()
    }

    fn run(&self, statements: &[&str]) {
        self.session(statements).wait().unwrap();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        done(as_postgres(&format!("{}/pg_ctl -m immediate -D {}/d stop", self.bin, self.at)));
    }
}

#[test]
fn a_postgresql_tells_slow_statements_failures_and_deadlocks_by_its_log() {
    let Some(bin) = postgresql() else { return skip("postgresql is not installed") };
    let folder = Folder::new("services-logs-postgresql");
    let server = start(&folder);
    let Some(postgres) = Postgres::start(&folder, bin) else {
        return skip("not root: PostgreSQL's user cannot be made the owner of a folder");
    };
    let is_of_it = format!("log_file=~\"{}/d/log/x-.*\"", postgres.at);
    let count = |metric: &str, more: &str| sum(&server, &format!("{metric}{{{is_of_it}{more}}}"));
    let failed = |code: &str| count("log_message_codes_total", &format!(",code=\"{code}\""));
    // What it wrote before anybody looked may not count.
    until("its log to be read", SOON, || {
        postgres.run(&["LOCK nowhere"]);
        (failed("25P01") > 0.0).then_some(())
    });
    postgres.run(&["CREATE TABLE t (a int primary key, b int)", "INSERT INTO t VALUES (1, 0), (2, 0)"]);
    postgres.run(&["SELECT\n  pg_sleep(0.3),\n  1", "SELECT * FROM nowhere", "SELECT 1 / 0"]);
    let other = |first: u8, then: u8| {
        let update = |row: u8| format!("UPDATE t SET b = b + 1 WHERE a = {row}");
        let (first, then) = (update(first), update(then));
        postgres.session(&["BEGIN", &first, "SELECT pg_sleep(1)", &then, "COMMIT"])
    };
    let (mut one, mut two) = (other(1, 2), other(2, 1));
    one.wait().unwrap();
    two.wait().unwrap();
    until("all failures", SOON, || {
        ["42P01", "22012", "40P01"].iter().all(|code| failed(code) == 1.0).then_some(())
    });
    let errors = count("log_messages_total", ",severity=\"error\",database=\"postgres\"");
    assert_eq!(errors, 3.0 + failed("25P01"));
    assert_eq!(count("log_events_total", ",event=\"deadlock\""), 1.0);
    // The one that slept, two that slept within transactions, and perhaps the update that had to wait.
    until("all statements", SOON, || (count("log_statement_seconds_count", "") >= 3.0).then_some(()));
    let slept = count("log_statements_total", ",operation=\"SELECT\",database=\"postgres\"");
    assert_eq!(slept, 3.0);
    let seconds = count("log_statement_seconds_sum", "");
    assert!((2.3..60.0).contains(&seconds), "{seconds}");
    assert_eq!(count("log_lines_unmatched_total", ""), 0.0);
}

#[test]
fn a_php_fpm_tells_by_its_slow_log_where_a_request_stood() {
    let found = ["8.4", "8.3", "8.2"].map(|v| format!("/usr/sbin/php-fpm{v}")).into_iter().find(|p| has(p));
    let Some(program) = found else { return skip("php-fpm is not installed") };
    let folder = Folder::new("services-logs-php-fpm");
    let at = folder.path().display().to_string();
    let settings = format!(
        "[global]\ndaemonize = no\nerror_log = {at}/error.log\n[www]\nuser = root\ngroup = root\nlisten = {at}/www.sock\npm = static\n\
         pm.max_children = 1\nslowlog = {at}/$pool.slow\nrequest_slowlog_timeout = 1s\n"
    );
    let file = folder.path().join("fpm.conf");
    fs::write(&file, settings).unwrap();
    let script = format!("{at}/cart.php");
    fs::write(&script, "<?php\nfunction wait_long() { sleep(3); }\nwait_long();\n").unwrap();
    let server = start(&folder);
    let _php = Running::start(Command::new(program).args(["-R", "-y", file.to_str().unwrap()]));
    let socket = format!("{at}/www.sock");
    until("PHP-FPM to listen", SOON, || UnixStream::connect(&socket).ok());
    let count = |selector: &str| sum(&server, selector);
    let slow = format!(
        "log_slow_requests_total{{log_file=\"{at}/www.slow\",function=\"sleep()\",script=\"{script}\"}}"
    );
    // What it wrote before anybody looked may not count.
    until("a slow request", SOON, || {
        request(&socket, &script);
        (count(&slow) > 0.0).then_some(())
    });
    let told = format!("log_events_total{{log_file=\"{at}/error.log\",event=\"slow_request\"}}");
    until("the same among its messages", SOON, || (count(&told) >= count(&slow)).then_some(()));
}

/// Asks for a script as a web server does, by FastCGI, and waits for the answer.
fn request(socket: &str, script: &str) {
    let record = |kind: u8, body: &[u8]| {
        let [high, low] = (body.len() as u16).to_be_bytes();
        [&[1, kind, 0, 1, high, low, 0, 0], body].concat()
    };
    let variables = [("SCRIPT_FILENAME", script), ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/cart")];
    let encoded = |(name, value): (&str, &str)| {
        [&[name.len() as u8, value.len() as u8], name.as_bytes(), value.as_bytes()].concat()
    };
    let variables: Vec<u8> = variables.into_iter().flat_map(encoded).collect();
    let mut stream = UnixStream::connect(socket).unwrap();
    for record in
        [record(1, &[0, 1, 0, 0, 0, 0, 0, 0]), record(4, &variables), record(4, b""), record(5, b"")]
    {
        stream.write_all(&record).unwrap();
    }
    let _ = stream.read_to_end(&mut Vec::new());
}
