//! The sniffer, between real servers and their real clients: what it heard is what the server itself counted.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) const SOON: Duration = Duration::from_secs(60);
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// A server of ours that listens to a port.
struct Listening {
    server: Server,
    _folder: Folder,
    protocol: &'static str,
}

impl Listening {
    /// `None`, told, where this process may not look at packets.
    fn to(protocol: &'static str, port: u16) -> Option<Self> {
        let folder = Folder::new(protocol);
        let ports = format!("{port}={protocol}");
        let more = ["--sniffer-ports", &ports, "--sniffer-interval", "1s", "--sniffer-interface", "lo"];
        let server = Server::start("up", folder.path(), free_port(), &more);
        let listening = Self { server, _folder: folder, protocol };
        let problem = until("the sniffer to say how it stands", SOON, || listening.problem());
        if problem.contains("CAP_NET_RAW") {
            it::skip("packets may not be read");
            return None;
        }
        assert_eq!(problem, "");
        Some(listening)
    }

    /// What keeps the sniffer from its work, once it has worked.
    fn problem(&self) -> Option<String> {
        let answer = it::http::try_get(&self.server.at("/api/v1/standings"))?.json();
        let mut parts =
            answer["hosts"].as_array()?.iter().filter_map(|host| host["parts"].as_array()).flatten();
        let own = parts.find(|part| part["part"] == "sniffer")?;
        let problem = own["problem"].as_str().unwrap_or_default().to_owned();
        (!own["last_ms"].is_null() || !problem.is_empty()).then_some(problem)
    }

    /// The sum of the last values of a metric, over all series that match.
    fn sum(&self, metric: &str, more: &str) -> f64 {
        let expr =
            format!(".es(q='protocol:{}{more}', metric='max:{metric}', split='operation:50')", self.protocol);
        let all = run(&self.server.url, &expr, "now-2m", "now+2s", "1s");
        all.iter().filter_map(|series| numbers(series).last().copied()).sum()
    }

    /// Waits until an operation was heard so often.
    fn hears(&self, operation: &str, wanted: f64) {
        let more = format!(" AND operation:\"{operation}\"");
        until(&format!("{wanted} times {operation}"), SOON, || {
            (self.sum("traffic_requests_total", &more) == wanted).then_some(())
        });
    }
}

pub(crate) fn present(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| !Path::new(program).exists());
    if let Some(missing) = missing {
        it::skip(&format!("{missing} is not installed"));
    }
    missing.is_none()
}

pub(crate) fn listens(port: u16) {
    until("the service to open", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
}

pub(crate) fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn redis_counts_what_we_count() {
    if !present(&["/usr/bin/redis-server", "/usr/bin/redis-benchmark"]) {
        return;
    }
    let port = free_port();
    let text = port.to_string();
    let _redis = Running::start(Command::new("redis-server").args(["--port", &text, "--save", ""]));
    listens(port);
    let Some(listening) = Listening::to("redis", port) else { return };
    // Single and pipelined, then errors.
    for pipeline in ["1", "16"] {
        let arguments = ["-p", &text, "-n", "2000", "-c", "8", "-P", pipeline, "-t", "set,get,lpush", "-q"];
        output(Command::new("redis-benchmark").args(arguments));
    }
    for _ in 0..7 {
        output(Command::new("redis-cli").args(["-p", &text, "incr", "mylist"]));
    }
    let counted = output(Command::new("redis-cli").args(["-p", &text, "info", "commandstats"]));
    let calls = |name: &str| -> f64 {
        let line = counted.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
        line.and_then(|rest| rest.split(',').next()?.parse().ok()).unwrap_or(0.0)
    };
    for name in ["set", "get", "lpush", "incr"] {
        assert!(calls(name) > 0.0, "{counted}");
        listening.hears(&name.to_uppercase(), calls(name));
    }
    assert_eq!(listening.sum("traffic_errors_total", " AND operation:INCR"), 7.0);
    assert_eq!(listening.sum("traffic_unasked_total", ""), 0.0);
    // Redis' own time is a part of what clients wait.
    let seconds = listening.sum("traffic_seconds_total", " AND operation:SET");
    assert!(seconds > 0.0 && seconds < 600.0, "{seconds}");
}

#[test]
fn postgresql_is_understood() {
    let Some(bin) = std::fs::read_dir("/usr/lib/postgresql").ok().and_then(|mut all| all.next()?.ok()) else {
        return it::skip("postgresql is not installed");
    };
    let bin = bin.path().join("bin");
    let (folder, port) = (Folder::new("postgresql"), free_port());
    let data = folder.path().join("data");
    // It refuses to run as root.
    output(Command::new("chown").arg("postgres").arg(folder.path()));
    let as_postgres = |program: &Path| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command.current_dir(folder.path());
        command
    };
    output(as_postgres(&bin.join("initdb")).arg("-D").arg(&data).args(["-A", "trust", "-U", "postgres"]));
    let sockets = format!("unix_socket_directories={}", folder.path().display());
    let mut server = as_postgres(&bin.join("postgres"));
    server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", &sockets, "-c", "fsync=off"]);
    let _server = Running::start(&mut server);
    let place = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres sslmode=disable");
    let psql = |script: &str| {
        let mut child = Command::new("psql")
            .args([&place, "-q", "-v", "ON_ERROR_STOP=0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("psql can be started");
        child.stdin.take().expect("piped").write_all(script.as_bytes()).unwrap();
        child.wait().unwrap()
    };
    until("PostgreSQL to answer", SOON, || psql("select 1").success().then_some(()));
    let Some(listening) = Listening::to("postgresql", port) else { return };
    psql("create table orders (id int primary key, what text);\ncopy orders from stdin;\n1\ta\n2\tb\n\\.\n");
    psql(&"select * from orders where id = 1;\n".repeat(50));
    psql(&"insert into orders values (1, 'again');\n".repeat(3));
    psql(&"select * from nowhere;\n".repeat(4));
    // The extended protocol, prepared once and run often.
    psql("update orders set what = $1 where id = $2 \\bind x 1 \\g\n");
    let script = folder.path().join("bench.sql");
    std::fs::write(&script, "delete from orders where id = 77;\n").unwrap();
    let mut pgbench = as_postgres(&bin.join("pgbench"));
    pgbench.env("PGSSLMODE", "disable").args([
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-U",
        "postgres",
        "-n",
    ]);
    pgbench.args(["-M", "prepared", "-c", "4", "-t", "100", "-f"]).arg(&script).arg("postgres");
    output(&mut pgbench);
    listening.hears("CREATE TABLE", 1.0);
    listening.hears("COPY", 1.0);
    listening.hears("INSERT", 3.0);
    listening.hears("DELETE", 400.0);
    let orders = " AND operation:SELECT AND target:orders";
    assert_eq!(listening.sum("traffic_requests_total", orders), 50.0);
    assert_eq!(listening.sum("traffic_errors_total", " AND target:orders AND operation:INSERT"), 3.0);
    let missing = ".es(q='protocol:postgresql AND code:42P01', metric='max:traffic_error_codes_total')";
    let found = run(&listening.server.url, missing, "now-2m", "now+2s", "1s");
    assert_eq!(numbers(&found[0]).last(), Some(&4.0));
}

#[test]
fn mariadb_is_understood() {
    if !present(&["/usr/sbin/mariadbd", "/usr/bin/mariadb", "/usr/bin/mariadb-install-db"]) {
        return;
    }
    let (folder, port) = (Folder::new("mariadb"), free_port());
    let data = format!("--datadir={}", folder.path().join("data").display());
    output(Command::new("mariadb-install-db").args([
        "--no-defaults",
        "--user=root",
        "--skip-test-db",
        &data,
    ]));
    let mut server = Command::new("mariadbd");
    let socket = folder.path().join("socket").display().to_string();
    server.args(["--no-defaults", "--user=root", &data, "--bind-address=127.0.0.1", "--skip-grant-tables"]);
    server.args([format!("--port={port}"), format!("--socket={socket}")]);
    let _server = Running::start(&mut server);
    let mariadb = |script: &str| {
        let mut child = Command::new("mariadb")
            .args(["--no-defaults", "--protocol=tcp", "-h127.0.0.1", "--force", "-uroot"])
            .arg(format!("-P{port}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mariadb can be started");
        child.stdin.take().expect("piped").write_all(script.as_bytes()).unwrap();
        child.wait().unwrap()
    };
    until("MariaDB to answer", SOON, || mariadb("select 1").success().then_some(()));
    let Some(listening) = Listening::to("mysql", port) else { return };
    mariadb("create database shop; create table shop.orders (id int primary key, what text);");
    mariadb(&"insert into shop.orders values (1, 'x');\n".repeat(5));
    mariadb(&"select * from shop.orders;\n".repeat(40));
    mariadb("prepare s from 'select 1'; execute s; execute s;");
    mariadb("use shop; create procedure p() begin select 1; select 2; end;");
    mariadb(&"call shop.p();\n".repeat(3));
    listening.hears("INSERT", 5.0);
    listening.hears("CALL", 3.0);
    assert_eq!(listening.sum("traffic_errors_total", " AND operation:INSERT"), 4.0);
    assert_eq!(listening.sum("traffic_requests_total", " AND target:shop.orders AND operation:SELECT"), 40.0);
    let twice = ".es(q='protocol:mysql AND code:1062', metric='max:traffic_error_codes_total')";
    let found = run(&listening.server.url, twice, "now-2m", "now+2s", "1s");
    assert_eq!(numbers(&found[0]).last(), Some(&4.0));
}

#[test]
fn nginx_and_curl_are_understood() {
    if !present(&["/usr/sbin/nginx", "/usr/bin/curl"]) {
        return;
    }
    let (folder, port) = (Folder::new("sniffed-nginx"), free_port());
    let root = folder.path().display().to_string();
    std::fs::write(folder.path().join("big"), vec![b'x'; 300_000]).unwrap();
    let text = format!(
        "daemon off; error_log {root}/error.log; pid {root}/pid; events {{}}\n\
         http {{ access_log {root}/access.log; client_body_temp_path {root}/body; proxy_temp_path {root}/proxy;\n\
         fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;\n\
         server {{ listen 127.0.0.1:{port}; root {root}; location /users {{ return 200 ok; }} location /down {{ return 503; }} }} }}"
    );
    std::fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let _nginx = Running::start(Command::new("nginx").arg("-c").arg(folder.path().join("nginx.conf")));
    listens(port);
    let Some(listening) = Listening::to("http", port) else { return };
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    // Many over one connection, ids in the path; a body in hundreds of packets, compressed and chunked or not.
    output(Command::new("curl").args(["-s", "-o", "/dev/null", &at("/users/[1-50]")]));
    output(Command::new("curl").args(["-s", "-o", "/dev/null", &at("/big?[1-5]")]));
    output(Command::new("curl").args(["-s", "-o", "/dev/null", "-I", &at("/big")]));
    output(Command::new("curl").args([
        "-s",
        "-o",
        "/dev/null",
        "-d",
        &"x".repeat(5000),
        &at("/users/new?[1-3]"),
    ]));
    output(Command::new("curl").args(["-s", "-o", "/dev/null", &at("/down?[1-4]")]));
    let get = |path: &str| format!(" AND operation:GET AND target:\"{path}\"");
    until("all requests", SOON, || {
        (listening.sum("traffic_requests_total", &get("/users/*")) == 50.0).then_some(())
    });
    listening.hears("HEAD", 1.0);
    listening.hears("POST", 3.0);
    assert_eq!(listening.sum("traffic_requests_total", &get("/big")), 5.0);
    assert!(listening.sum("traffic_response_bytes_total", &get("/big")) > 1_500_000.0);
    assert_eq!(listening.sum("traffic_errors_total", &get("/down")), 4.0);
}

/// Speaks as much of MongoDB's protocol as the driver asks for.
pub(crate) const MONGOD: &str = r#"
import bson, socketserver, struct, sys
class Handler(socketserver.BaseRequestHandler):
    def read(self, count):
        data = b''
        while len(data) < count:
            part = self.request.recv(count - len(data))
            if not part: raise EOFError
            data += part
        return data
    def handle(self):
        try:
            while True: self.answer()
        except (EOFError, ConnectionError): pass
    def answer(self):
        length, number, _, code = struct.unpack('<iiii', self.read(16))
        body = self.read(length - 16)
        if code == 2004:
            end = body.index(b'\0', 4)
            command = bson.decode(body[end + 9:])
        else:
            size = struct.unpack_from('<i', body, 5)[0]
            command = bson.decode(body[5:5 + size])
        name = next(iter(command))
        if name.lower() in ('ismaster', 'hello'):
            reply = {'ismaster': True, 'maxBsonObjectSize': 16777216, 'maxMessageSizeBytes': 48000000,
                     'maxWriteBatchSize': 100000, 'minWireVersion': 0, 'maxWireVersion': 8, 'ok': 1.0}
        elif name == 'find' and command['find'] == 'locked':
            reply = {'ok': 0.0, 'errmsg': 'not allowed', 'code': 13, 'codeName': 'Unauthorized'}
        elif name == 'find':
            reply = {'cursor': {'id': 0, 'ns': 'shop.' + command['find'], 'firstBatch': [{'x': 1}] * 20}, 'ok': 1.0}
        else:
            reply = {'n': 1, 'ok': 1.0}
        if code == 2004:
            data = struct.pack('<iqii', 8, 0, 0, 1) + bson.encode(reply)
            opcode = 1
        else:
            data = struct.pack('<iB', 0, 0) + bson.encode(reply)
            opcode = 2013
        self.request.sendall(struct.pack('<iiii', len(data) + 16, 1, number, opcode) + data)
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
Server(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
"#;

pub(crate) const CLIENT: &str = r#"
import pymongo, sys
db = pymongo.MongoClient('127.0.0.1', int(sys.argv[1])).shop
for i in range(30): list(db.orders.find({'_id': i}))
for i in range(5): db.logs.insert_many([{'text': 'x' * 3000} for _ in range(10)])
for i in range(4):
    try: list(db.locked.find({}))
    except pymongo.errors.OperationFailure: pass
db.orders.update_one({'_id': 1}, {'$set': {'x': 2}})
"#;

#[test]
fn mongodbs_driver_is_understood() {
    if !present(&["/usr/lib/python3/dist-packages/pymongo"]) {
        return;
    }
    let port = free_port();
    let text = port.to_string();
    let _server = Running::start(Command::new(PYTHON).args(["-c", MONGOD, &text]));
    listens(port);
    let Some(listening) = Listening::to("mongodb", port) else { return };
    output(Command::new(PYTHON).args(["-c", CLIENT, &text]));
    listening.hears("insert", 5.0);
    listening.hears("update", 1.0);
    let find = |collection: &str| format!(" AND operation:find AND target:\"shop.{collection}\"");
    assert_eq!(listening.sum("traffic_requests_total", &find("orders")), 30.0);
    assert_eq!(listening.sum("traffic_errors_total", &find("locked")), 4.0);
    assert!(listening.sum("traffic_request_bytes_total", " AND operation:insert") > 150_000.0);
}
