//! Services that discovery has listened to, on this host and in networks of their own.

use crate::sniffer::{CLIENT, MONGOD, PYTHON, SOON, listens, output, present};
use it::http::{numbers, run};
use it::network::{Network, Side};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use std::process::Command;
use std::time::Duration;

/// A server that watches this host, and no more than its services of these names.
fn discovering(folder: &Folder, only: &str, more: &[&str]) -> Server {
    let first = ["--discover-only", only, "--discover-interval", "1s", "--sniffer-interval", "1s"];
    Server::start("up", folder.path(), free_port(), &[&first[..], more].concat())
}

/// What a service's part that listens to a port says of itself, once it has worked or said why not.
fn listens_to(server: &Server, port: u16) -> String {
    let name = format!("traffic at port {port}");
    until("the service's traffic to be listened to", SOON, || {
        let answer = it::http::try_get(&server.at("/api/v1/standings"))?.json();
        let mut parts =
            answer["hosts"].as_array()?.iter().filter_map(|host| host["parts"].as_array()).flatten();
        let own = parts.find(|part| part["name"].as_str().is_some_and(|it| it.ends_with(&name)))?;
        let problem = own["problem"].as_str().unwrap_or_default().to_owned();
        (!own["last_ms"].is_null() || !problem.is_empty()).then_some(problem)
    })
}

fn requests(server: &Server, port: u16, more: &str) -> f64 {
    let expr =
        format!(".es(q='port:{port}{more}', metric='max:traffic_requests_total', split='operation:50')");
    let all = run(&server.url, &expr, "now-2m", "now+2s", "1s");
    all.iter().filter_map(|series| numbers(series).last().copied()).sum()
}

#[test]
fn discovery_has_a_mongodb_listened_to_that_nobody_named() {
    if !present(&["/usr/lib/python3/dist-packages/pymongo"]) {
        return;
    }
    let (folder, port) = (Folder::new("found-mongodb"), free_port());
    let text = port.to_string();
    // What it is called is all that tells what it is.
    let mongod = folder.path().join("mongod");
    std::os::unix::fs::symlink(PYTHON, &mongod).unwrap();
    let _server = Running::start(Command::new(&mongod).args(["-c", MONGOD, &text]));
    listens(port);
    let server = discovering(&folder, "mongodb", &[]);
    let problem = listens_to(&server, port);
    if problem.contains("CAP_NET_RAW") {
        return it::skip("packets may not be read");
    }
    assert_eq!(problem, "");
    output(Command::new(PYTHON).args(["-c", CLIENT, &text]));
    let find = " AND protocol:mongodb AND operation:find AND target:\"shop.orders\"";
    until("what its driver asked", SOON, || (requests(&server, port, find) == 30.0).then_some(()));
}

#[test]
fn discovery_has_a_redis_listened_to_when_the_settings_want_that() {
    if !present(&["/usr/bin/redis-server", "/usr/bin/redis-cli"]) {
        return;
    }
    let (folder, port) = (Folder::new("found-redis"), free_port());
    let text = port.to_string();
    let _redis = Running::start(Command::new("redis-server").args(["--port", &text, "--save", ""]));
    listens(port);
    let server = discovering(&folder, "redis", &["--discover-sniff", "redis"]);
    let problem = listens_to(&server, port);
    if problem.contains("CAP_NET_RAW") {
        return it::skip("packets may not be read");
    }
    assert_eq!(problem, "");
    (0..5).for_each(|_| _ = output(Command::new("redis-cli").args(["-p", &text, "incr", "visits"])));
    until("the visits", SOON, || (requests(&server, port, " AND operation:INCR") == 5.0).then_some(()));
}

/// A server that wants every Redis listened to and lacks a capability.
fn without(capability: &str, folder: &Folder) -> Server {
    let mut command = Command::new("setpriv");
    let dropped = format!("-{capability}");
    command.args(["--bounding-set", &dropped, "--inh-caps", &dropped, "--"]).arg(it::process::binary());
    command
        .args(["up", "--discover-only", "redis", "--discover-sniff", "redis", "--data"])
        .arg(folder.path());
    let at = format!("127.0.0.1:{}", free_port());
    let process = Running::start(command.args(["--listen", &at]));
    process.line_with("http://");
    Server { process, url: format!("http://{at}") }
}

#[test]
fn without_the_capability_the_service_says_what_that_costs() {
    if !present(&["/usr/bin/redis-server", "/usr/bin/setpriv"]) || !crate::checks::is_root() {
        return;
    }
    let (folder, port) = (Folder::new("unheard-redis"), free_port());
    let _redis =
        Running::start(Command::new("redis-server").args(["--port", &port.to_string(), "--save", ""]));
    listens(port);
    let server = without("net_raw", &folder);
    let problem = listens_to(&server, port);
    let cost = "what it is asked, how often and how long that takes is not known: packets cannot be read without the \
                capability CAP_NET_RAW";
    assert!(problem.starts_with(cost) && problem.contains("`sniff = false`"), "{problem}");
}

/// How often visits were counted at the port of a container; of the host when it has no name.
fn visits(server: &Server, port: u16, is_inside: bool) -> f64 {
    let expr = format!(
        ".es(q='port:{port} AND operation:INCR AND {}container:*', metric='max:traffic_requests_total')",
        if is_inside { "" } else { "NOT " }
    );
    let all = run(&server.url, &expr, "now-2m", "now+2s", "1s");
    all.iter().filter_map(|series| numbers(series).last().copied()).sum()
}

#[test]
fn a_redis_in_a_network_of_its_own_is_told_from_that_of_the_host_at_the_same_port() {
    if !present(&["/usr/bin/redis-server", "/usr/bin/redis-cli", "/usr/bin/nsenter"]) {
        return;
    }
    let Some(network) = Network::new() else { return };
    let (folder, port) = (Folder::new("inside-redis"), free_port());
    let text = port.to_string();
    let arguments = ["--port", &text, "--save", ""];
    let _outside = Running::start(Command::new("redis-server").args(arguments));
    listens(port);
    let inside = Running::start(network.command(Side::Agent, "redis-server").args(arguments));
    let count = || network.command(Side::Agent, "redis-cli").args(["-p", &text, "incr", "visits"]).output();
    until("the redis inside to answer", SOON, || count().ok().filter(|it| it.status.success()));
    let server = discovering(&folder, "redis", &["--discover-sniff", "redis"]);
    let problem = listens_to(&server, port);
    if problem.contains("CAP_") {
        return it::skip("packets may not be read, or networks not be entered");
    }
    assert_eq!(problem, "");
    let mut own = 0.0;
    until("a visit inside to be heard", SOON, || {
        assert!(count().unwrap().status.success());
        (visits(&server, port, true) > 0.0).then_some(())
    });
    until("a visit of the host to be heard", SOON, || {
        output(Command::new("redis-cli").args(["-p", &text, "incr", "visits"]));
        own += 1.0;
        (visits(&server, port, false) > 0.0).then_some(())
    });
    assert!(visits(&server, port, false) <= own, "the other's are not among them");
    // Whose ring was left open would keep the network and its cable for ever.
    assert!(network.has_cable(Side::Server));
    drop(inside);
    network.leave(Side::Agent);
    // Long before discovery gives up a service that ended.
    until("the network to end", Duration::from_secs(30), || (!network.has_cable(Side::Server)).then_some(()));
}

#[test]
fn without_the_right_to_enter_networks_those_inside_say_so_and_the_hosts_are_listened_to() {
    if !present(&["/usr/bin/redis-server", "/usr/bin/setpriv", "/usr/bin/nsenter"])
        || !crate::checks::is_root()
    {
        return;
    }
    let Some(network) = Network::new() else { return };
    let (folder, port, other) = (Folder::new("shut-redis"), free_port(), free_port());
    let arguments = |port: u16| ["--port".to_owned(), port.to_string(), "--save".to_owned(), String::new()];
    let _outside = Running::start(Command::new("redis-server").args(arguments(port)));
    let _inside = Running::start(network.command(Side::Agent, "redis-server").args(arguments(other)));
    listens(port);
    let server = without("sys_admin", &folder);
    assert_eq!(listens_to(&server, port), "");
    let problem = listens_to(&server, other);
    assert!(problem.contains("CAP_SYS_ADMIN") && problem.contains("RestrictNamespaces=net"), "{problem}");
}
