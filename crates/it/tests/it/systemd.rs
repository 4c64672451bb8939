//! The units of the packages under a real systemd: what they let the agent see, and what they keep from others.

use it::http::{numbers, run, try_get, try_post};
use it::systemd::Machine;
use it::wait::until;
use serde_json::Value;
use std::time::Duration;

const SERVER: &str = "http://127.0.0.1:9463";
const SOON: Duration = Duration::from_secs(90);
const AGENT: &str = "windhover-agent.service";

const AGENT_TOML: &str = r#"
data = "/var/lib/windhover-agent"
[agent]
server = ["http://127.0.0.1:9463"]
settings_every = "1s"
[[plugin]]
command = ["/usr/bin/rights-of-a-plugin"]
format = "probe"
interval = "1s"
"#;
const PLUGIN: &str = r#"#!/bin/sh
echo "hawk:plugin_rights:$((0x$(sed -n 's/^CapEff:\t//p' /proc/self/status))):GAUGE"
echo "hawk:plugin_user:$(id -u):GAUGE"
"#;
/// A service of root's, whose configuration nobody else may read; it says who may ask.
const REDIS: &str = "[Service]\nExecStart=/usr/bin/redis-server /etc/redis/redis.conf\n";
const REDIS_CONF: &str = "port 6399\nbind 127.0.0.1\nrequirepass pencil\nsave \"\"\n";

fn boot() -> Option<Machine> {
    let server =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/windhover.toml"));
    let files = [
        ("/etc/windhover/windhover.toml", 0o644, format!("host = \"perch\"\n{}", server.unwrap())),
        ("/etc/windhover/agent.toml", 0o644, AGENT_TOML.to_owned()),
        ("/usr/bin/rights-of-a-plugin", 0o755, PLUGIN.to_owned()),
        ("/etc/systemd/system/kept.service", 0o644, REDIS.to_owned()),
        ("/etc/redis/redis.conf", 0o600, REDIS_CONF.to_owned()),
        ("/etc/hostname", 0o644, "hawk\n".to_owned()),
    ];
    let files: Vec<_> = files.iter().map(|(path, mode, text)| (*path, *mode, text.as_str())).collect();
    let machine = Machine::boot(&["windhover.service", AGENT, "kept.service"], &files)?;
    for unit in ["windhover.service", AGENT] {
        until(unit, SOON, || (machine.property(unit, "ActiveState") == "active").then_some(()));
    }
    Some(machine)
}

/// The newest number of a metric of the agent's, with these labels.
fn newest(metric: &str, labels: &str) -> Option<f64> {
    let expr = format!(".es(q='host:hawk{labels}', metric='last:{metric}')");
    run(SERVER, &expr, "now-5m", "now", "1s").first().map(numbers)?.last().copied()
}

fn standings() -> Vec<Value> {
    let answer = try_get(&format!("{SERVER}/api/v1/standings?host=hawk"));
    answer.and_then(|answer| answer.json()["hosts"][0]["parts"].as_array().cloned()).unwrap_or_default()
}

#[test]
fn the_packaged_agent_sees_the_machine_and_hands_no_right_on() {
    let Some(machine) = boot() else { return };
    machine.on(|| {
        // Programs of others get none of what it has, and are not root.
        let rights = until("a plugin's numbers", SOON, || newest("plugin_rights", ""));
        assert_eq!(rights, 0.0, "{}", machine.journal(AGENT));
        assert!(newest("plugin_user", "") > Some(0.0));

        // What only root may read is read: who a service is, and with which password it is asked.
        until("the service of root's", SOON, || {
            newest("service_up", " AND service:redis").filter(|up| *up == 1.0)
        });

        // It has no file for its messages, so that systemd gives them to the journal.
        let is_followed = |all: &[Value]| {
            let name = "redis journal _SYSTEMD_UNIT=kept.service";
            all.iter().any(|part| part["name"] == name && part["problem"] == "")
        };
        until("its messages to be followed", SOON, || is_followed(&standings()).then_some(()));
        machine.run(&["systemctl", "restart", "kept.service"]);
        until("messages of the service", SOON, || {
            newest("log_messages_total", " AND name:redis").filter(|messages| *messages > 0.0)
        });
        // The server's own agent has hardly any rights, and may read it too.
        until("the journal at the server", SOON, || {
            let all = try_get(&format!("{SERVER}/api/v1/standings?host=perch"))?.json();
            let parts = all["hosts"][0]["parts"].as_array()?.clone();
            parts.iter().any(|part| part["name"] == "journal" && part["problem"] == "").then_some(())
        });
        until("its entries", SOON, || newest("journal_messages_total", " AND unit:kept.service"));

        // The kernel is asked, and nothing of it is refused.
        let kept = until("the kernel's clock", SOON, || newest("clock_synchronized", " AND source:kernel"));
        assert!(kept == 0.0 || kept == 1.0);
        let all = until("standings", SOON, || Some(standings()).filter(|all| all.len() > 20));
        for name in ["kernel_messages", "clock", "processes", "systemd"] {
            let own = all
                .iter()
                .find(|standing| standing["name"] == name)
                .unwrap_or_else(|| panic!("{name}: {all:?}"));
            assert_eq!(own["problem"], "", "{own}");
        }

        // It sees where it spends its time, in the kernel too.
        let ask = format!("{SERVER}/api/v1/profile?host=hawk&seconds=2");
        until("somebody to ask", SOON, || try_post(&ask, "text/plain", b"").filter(|a| a.status == 202));
        let profiles = format!("{SERVER}/api/v1/profiles?host=hawk");
        let all = until("a profile", SOON, || {
            let all = try_get(&profiles)?.json()["profiles"].as_array().cloned()?;
            Some(all).filter(|all| all.iter().any(|one| one["source"] == "agent"))
        });
        let own = all.iter().find(|one| one["source"] == "agent").unwrap();
        assert!(own["refused"].is_null() && own["empty"] != true, "{own}");
        let path = format!("{SERVER}/api/v1/profile?host=hawk&source=agent&time_ms={}", own["time_ms"]);
        assert!(try_get(&path).unwrap().text.contains("[kernel]"));
    });
    assert_eq!(machine.property(AGENT, "NRestarts"), "0", "{}", machine.journal(AGENT));
    assert_eq!(machine.run(&["systemctl", "stop", AGENT]).status.code(), Some(0));
    assert_eq!(machine.property(AGENT, "Result"), "success", "{}", machine.journal(AGENT));
}
