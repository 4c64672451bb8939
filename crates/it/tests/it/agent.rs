//! Agent and server as two processes: the server goes away under load and comes back, and no sample is missing or
//! doubled.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(30);

fn agent(server: &str, folder: &Path) -> Running {
    let mut command = Command::new(binary());
    command.args(["agent", "--host", "merlin", "--server", server, "--data"]).arg(folder);
    Running::start(&mut command)
}

/// Samples of each second from `from_s` up to `to_s`.
fn counts(server: &Server, metric: &str, from_s: u64, to_s: u64) -> Vec<f64> {
    let expr = format!(".es(q='host:merlin', metric='count:{metric}')");
    let series = run(&server.url, &expr, &from_s.to_string(), &to_s.to_string(), "1s");
    series.first().map(numbers).unwrap_or_default()
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn an_absent_server_costs_no_sample() {
    let (data, spool, port) = (Folder::new("absent-server"), Folder::new("absent-agent"), free_port());
    let server = Server::start("server", data.path(), port, &[]);
    let agent = agent(&server.url, spool.path());
    let heard = |server: &Server| {
        counts(server, "load1", now_s() - 60, now_s() + 1).iter().filter(|n| **n > 0.0).count()
    };
    until("the agent's first samples", SOON, || (heard(&server) >= 2).then_some(()));
    let from_s = now_s() - 1;

    // Once stopped in order, once killed.
    let away = |server: Server, kill: bool| {
        if kill {
            server.process.kill();
        } else {
            assert!(server.process.terminate().success());
        }
        let spooled_until = now_s() + 6;
        until("some seconds without a server", SOON, || (now_s() >= spooled_until).then_some(()));
        Server::start("server", data.path(), port, &[])
    };
    let server = away(server, false);
    let server = away(server, true);
    let to_s = now_s();
    let complete = until("every second to be there", SOON, || {
        let counts = counts(&server, "load1", from_s, to_s);
        (counts.len() as u64 == to_s - from_s && counts.iter().all(|n| *n >= 1.0)).then_some(counts)
    });
    assert!(complete.iter().all(|n| *n == 1.0), "doubled: {complete:?}");

    // An agent that is restarted sends what it had not sent, and goes on.
    agent.kill();
    let agent = self::agent(&server.url, spool.path());
    agent.line_with("watches");
    let again_s = now_s() + 1;
    until("samples of the new agent", SOON, || {
        counts(&server, "load1", again_s, again_s + 30).iter().any(|n| *n > 0.0).then_some(())
    });
    assert!(agent.terminate().success());
    assert!(counts(&server, "load1", from_s, now_s()).iter().all(|n| *n <= 1.0));
}

#[test]
fn a_wrong_address_is_told_and_the_agent_goes_on() {
    let folder = Folder::new("wrong-address");
    let mut agent = agent(&format!("http://127.0.0.1:{}", free_port()), folder.path());
    agent.line_with("refused");
    assert!(agent.is_alive());
    assert!(agent.terminate().success());
}

#[test]
fn two_agents_do_not_share_a_spool() {
    let folder = Folder::new("shared-spool");
    let first = agent("http://127.0.0.1:1", folder.path());
    first.line_with("watches");
    let second = agent("http://127.0.0.1:1", folder.path());
    second.line_with("another agent uses this folder");
}
