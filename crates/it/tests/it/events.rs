//! What an agent says of itself is on the server's pages within seconds, and what it said while the server was away
//! comes afterwards, in order and once.

use it::http::{get, post};
use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn agent(server: &str, folder: &Path) -> Running {
    let mut command = Command::new(binary());
    command.args(["agent", "--host", "merlin", "--server", server, "--data"]).arg(folder);
    Running::start(&mut command)
}

/// Texts of a host's events, oldest first.
fn texts(server: &Server, more: &str) -> Vec<String> {
    let answer = get(&server.at(&format!("/api/v1/events?limit=1000&{more}"))).json();
    let events = answer["events"].as_array().cloned().unwrap_or_default();
    events.iter().rev().map(|event| event["text"].as_str().unwrap_or_default().to_owned()).collect()
}

fn has(texts: &[String], words: &str) -> bool {
    texts.iter().any(|text| text.contains(words))
}

#[test]
fn the_log_of_an_agent_reaches_the_server_through_its_absence_in_order_and_once() {
    let (data, spool, port) = (Folder::new("events-server"), Folder::new("events-agent"), free_port());
    let server = Server::start("server", data.path(), port, &[]);
    let url = server.url.clone();
    let agent = agent(&url, spool.path());
    // An agent answers a wish to read its settings again with a line of its log, and starts anew.
    agent.line_with("watches");
    agent.signal("HUP");
    until("the agent's line", SOON, || {
        has(&texts(&server, "host=merlin&source=agent"), "starting anew").then_some(())
    });
    until("the server's own log", SOON, || has(&texts(&server, "source=server"), "ready").then_some(()));

    server.process.kill();
    agent.line_with("shipping: ");
    let server = Server::start("server", data.path(), port, &[]);
    let said = until("what was said meanwhile", SOON, || {
        let said = texts(&server, "host=merlin&kind=log");
        has(&said, "shipping works again").then_some(said)
    });
    let at = |words: &str| {
        said.iter().position(|text| text.contains(words)).unwrap_or_else(|| panic!("{words}: {said:?}"))
    };
    assert!(at("starting anew") < at("shipping: "), "{said:?}");
    assert!(at("shipping: ") < at("shipping works again"), "{said:?}");
    assert_eq!(said.iter().filter(|text| text.contains("starting anew")).count(), 1, "doubled: {said:?}");

    assert!(agent.terminate().success());
    let last = until("the agent's last line", SOON, || {
        let said = texts(&server, "host=merlin&kind=log");
        has(&said, "stopping").then_some(said)
    });
    assert_eq!(last.iter().filter(|text| text.contains("starting anew")).count(), 1, "doubled: {last:?}");
}

#[test]
fn every_part_says_how_it_stands_and_why_it_does_not_work() {
    let (data, spool) = (Folder::new("standings-server"), Folder::new("standings-agent"));
    let server = Server::start("server", data.path(), 0, &[]);
    let config = spool.path().join("agent.toml");
    let plugin = r#"[[plugin]]
        name = "broken"
        command = ["/bin/sh", "-c", "echo no such database >&2; exit 7"]
        interval = "1s""#;
    std::fs::write(&config, plugin).unwrap();
    let mut command = Command::new(binary());
    command.args(["agent", "--host", "merlin", "--server", &server.url, "--config"]).arg(&config);
    let agent = Running::start(command.arg("--data").arg(spool.path()));
    let parts = until("the collectors", SOON, || {
        let answer = get(&server.at("/api/v1/standings?host=merlin")).json();
        let parts = answer["hosts"][0]["parts"].as_array().cloned()?;
        parts.iter().any(|part| part["name"] == "cpu" && part["samples"].as_u64() > Some(0)).then_some(parts)
    });
    assert!(parts.len() > 10, "{parts:?}");
    assert!(parts.iter().all(|part| part["part"].is_string() && part["problem"].is_string()), "{parts:?}");
    let parts = until("the plugin's problem", SOON, || {
        let answer = get(&server.at("/api/v1/standings?host=merlin")).json();
        let parts = answer["hosts"][0]["parts"].as_array().cloned()?;
        let broken = parts.iter().find(|part| part["part"] == "plugin" && part["name"] == "broken")?;
        broken["problem"].as_str()?.contains("no such database").then_some(parts)
    });
    let told = || texts(&server, "host=merlin&kind=standing&source=plugin&level=warn");
    until("the problem as an event", SOON, || has(&told(), "no such database").then_some(()));
    let fleet = get(&server.at("/api/v1/fleet")).json();
    let row = fleet["hosts"].as_array().into_iter().flatten().find(|row| row["host"] == "merlin").cloned();
    let broken = parts.iter().filter(|part| part["problem"] != "").count();
    assert_eq!(row.unwrap_or(Value::Null)["problems"].as_u64(), Some(broken as u64));
    // What a program without our agent says goes the same way.
    let note = r#"{"host":"merlin","text":"deployed 4.2","source":"deploy"}"#;
    assert_eq!(post(&server.at("/api/v1/events"), "application/x-ndjson", note).status, 200);
    assert_eq!(texts(&server, "host=merlin&kind=note"), ["deployed 4.2"]);
    assert!(agent.terminate().success());
    // And survives the server's restart, as do the standings.
    let url = server.url.clone();
    assert!(server.process.terminate().success());
    let server = Server::start("server", data.path(), 0, &[]);
    assert_ne!(server.url, url);
    assert_eq!(texts(&server, "host=merlin&kind=note"), ["deployed 4.2"]);
    let answer = get(&server.at("/api/v1/standings?host=merlin")).json();
    assert!(answer["hosts"][0]["parts"].as_array().is_some_and(|parts| parts.len() > 10));
}
