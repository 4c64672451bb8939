//! Services that nobody named in the settings: found, understood, read and asked. Real programs with odd configurations.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, binary, free_port};
use it::skip;
use it::wait::until;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const NGINX: &str = "/usr/sbin/nginx";
const REDIS: &str = "/usr/bin/redis-server";
const SOON: Duration = Duration::from_secs(90);

/// An nginx in a folder of its own, with what stands in its `http` block.
fn nginx(folder: &Path, program: &Path, prepare: &str, http: &str) -> Running {
    std::fs::create_dir_all(folder.join("logs")).unwrap();
    write_configuration(folder, http);
    let path = folder.display();
    let line =
        format!("{prepare}; exec {} -e {path}/error.log -p {path} -c odd/name.conf", program.display());
    let mut command = Command::new("unshare");
    command.args(if prepare == "true" { vec!["--fork"] } else { vec!["--fork", "--mount", "--net"] });
    Running::start(command.args(["sh", "-c", &line]))
}

fn write_configuration(folder: &Path, http: &str) {
    let path = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {path}/t_{name};")).concat();
    let text = format!(
        "daemon off; worker_processes 1; user root; pid {path}/pid;\nevents {{}}\nhttp {{ {temporary}\n{http}\n}}\n"
    );
    std::fs::create_dir_all(folder.join("odd")).unwrap();
    std::fs::write(folder.join("odd/name.conf"), text).unwrap();
}

/// Pid of the nginx that a shell became or started.
fn master(folder: &Path) -> String {
    until("nginx to run", SOON, || {
        std::fs::read_to_string(folder.join("pid")).ok().filter(|text| text.ends_with('\n'))
    })
    .trim()
    .to_owned()
}

fn fetch(port: u16, path: &str) {
    let mut stream = until("nginx to listen", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
    write!(stream, "GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
}

fn last(server: &Server, query: &str) -> Option<f64> {
    let series = run(&server.url, &format!(".es({query})"), "now-60s", "now+2s", "1s");
    numbers(series.first()?).last().copied()
}

/// What `windhover services` prints.
pub(crate) fn services() -> String {
    let output = Command::new(binary()).arg("services").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn logs_and_numbers_of_an_nginx_come_by_themselves_and_follow_its_configuration() {
    if !Path::new(NGINX).exists() {
        return skip("nginx is not installed");
    }
    let folder = Folder::new("services-nginx");
    let (port, at) = (free_port(), folder.path().display().to_string());
    // nginx writes logs with variables in their names only where the root is there.
    // Another name, an include by a glob through a link, a variable in a name, variables next to each other.
    let program = folder.path().join("frontend");
    std::fs::copy(NGINX, &program).unwrap();
    std::fs::create_dir_all(folder.path().join("sites")).unwrap();
    let server_block = format!(
        "server {{ listen 127.0.0.1:{port}; root {at}; location = /numbers {{ stub_status; access_log off; }}\n\
         location /a {{ return 200 a; }} location /v {{ access_log logs/$host.v.log odd; return 204; }} }}\n"
    );
    std::fs::write(folder.path().join("sites/a.conf"), server_block).unwrap();
    symlink(folder.path().join("sites"), folder.path().join("enabled")).unwrap();
    let formats = "log_format odd '$status|$request|$request_time$pipe';";
    let http = format!("{formats} access_log logs/first.log odd; include {at}/enabled/*.conf;");
    let _nginx = nginx(folder.path(), &program, "true", &http);
    let pid = master(folder.path());
    let server = Server::start(
        "up",
        &folder.path().join("data"),
        0,
        &["--host", "merlin", "--discover-interval", "1s"],
    );
    let asked = format!("q='instance:\"127.0.0.1:{port}\"', metric='max:nginx_requests_total'");
    until("the status of nginx", SOON, || last(&server, &asked).filter(|count| *count > 0.0));
    let read = |log: &str| format!("q='log_file:\"{at}/logs/{log}\"', metric='sum:log_requests_total'");
    let is_counted = |log: &str, path: &str| {
        until(&format!("lines of {log}"), SOON, || {
            fetch(port, path);
            last(&server, &read(log)).filter(|count| *count > 0.0)
        })
    };
    is_counted("first.log", "/a");
    is_counted("shop.v.log", "/v");
    // Another log and another format, taken over by a reload.
    let http = format!(
        "log_format new '$request $status'; {formats} access_log logs/second.log new; include {at}/enabled/*.conf;"
    );
    write_configuration(folder.path(), &http);
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    is_counted("second.log", "/a");
    let shown = services();
    assert!(
        shown.contains(&format!("nginx {at}/odd/name.conf\n"))
            && shown.contains("format new: $request $status"),
        "{shown}"
    );
}

#[test]
fn services_with_mounts_and_a_network_of_their_own_are_reached_there() {
    if !Path::new(NGINX).exists() {
        return skip("nginx is not installed");
    }
    let may = Command::new("unshare").args(["--mount", "--net", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        return skip("name spaces cannot be made");
    }
    let folder = Folder::new("services-inside");
    let inside = folder.path().join("inside");
    std::fs::create_dir_all(&inside).unwrap();
    let at = inside.display();
    // What is below `inside` is there for the service only.
    let prepare = format!(
        "ip link set lo up; mount -t tmpfs none {at}; mkdir {at}/logs; cp -r {at}.odd {at}/odd; cd {at}"
    );
    let http = "server { listen 127.0.0.1:81; access_log logs/x.log; location = /s { stub_status; } }";
    write_configuration(&inside, http);
    std::fs::rename(inside.join("odd"), format!("{at}.odd")).unwrap();
    let nginx = {
        let line = format!("{prepare}; exec {NGINX} -e {at}/error.log -p {at} -c odd/name.conf");
        let mut command = Command::new("unshare");
        Running::start(command.args(["--fork", "--mount", "--net", "sh", "-c", &line]))
    };
    let arguments = ["--host", "merlin", "--discover-interval", "1s"];
    let server = Server::start("up", &folder.path().join("data"), 0, &arguments);
    // Its port is open in its own network only.
    let asked = "q='instance:\"127.0.0.1:81\"', metric='max:nginx_requests_total'";
    until("the status of the nginx inside", SOON, || last(&server, asked).filter(|count| *count > 0.0));
    let shown = services();
    let (_, ours) = shown.split_once(&format!("nginx {at}/odd/name.conf in ")).expect(&shown);
    assert!(
        ours.contains(&format!("read {at}/logs/x.log below /proc/")) && ours.contains("/ns/net"),
        "{shown}"
    );
    drop(nginx);
}

#[test]
fn a_renamed_redis_with_nothing_but_a_socket_is_found_and_its_end_is_noticed() {
    if !Path::new(REDIS).exists() {
        return skip("redis-server is not installed");
    }
    let folder = Folder::new("services-redis");
    let program = folder.path().join("cache");
    std::fs::copy(REDIS, &program).unwrap();
    let socket = folder.path().join("r.sock").display().to_string();
    let mut command = Command::new(&program);
    command.args(["--port", "0", "--save", "", "--unixsocket", &socket]).current_dir(folder.path());
    let redis = Running::start(&mut command);
    let arguments = ["--host", "merlin", "--discover-interval", "1s"];
    let server = Server::start("up", &folder.path().join("data"), 0, &arguments);
    let is_up = format!("q='service:redis AND instance:\"{socket}\"', metric='min:service_up'");
    until("the numbers of redis", SOON, || last(&server, &is_up).filter(|up| *up == 1.0));
    redis.kill();
    until("its end to be noticed", SOON, || last(&server, &is_up).filter(|up| *up == 0.0));
    assert!(!services().contains(&socket));
}

#[test]
fn what_alter_system_says_counts_after_everything_else() {
    let Some(bin) = postgresql() else { return skip("postgresql is not installed") };
    let folder = Folder::new("services-postgresql");
    let (data, at) = (folder.path().join("d"), folder.path().display().to_string());
    let port = free_port();
    std::fs::create_dir_all(&data).unwrap();
    for path in [folder.path(), &data] {
        let owned = Command::new("chown").arg("postgres").arg(path).status();
        if !owned.is_ok_and(|status| status.success()) {
            return skip("not root: PostgreSQL's user cannot be made the owner of a folder");
        }
    }
    let as_postgres = |line: &str| {
        let output = Command::new("su")
            .args(["postgres", "-s", "/bin/sh", "-c", line])
            .current_dir("/")
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    };
    as_postgres(&format!("{bin}/initdb -A trust -D {at}/d"));
    std::fs::write(
        data.join("postgresql.conf"),
        format!("port = 1\ninclude_dir 'more'\nunix_socket_directories = '{at}'\nlisten_addresses = ''\n"),
    )
    .unwrap();
    std::fs::create_dir(data.join("more")).unwrap();
    std::fs::write(data.join("more/a.conf"), format!("port = {port}\nlog_line_prefix = 'it''s %m '\n"))
        .unwrap();
    as_postgres(&format!("{bin}/pg_ctl -w -l {at}/log -D {at}/d start"));
    as_postgres(&format!(
        "{bin}/psql -h {at} -p {port} -c \"ALTER SYSTEM SET log_min_duration_statement = 123\" postgres"
    ));
    let shown = services();
    as_postgres(&format!("{bin}/pg_ctl -m immediate -D {at}/d stop"));
    let (_, ours) = shown.split_once(&format!("postgresql {port}\n")).expect(&shown);
    let wanted = [
        format!("port: {port} ({at}/d/more/a.conf:1)"),
        "log_line_prefix: it's %m ".to_owned(),
        format!("log_min_duration_statement: 123 ({at}/d/postgresql.auto.conf:3)"),
        format!("ask postgresql at unix:{at}/.s.PGSQL.{port}"),
    ];
    for line in wanted {
        assert!(ours.contains(&line), "no `{line}` in\n{ours}");
    }
}

/// The folder of the newest PostgreSQL that Debian installed.
pub(crate) fn postgresql() -> Option<String> {
    let mut all: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    all.retain(|bin| bin.join("initdb").exists());
    all.sort();
    all.last().map(|bin| bin.display().to_string())
}
