//! Zabbix' own sender and agent speak to the door.

use super::House;
use it::process::Running;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn zabbix_sender_is_answered_as_by_a_server() {
    if !Path::new("/usr/bin/zabbix_sender").exists() {
        return it::skip("zabbix-sender is not installed");
    }
    let house = House::with("zabbix", &[]);
    let port = house.port.to_string();
    let sender = |more: &[&str]| {
        let mut command = Command::new("/usr/bin/zabbix_sender");
        command.args(["-z", "127.0.0.1", "-p", &port, "-vv"]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let output = sender(&["-s", "web1", "-k", "queue[in]", "-o", "42.5"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("processed: 1; failed: 0; total: 1"), "{said}");
    house.wait_for("queue", "host:web1 AND params:in", 42.5);
    // Many at once, with times of their own.
    let mut child = sender(&["-T", "-i", "-"]).spawn().unwrap();
    let now = super::now_s();
    let lines: String = (0..1000).map(|i| format!("web2 many[{i}] {now} {i}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    house.wait_for("many", "host:web2 AND params:999", 999.0);
    // Text is no sample, and the sender is told so.
    let output = sender(&["-s", "web1", "-k", "version", "-o", "1.2.3"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("processed: 0; failed: 1"));
}

#[test]
fn an_active_agent_asks_and_sends() {
    if !Path::new("/usr/sbin/zabbix_agentd").exists() {
        return it::skip("zabbix-agent is not installed");
    }
    let items = std::env::temp_dir().join(format!("windhover-it-{}-zabbix-items", std::process::id()));
    std::fs::write(&items, "1 system.cpu.load[all,avg1]\n1 agent.ping\n1 no.such.key\n").unwrap();
    let house = House::with("zabbix", &["--zabbix-items-file", items.to_str().unwrap()]);
    let (here, port) = (house.folder.path(), house.port);
    let file = here.join("agentd.conf");
    let text = format!(
        "PidFile={0}/pid\nLogType=console\nServerActive=127.0.0.1:{port}\nStartAgents=0\nHostname=agent1\nBufferSend=1\nAllowRoot=1\n",
        here.display()
    );
    std::fs::write(&file, text).unwrap();
    let _agent = Running::start(Command::new("/usr/sbin/zabbix_agentd").arg("-f").arg("-c").arg(file));
    house.wait_for("agent.ping", "host:agent1", 1.0);
    it::wait::until("the agent's load", super::SOON, || {
        house.last("system.cpu.load", "host:agent1 AND params:all,avg1")
    });
    let _ = std::fs::remove_file(items);
}
