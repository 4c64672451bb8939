//! Services that speak TLS only, with certificates that nobody vouches for: found, and asked for their numbers.

use crate::services_pull::{Told, as_user, ask, ask_when_up, give, has};
use it::process::{Folder, Running, free_port};
use it::skip;
use it::wait::until;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(90);
const PASSWORD: &str = "pencil";

/// An authority, and a certificate for 127.0.0.1 that it vouches for: `ca.pem`, `own.pem`, `own.key`.
fn papers(folder: &Path) {
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30";
    openssl(&format!("req -x509 {key} -subj /CN=authority -keyout ca.key -out ca.pem"));
    openssl(&format!("req {key} -subj /CN=own -keyout own.key -out own.csr"));
    std::fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(
        "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile names -out own.pem",
    );
}

fn can_make_papers() -> bool {
    let can = has("/usr/bin/openssl");
    if !can {
        skip("openssl is not installed");
    }
    can
}

#[test]
fn redis_is_asked_over_tls_and_shown_the_certificate_it_wants() {
    const REDIS: &str = "/usr/bin/redis-server";
    if !has(REDIS) || !can_make_papers() {
        return skip("redis is not installed");
    }
    let (folder, port) = (Folder::new("tls-redis"), free_port());
    papers(folder.path());
    let at = |name: &str| folder.path().join(name).display().to_string();
    let mut command = Command::new(REDIS);
    command.args([
        "--port",
        "0",
        "--save",
        "",
        "--set-proc-title",
        "no",
        "--tls-port",
        &port.to_string(),
        "--requirepass",
        PASSWORD,
    ]);
    command.args([
        "--tls-cert-file",
        &at("own.pem"),
        "--tls-key-file",
        &at("own.key"),
        "--tls-ca-cert-file",
        &at("ca.pem"),
    ]);
    let _redis = Running::start(&mut command);
    let address = format!("tls://127.0.0.1:{port}");
    let shown = ["--certificate", &at("own.pem"), "--key", &at("own.key")];
    let told = ask_when_up(&[&["redis", &address], &shown[..]].concat(), PASSWORD);
    told.has("redis_clients_limit", 10_000.0);
    assert_eq!(told.problem, "");
    let vouched = ask(&[&["redis", &address, "--ca", &at("ca.pem")], &shown[..]].concat(), PASSWORD);
    assert!(vouched.is_up(), "{}", vouched.problem);
    // Somebody else's authority, no certificate of ours, no TLS.
    let other = Folder::new("tls-redis-other");
    papers(other.path());
    let theirs = other.path().join("ca.pem").display().to_string();
    let stranger = ask(&[&["redis", &address, "--ca", &theirs], &shown[..]].concat(), PASSWORD);
    assert!(
        !stranger.is_up() && stranger.problem.contains("invalid peer certificate"),
        "{}",
        stranger.problem
    );
    let nobody = ask(&["redis", &address], PASSWORD);
    assert!(
        !nobody.is_up() && nobody.problem.contains("certificate_file and key_file"),
        "{}",
        nobody.problem
    );
    let plain = ask(&["redis", &format!("127.0.0.1:{port}")], PASSWORD);
    assert!(!plain.is_up() && !plain.problem.is_empty());
    // It is found, and asked so without being told.
    let found = until("redis to be found", SOON, || {
        let output = Command::new(it::process::binary()).arg("services").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.contains(&format!("ask redis at 127.0.0.1:{port}")).then_some(text)
    });
    let wanted = format!("ask redis at 127.0.0.1:{port} password *** over tls with {}", at("own.pem"));
    assert!(found.contains(&wanted), "{found}");
}

#[test]
fn postgresql_that_insists_on_tls_is_asked_over_it() {
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let Some(programs) = installed.map(|version| version.path().join("bin")).max() else {
        return skip("postgresql is not installed");
    };
    if !can_make_papers() {
        return;
    }
    let folder = Folder::new("tls-postgresql");
    let (data, port) = (folder.path().join("data"), free_port().to_string());
    give(&data, "postgres");
    let (at, program) = (data.display().to_string(), |name: &str| programs.join(name).display().to_string());
    as_user("postgres", &program("initdb"), &["-D", &at, "-A", "trust", "-U", "postgres", "--locale=C"]);
    papers(&data);
    let ours = Folder::new("tls-postgresql-ca");
    std::fs::copy(data.join("ca.pem"), ours.path().join("ca.pem")).unwrap();
    assert!(Command::new("chown").args(["-R", "postgres", &at]).status().unwrap().success());
    std::fs::write(
        data.join("pg_hba.conf"),
        "hostssl all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
    )
    .unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(program("postgres"));
    command.args(["-D", &at, "-p", &port, "-h", "127.0.0.1", "-k", "", "-c", "ssl=on"]);
    command.args(["-c", "ssl_cert_file=own.pem", "-c", "ssl_key_file=own.key"]);
    let _server = Running::start(&mut command);
    let sql = "CREATE ROLE windhover LOGIN PASSWORD 'pencil'; GRANT pg_monitor TO windhover";
    until("the server to take statements", SOON, || {
        let mut client = Command::new("psql");
        client.args(["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-c", sql]);
        client.output().ok().filter(|output| output.status.success())
    });
    let address = format!("127.0.0.1:{port}");
    let secure = format!("tls://{address}");
    let ca = ours.path().join("ca.pem").display().to_string();
    // It says that it wants encryption, and gets it; or is told so at once, and vouched for.
    let ways: [&[&str]; 3] =
        [&["postgresql", &address], &["postgresql", &secure], &["postgresql", &secure, "--ca", &ca]];
    for way in ways {
        let told = ask(way, PASSWORD);
        told.has("postgresql_connections_limit", 100.0);
        assert_eq!(told.problem, "", "{way:?}");
    }
}

#[test]
fn mariadb_that_insists_on_tls_is_asked_over_it() {
    const SERVER: &str = "/usr/sbin/mariadbd";
    if !has(SERVER) || !can_make_papers() {
        return skip("mariadb is not installed");
    }
    let folder = Folder::new("tls-mariadb");
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
    papers(&data);
    assert!(Command::new("chown").args(["-R", "mysql", &at]).status().unwrap().success());
    let mut command = Command::new(SERVER);
    command.args([
        "--no-defaults",
        "--user=mysql",
        &format!("--datadir={at}"),
        &format!("--socket={at}/s.sock"),
    ]);
    command.args([&format!("--port={port}"), "--bind-address=127.0.0.1", "--require-secure-transport=on"]);
    command.args([&format!("--ssl-cert={at}/own.pem"), &format!("--ssl-key={at}/own.key")]);
    let _server = Running::start(&mut command);
    let socket = format!("{at}/s.sock");
    ask_when_up(&["mysql", &socket], "");
    let sql = "CREATE USER windhover@localhost IDENTIFIED BY 'pencil'; \
               GRANT PROCESS, REPLICATION CLIENT, REPLICA MONITOR, SELECT ON *.* TO windhover@localhost";
    assert!(Command::new("mariadb").args(["-S", &socket, "-e", sql]).status().unwrap().success());
    let address = format!("127.0.0.1:{port}");
    for address in [&address, &format!("tls://{address}")] {
        let told = ask(&["mysql", address], PASSWORD);
        assert!(told.is_up(), "{address}: {}", told.problem);
    }
}

#[test]
fn pages_are_asked_for_over_https() {
    const NGINX: &str = "/usr/sbin/nginx";
    if !has(NGINX) || !can_make_papers() {
        return skip("nginx is not installed");
    }
    let (folder, port, plain) = (Folder::new("tls-nginx"), free_port(), free_port());
    papers(folder.path());
    let at = folder.path().display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {at}/t_{name};")).concat();
    let text = format!(
        "daemon off; pid {at}/pid; error_log {at}/error.log; events {{}}\nhttp {{ access_log off; {temporary}\n\
         server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {at}/own.pem; ssl_certificate_key {at}/own.key;\n\
         location = /numbers {{ stub_status; }} }} server {{ listen 127.0.0.1:{plain}; }} }}\n"
    );
    std::fs::write(folder.path().join("c.conf"), text).unwrap();
    let _nginx = Running::start(Command::new(NGINX).arg("-c").arg(folder.path().join("c.conf")));
    let told: Told = ask_when_up(&["nginx", &format!("https://127.0.0.1:{port}/numbers")], "");
    assert!(told.value("nginx_requests_total") > Some(0.0), "{}", told.numbers);
    let mistaken = ask(&["nginx", &format!("https://127.0.0.1:{plain}/numbers")], "");
    assert!(
        !mistaken.is_up() && mistaken.problem.contains("does it speak TLS there?"),
        "{}",
        mistaken.problem
    );
}
