//! Services asked for their numbers by `windhover service`: real ones, in odd setups, and ones that are no such service.

use it::process::{Folder, Running, binary, free_port};
use it::skip;
use it::wait::until;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(90);
const PASSWORD: &str = "pencil";

/// What was printed, and what was complained of.
pub(crate) struct Told {
    pub(crate) numbers: String,
    pub(crate) problem: String,
}

impl Told {
    /// The value of a series, its labels as they are printed.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let line = self.numbers.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok())
    }

    pub(crate) fn is_up(&self) -> bool {
        self.numbers.lines().any(|line| line.starts_with("service_up{") && line.ends_with(" 1"))
    }

    #[track_caller]
    pub(crate) fn has(&self, series: &str, value: f64) {
        assert_eq!(self.value(series), Some(value), "{series} of\n{}{}", self.numbers, self.problem);
    }
}

pub(crate) fn ask(arguments: &[&str], password: &str) -> Told {
    let mut command = Command::new(binary());
    command.arg("service").args(arguments).env("WINDHOVER_SERVICE_PASSWORD", password);
    let Output { stdout, stderr, .. } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Told { numbers: text(stdout), problem: text(stderr) }
}

/// Asks until the service is up.
pub(crate) fn ask_when_up(arguments: &[&str], password: &str) -> Told {
    until("the service to answer", SOON, || Some(ask(arguments, password)).filter(Told::is_up))
}

pub(crate) fn has(program: &str) -> bool {
    Path::new(program).exists()
}

fn talk(port: u16, words: &[u8]) -> String {
    let mut stream = until("the port to open", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
    stream.write_all(words).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn redis_behind_a_password_on_a_socket_with_a_long_path() {
    const REDIS: &str = "/usr/bin/redis-server";
    if !has(REDIS) {
        return skip("redis is not installed");
    }
    let folder = Folder::new("services-redis");
    let (port, at) = (free_port(), folder.path().display().to_string());
    // Longer than the address of a socket may be: Redis itself gets there by its working folder.
    let deep = folder.path().join("deep".repeat(30));
    std::fs::create_dir_all(&deep).unwrap();
    let _redis = Running::start(
        Command::new(REDIS)
            .current_dir(&deep)
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--unixsocket",
                "s.sock",
                "--save",
                "",
            ])
            .args(["--requirepass", PASSWORD, "--dir", deep.to_str().unwrap()]),
    );
    let socket = deep.join("s.sock").display().to_string();
    assert!(socket.len() > 108 && at.len() < socket.len());
    let address = format!("127.0.0.1:{port}");
    let talked = talk(port, format!("AUTH {PASSWORD}\r\nSET a 1\r\nGET a\r\nGET none\r\nACL SETUSER poor on >poor -@all +info\r\nQUIT\r\n").as_bytes());
    assert!(talked.contains("+OK"), "{talked}");
    for target in [&socket, &address] {
        let told = ask_when_up(&["redis", target], PASSWORD);
        told.has("redis_keys{db=\"0\"}", 1.0);
        told.has("redis_keyspace_hits_total", 1.0);
        told.has("redis_keyspace_misses_total", 1.0);
        told.has("redis_command_calls_total{command=\"set\"}", 1.0);
        assert_eq!(told.problem, "");
    }
    let denied = ask(&["redis", &address], "");
    assert!(!denied.is_up() && denied.problem.contains("wants a password"), "{}", denied.problem);
    let poor = ask(&["redis", &address, "--user", "poor"], "poor");
    assert!(
        poor.is_up() && poor.problem.contains("ACL SETUSER"),
        "what may be told is told: {}",
        poor.problem
    );
}

#[test]
fn memcached_tells_hits_and_misses() {
    const MEMCACHED: &str = "/usr/bin/memcached";
    if !has(MEMCACHED) {
        return skip("memcached is not installed");
    }
    let port = free_port();
    let _memcached = Running::start(Command::new(MEMCACHED).args([
        "-u",
        "nobody",
        "-l",
        "127.0.0.1",
        "-p",
        &port.to_string(),
    ]));
    talk(port, b"set k 0 0 3\r\nabc\r\nget k\r\nget none\r\nquit\r\n");
    let told = ask_when_up(&["memcached", &format!(":{port}")], "");
    told.has("memcached_items", 1.0);
    told.has("memcached_lookups_total{command=\"get\",outcome=\"hit\"}", 1.0);
    told.has("memcached_lookups_total{command=\"get\",outcome=\"miss\"}", 1.0);
}

/// Runs something as another user of the system, and waits.
pub(crate) fn as_user(user: &str, program: &str, arguments: &[&str]) {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", program]).args(arguments);
    let output = command.current_dir("/").output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Gives a folder to another user.
pub(crate) fn give(path: &Path, user: &str) {
    std::fs::create_dir_all(path).unwrap();
    std::fs::set_permissions(path.parent().unwrap(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Command::new("chown").args([user, path.to_str().unwrap()]).status().unwrap().success());
}

fn ids(user: &str) -> String {
    let id = |flag: &str| {
        String::from_utf8(Command::new("id").args([flag, user]).output().unwrap().stdout).unwrap()
    };
    format!("{}:{}", id("-u").trim(), id("-g").trim())
}

#[test]
fn postgresql_lets_us_in_by_password_and_by_who_we_are() {
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let Some(programs) = installed.map(|version| version.path().join("bin")).max() else {
        return skip("postgresql is not installed");
    };
    let folder = Folder::new("services-postgresql");
    let (data, port) = (folder.path().join("data"), free_port().to_string());
    give(&data, "postgres");
    let (at, program) = (data.display().to_string(), |name: &str| programs.join(name).display().to_string());
    as_user(
        "postgres",
        &program("initdb"),
        &["-D", &at, "-A", "trust", "-U", "postgres", "--locale=C", "-E", "UTF8"],
    );
    let rules = "local all all peer\nhost all windhover 127.0.0.1/32 scram-sha-256\nhost all old 127.0.0.1/32 md5\n\
                 host all all 127.0.0.1/32 trust\n";
    std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(program("postgres"));
    command.args([
        "-D",
        &at,
        "-p",
        &port,
        "-h",
        "127.0.0.1",
        "-k",
        &at,
        "-c",
        "shared_preload_libraries=pg_stat_statements",
    ]);
    let _server = Running::start(&mut command);
    let sql = |database: &str, text: &str| {
        Command::new("psql")
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", database, "-c", text])
            .output()
    };
    until("the server to take statements", SOON, || {
        sql("postgres", "SELECT 1").ok().filter(|o| o.status.success())
    });
    for text in [
        "CREATE EXTENSION pg_stat_statements",
        "CREATE ROLE windhover LOGIN PASSWORD 'pencil'",
        "SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'pencil'; GRANT pg_monitor TO old",
        "CREATE DATABASE shop",
    ] {
        assert!(sql("postgres", text).unwrap().status.success(), "{text}");
    }
    sql("shop", "CREATE TABLE \"order item\" (id int PRIMARY KEY); INSERT INTO \"order item\" SELECT generate_series(1, 500)").unwrap();

    let address = format!("127.0.0.1:{port}");
    let told = ask(&["postgresql", &address], PASSWORD);
    assert!(told.is_up() && told.problem.contains("GRANT pg_monitor TO"), "{}", told.problem);
    let told = ask(&["postgresql", &address, "--user", "old"], PASSWORD);
    assert_eq!(told.problem, "", "MD5 does as well");
    told.has("postgresql_connections_limit", 100.0);
    told.has("postgresql_indexes_invalid{database=\"shop\"}", 0.0);
    assert!(told.numbers.contains("table=\"order item\""), "{}", told.numbers);
    assert!(told.numbers.contains("postgresql_statement_calls_total{"), "{}", told.numbers);
    assert!(!told.numbers.contains(PASSWORD), "passwords stand in the texts of statements");
    let wrong = ask(&["postgresql", &address], "wrong");
    assert!(!wrong.is_up() && wrong.problem.contains("password authentication failed"), "{}", wrong.problem);
    let none = ask(&["postgresql", &address], "");
    assert!(none.problem.contains("CREATE ROLE windhover LOGIN PASSWORD"), "{}", none.problem);
    let socket = format!("{at}/.s.PGSQL.{port}");
    let peer = ask(&["postgresql", &socket, "--as", &ids("postgres")], "");
    assert!(peer.is_up(), "as the server's own user: {}", peer.problem);
}

#[test]
fn mariadb_lets_root_in_by_the_socket_and_others_by_password() {
    const SERVER: &str = "/usr/sbin/mariadbd";
    if !has(SERVER) {
        return skip("mariadb is not installed");
    }
    let folder = Folder::new("services-mariadb");
    let (data, port) = (folder.path().join("data"), free_port());
    give(&data, "mysql");
    let at = data.display().to_string();
    let install = Command::new("mariadb-install-db")
        .args([
            "--no-defaults",
            "--user=mysql",
            &format!("--datadir={at}"),
            "--auth-root-authentication-method=socket",
        ])
        .output();
    assert!(install.is_ok_and(|output| output.status.success()));
    let _server = Running::start(Command::new(SERVER).args([
        "--no-defaults",
        "--user=mysql",
        &format!("--datadir={at}"),
        &format!("--socket={at}/s.sock"),
        &format!("--port={port}"),
        "--bind-address=127.0.0.1",
        "--log-bin",
    ]));
    let socket = format!("{at}/s.sock");
    let told = ask_when_up(&["mysql", &socket], "");
    assert_eq!(told.problem, "");
    told.has("mysql_read_only", 0.0);
    told.has("mysql_binary_log", 1.0);
    let sql = "CREATE USER windhover@localhost IDENTIFIED BY 'pencil'; GRANT PROCESS ON *.* TO windhover@localhost; \
               CREATE DATABASE shop; CREATE TABLE shop.item (id INT PRIMARY KEY); INSERT INTO shop.item VALUES (1)";
    let client = Command::new("mariadb").args(["-S", &socket, "-e", sql]).output().unwrap();
    assert!(client.status.success(), "{}", String::from_utf8_lossy(&client.stderr));
    let address = format!("127.0.0.1:{port}");
    let told = ask(&["mysql", &address], PASSWORD);
    assert!(told.is_up() && told.problem.contains("REPLICA MONITOR"), "{}", told.problem);
    told.has("mysql_commands_total{command=\"insert\"}", 1.0);
    let wrong = ask(&["mysql", &address], "wrong");
    assert!(!wrong.is_up() && wrong.problem.contains("CREATE USER windhover@localhost"), "{}", wrong.problem);
}

#[test]
fn haproxy_is_asked_over_its_socket_and_its_page() {
    const HAPROXY: &str = "/usr/sbin/haproxy";
    if !has(HAPROXY) {
        return skip("haproxy is not installed");
    }
    let folder = Folder::new("services-haproxy");
    let (front, page, dead, commands) = (free_port(), free_port(), free_port(), free_port());
    let at = folder.path().display();
    let text = format!(
        "global\n stats socket {at}/s.sock level user\n stats socket ipv4@127.0.0.1:{commands} level user\ndefaults\n mode http\n timeout connect 1s\n timeout client 5s\n \
         timeout server 5s\nfrontend web\n bind 127.0.0.1:{front}\n default_backend app\nbackend app\n \
         server gone 127.0.0.1:{dead} check inter 100 fall 1\nlisten stats\n bind 127.0.0.1:{page}\n stats enable\n \
         stats uri /numbers\n"
    );
    std::fs::write(folder.path().join("c.cfg"), text).unwrap();
    let _haproxy = Running::start(Command::new(HAPROXY).args(["-db", "-f", &format!("{at}/c.cfg")]));
    let answer = talk(front, b"GET / HTTP/1.0\r\n\r\n");
    assert!(answer.contains("503"), "{answer}");
    let down = "haproxy_server_up{proxy=\"app\",server=\"gone\"}";
    let told = until("the dead server to be noticed", SOON, || {
        Some(ask(&["haproxy", &format!("{at}/s.sock")], "")).filter(|told| told.value(down) == Some(0.0))
    });
    told.has("haproxy_frontend_answers_total{class=\"5xx\",proxy=\"web\"}", 1.0);
    told.has("haproxy_backend_up{proxy=\"app\"}", 0.0);
    let told = ask(&["haproxy", &format!("127.0.0.1:{commands}")], "");
    told.has(down, 0.0);
    let told = ask(&["haproxy", &format!("http://127.0.0.1:{page}/numbers")], "");
    told.has(down, 0.0);
    let lost = ask(&["haproxy", &format!("http://127.0.0.1:{page}/elsewhere")], "");
    assert!(!lost.is_up() && !lost.problem.is_empty());
}

#[test]
fn php_fpm_tells_of_its_pool_or_what_it_lacks() {
    let Some(program) =
        ["8.4", "8.3", "8.2"].map(|v| format!("/usr/sbin/php-fpm{v}")).into_iter().find(|p| has(p))
    else {
        return skip("php-fpm is not installed");
    };
    let folder = Folder::new("services-php-fpm");
    let at = folder.path().display();
    let pool = |name: &str, more: &str| {
        format!(
            "[{name}]\nuser=nobody\ngroup=nogroup\nlisten={at}/{name}.sock\npm=static\npm.max_children=1\n{more}\n"
        )
    };
    let text = format!(
        "[global]\nerror_log={at}/log\ndaemonize=no\n{}{}",
        pool("open", "pm.status_path=/numbers"),
        pool("closed", "")
    );
    std::fs::write(folder.path().join("c.conf"), text).unwrap();
    let _php = Running::start(Command::new(program).args(["-F", "-y", &format!("{at}/c.conf")]));
    let told = ask_when_up(&["php-fpm", &format!("unix:{at}/open.sock:/numbers")], "");
    told.has("php_fpm_processes{pool=\"open\"}", 1.0);
    let told = ask(&["php-fpm", &format!("{at}/closed.sock")], "");
    assert!(!told.is_up() && told.problem.contains("pm.status_path"), "{}", told.problem);
}

#[test]
fn etcd_tells_of_its_leader() {
    const ETCD: &str = "/usr/bin/etcd";
    if !has(ETCD) {
        return skip("etcd is not installed");
    }
    let folder = Folder::new("services-etcd");
    let (port, peers) = (free_port(), free_port());
    let (url, peers) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{peers}"));
    let at = folder.path().join("d").display().to_string();
    let _etcd = Running::start(Command::new(ETCD).args([
        "--data-dir",
        &at,
        "--listen-client-urls",
        &url,
        "--advertise-client-urls",
        &url,
        "--listen-peer-urls",
        &peers,
    ]));
    let told = until("etcd to lead itself", SOON, || {
        Some(ask(&["etcd", &url], "")).filter(|told| told.value("etcd_leading") == Some(1.0))
    });
    told.has("etcd_has_leader", 1.0);
    assert!(told.value("etcd_log_syncs_total") > Some(0.0));
}

/// A peer that takes connections and answers each with these bytes; it keeps them open when there are none.
fn peer(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.write_all(answer);
            if answer.is_empty() {
                kept.push(stream);
            }
        }
    });
    port
}

#[test]
fn whatever_answers_a_service_that_is_none_is_told_and_nothing_hangs() {
    let (silent, noise) =
        (peer(b""), peer(b"\xff\xfe\x00garbage\r\n\r\n\x00\x01\x02garbage that is no service's words\r\n"));
    for name in
        ["redis", "memcached", "postgresql", "mysql", "nginx", "haproxy", "php-fpm", "zookeeper", "etcd"]
    {
        let told = ask(&[name, &format!("127.0.0.1:{noise}")], PASSWORD);
        assert!(!told.is_up() && !told.problem.is_empty(), "{name} took noise for its own: {}", told.numbers);
    }
    let start = Instant::now();
    let told = ask(&["redis", &format!("127.0.0.1:{silent}")], PASSWORD);
    assert!(told.problem.contains("did not answer in time"), "{}", told.problem);
    assert!(start.elapsed() < Duration::from_secs(60), "a silent service must not hold up the others");
    let nobody = ask(&["redis", &format!("127.0.0.1:{}", free_port())], "");
    assert!(nobody.problem.contains("refused"), "{}", nobody.problem);
}

#[test]
fn a_unix_socket_nobody_accepts_on_ends_with_the_deadline() {
    let folder = Folder::new("services-full");
    let path = folder.path().join("s.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    // Its queue is filled by others first, as far as it goes without waiting.
    let waiting: Vec<_> = (0..4).map(|_| UnixStream::connect(&path).unwrap()).collect();
    let told = ask(&["redis", path.to_str().unwrap()], "");
    assert!(told.problem.contains("in time"), "{}", told.problem);
    drop(waiting);
}
