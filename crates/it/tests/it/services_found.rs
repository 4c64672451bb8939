//! Services that nobody named, whose programs are heavier to start: found, understood and asked. Odd configurations, all on
//! loopback, each in a group of its own that ends with the test.

use crate::services::services;
use crate::services_pull::{ask, ask_when_up, has};
use it::process::{Folder, Running, Server, free_port};
use it::skip;
use it::wait::until;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(120);

/// The lines of `windhover services` about the instance whose first line is `wanted`, once it says `complete`.
fn found(wanted: &str, complete: &str) -> String {
    until(&format!("{wanted} to be found with {complete}"), SOON, || {
        let text = services();
        let own: Vec<&str> = text
            .lines()
            .skip_while(|line| *line != wanted)
            .enumerate()
            .take_while(|(at, line)| *at == 0 || line.starts_with(' '))
            .map(|(_, line)| line)
            .collect();
        let own = own.join("\n");
        own.contains(complete).then_some(own)
    })
}

fn fetch(port: u16, path: &str) -> String {
    let mut stream = until("the service to listen", SOON, || TcpStream::connect(("127.0.0.1", port)).ok());
    write!(stream, "GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn an_apache_with_includes_variables_and_macros_is_read_and_asked_by_name() {
    const APACHE: &str = "/usr/sbin/apache2";
    if !has(APACHE) {
        return skip("apache2 is not installed");
    }
    let (folder, port) = (Folder::new("found-apache"), free_port());
    let at = folder.path().display().to_string();
    std::fs::create_dir_all(folder.path().join("sites")).unwrap();
    std::fs::create_dir_all(folder.path().join("pages")).unwrap();
    std::fs::write(folder.path().join("pages/a"), "a").unwrap();
    let modules = ["mpm_event", "authz_core", "status", "log_config", "macro"]
        .map(|name| format!("<IfModule !{name}_module>\nLoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n</IfModule>\n"))
        .concat();
    let main = format!(
        "ServerName shop\nServerRoot {at}\nDefine LOGS {at}/logs\nPidFile {at}/pid\nErrorLog {at}/error.log\n{modules}\
         LogFormat \"%>s %m %U %D\" odd\nListen 127.0.0.1:{port}\nIncludeOptional sites/*.conf\n"
    );
    // Whoever asks for the numbers by another name gets the shop, which has none.
    let site = format!(
        "<Macro Site $name>\n<VirtualHost *:{port}>\nServerName $name\nDocumentRoot {at}/pages\n\
         CustomLog ${{LOGS}}/$name.log odd\n</VirtualHost>\n</Macro>\nUse Site shop\nUse Site blog\n\
         <VirtualHost *:{port}>\nServerName numbers.internal\n<Location /numbers>\nSetHandler server-status\n\
         </Location>\n</VirtualHost>\n"
    );
    std::fs::create_dir_all(folder.path().join("logs")).unwrap();
    std::fs::write(folder.path().join("odd.conf"), main).unwrap();
    std::fs::write(folder.path().join("sites/shop.conf"), site).unwrap();
    let _apache =
        Running::start(Command::new(APACHE).args(["-D", "FOREGROUND", "-f", &format!("{at}/odd.conf")]));
    assert!(fetch(port, "/a").starts_with("HTTP/1.1 200"));
    let own = found(&format!("apache {at}/odd.conf"), "status /numbers");
    assert!(own.contains(&format!("read {at}/logs/shop.log")) && own.contains("%>s %m %U %D"), "{own}");
    assert!(own.contains(&format!("read {at}/logs/blog.log")), "{own}");
    let asked = format!("ask apache at 127.0.0.1:{port} path /numbers?auto host numbers.internal");
    assert!(own.contains(&asked), "{own}");
    // Its lines become series.
    let more = ["--discover-only", "apache", "--discover-interval", "1s", "--logs-interval", "1s"];
    let server = Server::start("up", &folder.path().join("data"), 0, &more);
    let query = format!(".es(q='log_file:\"{at}/logs/shop.log\"', metric='sum:log_requests_total')");
    let last = |query: &str| {
        let all = it::http::run(&server.url, query, "now-60s", "now+2s", "1s");
        it::http::numbers(all.first()?).last().copied().filter(|count| *count > 0.0)
    };
    until("lines of its log", SOON, || {
        fetch(port, "/a");
        last(&query)
    });
    let query = format!(".es(q='instance:\"127.0.0.1:{port}\"', metric='max:apache_requests_total')");
    until("the server's own numbers", SOON, || last(&query));
}

#[test]
fn a_haproxy_that_shut_itself_in_is_asked_at_the_socket_it_opened_before() {
    const HAPROXY: &str = "/usr/sbin/haproxy";
    if !has(HAPROXY) || !crate::checks::is_root() {
        return skip("haproxy is not installed, or this is not root");
    }
    let (folder, port) = (Folder::new("found-haproxy"), free_port());
    let at = folder.path().display().to_string();
    std::fs::create_dir_all(folder.path().join("empty")).unwrap();
    std::fs::create_dir_all(folder.path().join("conf.d")).unwrap();
    let main = format!(
        "  global\nchroot {at}/empty\nstats socket \"${{SOCKETS}}/$NAME.sock\" level user # \"$OTHER\"\n\
         defaults\nmode http\ntimeout connect 1s\ntimeout client 5s\ntimeout server 5s\n"
    );
    std::fs::write(folder.path().join("main.cfg"), main).unwrap();
    let front = format!("frontend shop\n bind \"127.0.0.1:${{PORT-{port}}}\"\n");
    std::fs::write(folder.path().join("conf.d/10.cfg"), front).unwrap();
    std::fs::write(folder.path().join("conf.d/20.cfg.old"), "not for it").unwrap();
    let mut command = Command::new(HAPROXY);
    command.args(["-db", "-f", &format!("{at}/main.cfg"), "-f", &format!("{at}/conf.d")]);
    let _haproxy = Running::start(command.env("SOCKETS", &at).env("NAME", "odd"));
    fetch(port, "/");
    let own = found(&format!("haproxy {at}/main.cfg"), "ask haproxy");
    assert!(own.contains(&format!("ask haproxy at unix:{at}/odd.sock")), "{own}");
    assert!(own.contains(&format!("configuration: {at}/main.cfg, {at}/conf.d/10.cfg\n")), "{own}");
    let told = ask_when_up(&["haproxy", &format!("{at}/odd.sock")], "");
    assert!(told.numbers.contains("haproxy_frontend_answers_total"), "{}", told.numbers);
}

#[test]
fn a_zookeeper_with_its_words_shut_is_asked_at_its_page() {
    const JAR: &str = "/usr/share/java/zookeeper.jar";
    if !has(JAR) || !has("/usr/bin/java") {
        return skip("zookeeper is not installed");
    }
    let (folder, port, page) = (Folder::new("found-zookeeper"), free_port(), free_port());
    let at = folder.path().display().to_string();
    let text = format!(
        "tickTime=2000\ndataDir={at}/data\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.serverAddress=127.0.0.1\n\
         admin.serverPort={page}\n4lw.commands.whitelist=mntr,ruok\n"
    );
    std::fs::write(folder.path().join("odd.cfg"), text).unwrap();
    let mut command = Command::new("/usr/bin/java");
    command.args(["-Xmx64m", "-cp", &format!("/usr/share/java/*:{at}")]);
    let _zookeeper = Running::start(
        command.arg("org.apache.zookeeper.server.quorum.QuorumPeerMain").arg(format!("{at}/odd.cfg")),
    );
    let told = ask_when_up(&["zookeeper", &format!("127.0.0.1:{port}")], "");
    assert!(told.numbers.contains("zookeeper_connections"), "{}", told.numbers);
    let own = found(&format!("zookeeper {port}"), &format!("ask zookeeper at 127.0.0.1:{port}"));
    assert!(own.contains(&format!("{at}/odd.cfg")), "{own}");
}

#[test]
fn a_rabbitmq_of_another_name_and_port_is_asked_at_its_plugin() {
    const RABBITMQ: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    if !has(RABBITMQ) || !crate::checks::is_root() {
        return skip("rabbitmq-server is not installed, or this is not root");
    }
    let folder = Folder::new("found-rabbitmq");
    let (port, page, peers) = (free_port(), free_port(), free_port());
    let at = folder.path().display().to_string();
    std::fs::write(folder.path().join("plugins"), "[rabbitmq_prometheus].\n").unwrap();
    let text = format!(
        "listeners.tcp.local = 127.0.0.1:{port}\nprometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {page}\n"
    );
    std::fs::write(folder.path().join("odd.conf"), text).unwrap();
    // Its name server outlives who starts it, unless that is us.
    let names = free_port().to_string();
    let _names = Running::start(Command::new("epmd").args(["-address", "127.0.0.1", "-port", &names]));
    until("the name server", SOON, || TcpStream::connect(format!("127.0.0.1:{names}")).ok());
    let mut command = Command::new(RABBITMQ);
    command.envs([
        ("HOME", at.clone()),
        ("RABBITMQ_NODENAME", format!("odd{port}@localhost")),
        ("RABBITMQ_MNESIA_BASE", format!("{at}/mnesia")),
        ("RABBITMQ_LOG_BASE", format!("{at}/log")),
        ("RABBITMQ_CONFIG_FILE", format!("{at}/odd.conf")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", format!("{at}/plugins")),
        ("RABBITMQ_DIST_PORT", peers.to_string()),
        ("RABBITMQ_PID_FILE", format!("{at}/pid")),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
        ("ERL_EPMD_PORT", names),
    ]);
    let _rabbitmq = Running::start(&mut command);
    let told = ask_when_up(&["rabbitmq", &format!("http://127.0.0.1:{page}/metrics")], "");
    assert!(told.numbers.contains("rabbitmq_connections"), "{}", told.numbers);
    let own = found(&format!("rabbitmq odd{port}@localhost"), "ask rabbitmq");
    assert!(own.contains(&format!("127.0.0.1:{page}")), "{own}");
}

#[test]
fn a_docker_at_another_socket_is_asked_there() {
    const DOCKERD: &str = "/usr/sbin/dockerd";
    if !has(DOCKERD) || !crate::checks::is_root() {
        return skip("docker is not installed, or this is not root");
    }
    let folder = Folder::new("found-docker");
    let at = folder.path().display().to_string();
    let mut command = Command::new(DOCKERD);
    command.args(["--host", &format!("unix://{at}/odd.sock"), "--data-root", &format!("{at}/data")]);
    command.args([
        "--exec-root",
        &format!("{at}/exec"),
        "--pidfile",
        &format!("{at}/pid"),
        "--storage-driver",
        "vfs",
    ]);
    command.args([
        "--iptables=false",
        "--ip6tables=false",
        "--bridge=none",
        "--ip-forward=false",
        "--ip-masq=false",
    ]);
    let mut docker = Running::start(&mut command);
    let socket = format!("{at}/odd.sock");
    let runs =
        until("docker to answer or to give up", SOON, || match ask(&["docker", &socket], "").is_up() {
            true => Some(true),
            false => (!docker.is_alive()).then_some(false),
        });
    if !runs {
        return skip("dockerd cannot run here");
    }
    let told = ask(&["docker", &socket], "");
    assert!(told.numbers.contains("docker_containers"), "{}", told.numbers);
    let own = found(&format!("docker {socket}"), "ask docker");
    assert!(own.contains(&socket), "{own}");
}
