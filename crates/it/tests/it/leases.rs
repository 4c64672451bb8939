//! Servers that register in a real NATS, and relays that share series out among whoever is there: members that are
//! killed, frozen and started elsewhere, and NATS itself gone. Every sample is in a server in the end.

use it::http::{get, numbers, post, run, try_get};
use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const WITHIN: Duration = Duration::from_secs(90);
const SERIES: usize = 20;
const TTL: &str = "4s";

fn nats_program() -> String {
    std::env::var("WINDHOVER_NATS_SERVER").unwrap_or_else(|_| "nats-server".to_owned())
}

struct Nats {
    folder: PathBuf,
    port: u16,
    process: Option<Running>,
}

impl Nats {
    fn start(folder: &Path) -> Self {
        let mut nats = Self { folder: folder.join("nats"), port: free_port(), process: None };
        nats.begin();
        nats
    }

    fn begin(&mut self) {
        let mut command = Command::new(nats_program());
        command.args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string(), "-sd"]).arg(&self.folder);
        self.process = Some(Running::start(&mut command));
    }

    fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    fn flags(&self, name: &str) -> Vec<String> {
        let url = format!("nats://127.0.0.1:{}", self.port);
        ["--leases-nats", &url, "--leases-ttl", TTL, "--leases-name", name].map(str::to_owned).to_vec()
    }
}

fn server(folder: &Path, nats: &Nats, name: &str) -> Server {
    let flags = nats.flags(name);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Server::start("server", &folder.join(name), 0, &flags)
}

fn relay(folder: &Path, nats: &Nats, name: &str) -> Server {
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("relay.toml");
    // Its own numbers would be points that nobody counts.
    let tables = "[[cluster]]\nname = 'all'\nleases = 'servers'\n\
                  [[route]]\nmatch = '{__name__=~\"windhover_.*\"}'\ndrop = true\n";
    std::fs::write(&file, tables).unwrap();
    let mut command = Command::new(binary());
    command.args(["relay", "--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()]);
    let process = Running::start(command.args(nats.flags(name)).arg("--data").arg(folder.join("data")));
    let line = process.line_with(" listens at ");
    let url = line.rsplit(' ').next().unwrap().trim_end_matches('/').to_owned();
    until("the relay to be ready", WITHIN, || try_get(&format!("{url}/health")).filter(|a| a.status == 200));
    Server { process, url }
}

fn outputs(relay: &Server) -> Vec<Value> {
    get(&relay.at("/api/v1/relay")).json()["outputs"].as_array().unwrap().clone()
}

/// Whether a relay has this member in its ring.
fn has(relay: &Server, member: &str) -> bool {
    let name = format!("all/{member}");
    outputs(relay).iter().any(|output| output["name"] == name.as_str() && output["out"] == false)
}

#[track_caller]
fn until_members(relays: &[&Server], wanted: &[(&str, bool)]) {
    let started = Instant::now();
    for relay in relays {
        until(&format!("members {wanted:?}: {:?}", outputs(relay)), WITHIN, || {
            wanted.iter().all(|(member, is_in)| has(relay, member) == *is_in).then_some(())
        });
    }
    println!("members {wanted:?} after {:.1} s", started.elapsed().as_secs_f64());
}

/// What was pushed: every series has the same seconds, and each second its number as value.
struct Load {
    start_s: u64,
    count: u64,
}

impl Load {
    fn push(&mut self, relays: &[&Server], seconds: u64) {
        for _ in 0..seconds {
            let at = self.start_s + self.count;
            for (part, relay) in relays.iter().enumerate() {
                let of_it = (0..SERIES).filter(|n| n % relays.len() == part);
                let lines: String = of_it
                    .map(|n| format!("point{n},host=web value={} {at}000000000\n", self.count))
                    .collect();
                assert_eq!(post(&relay.at("/write"), "text/plain", lines).status, 204);
            }
            self.count += 1;
        }
    }

    #[track_caller]
    fn until_all(&self, servers: &[&Server]) {
        let wanted: BTreeSet<u64> = (0..self.count).collect();
        for n in 0..SERIES {
            until(&format!("all samples of series {n}"), WITHIN, || {
                let found = servers.iter().flat_map(|server| stored(server, n)).collect::<BTreeSet<u64>>();
                (found == wanted).then_some(())
            });
        }
    }
}

fn stored(server: &Server, n: usize) -> BTreeSet<u64> {
    let text = format!(".es(q='__name__:point{n}', metric=last:point{n})");
    let series = run(&server.url, &text, "now-15m", "now+1m", "1s");
    series.iter().flat_map(numbers).map(|value| value as u64).collect()
}

#[track_caller]
fn until_settled(relays: &[&Server]) {
    for relay in relays {
        until("everything to be settled, and the numbers to agree", WITHIN, || {
            outputs(relay).iter().all(|output| output["held"] == 0 && output["missing"] == 0).then_some(())
        });
        let lost: u64 = outputs(relay).iter().map(dropped).sum();
        assert_eq!(lost, 0);
    }
}

/// One of a relay's own numbers, all its labels together.
fn count(relay: &Server, name: &str) -> f64 {
    let text = get(&relay.at("/metrics")).text;
    let of_it = text.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
    of_it.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn members_that_die_freeze_and_move_and_a_dead_nats_lose_nothing() {
    if Command::new(nats_program()).arg("--version").output().is_err() {
        return it::skip("no `nats-server` on this machine; `cargo xtask test` installs it");
    }
    let folder = Folder::new("leases");
    let mut nats = Nats::start(folder.path());
    let [first, second] = ["r1", "r2"].map(|name| relay(folder.path(), &nats, name));
    let relays = [&first, &second];
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut load = Load { start_s: now_s - 600, count: 0 };
    // Before anybody is there it waits.
    load.push(&relays, 5);
    let a = server(folder.path(), &nats, "a");
    until_members(&relays, &[("a", true)]);
    load.until_all(&[&a]);
    let b = server(folder.path(), &nats, "b");
    let c = server(folder.path(), &nats, "c");
    until_members(&relays, &[("a", true), ("b", true), ("c", true)]);
    load.push(&relays, 10);
    load.until_all(&[&a, &b, &c]);
    let last = |server: &Server| (0..SERIES).filter(|n| stored(server, *n).contains(&14)).count();
    let shares = [&a, &b, &c].map(last);
    assert!(shares.iter().all(|share| *share > 0) && shares.iter().sum::<usize>() == SERIES, "{shares:?}");

    // Killed: out within its lease, and what waited for it is with the others.
    b.process.kill();
    load.push(&relays, 10);
    until_members(&relays, &[("b", false)]);
    load.push(&relays, 5);
    until_settled(&relays);
    assert!(first.process.said().contains("a member left its cluster"), "{}", first.process.said());

    // Back, in another place: it has its share again, and what it had on its disk.
    let b = server(folder.path(), &nats, "b");
    until_members(&relays, &[("b", true)]);
    load.push(&relays, 5);
    load.until_all(&[&a, &b, &c]);

    // Killed a second time: a lease that was written anew runs out as the first did.
    b.process.kill();
    until_members(&relays, &[("b", false)]);

    // Frozen: its port still takes connections, which is why those prove nothing.
    c.process.signal("STOP");
    load.push(&relays, 5);
    until_members(&relays, &[("c", false)]);
    load.push(&relays, 5);
    until_settled(&relays);
    c.process.signal("CONT");
    until_members(&relays, &[("c", true)]);

    // No NATS: membership stays as it was, for longer than a lease.
    nats.kill();
    until("the relays to miss it", WITHIN, || {
        relays.iter().all(|relay| relay.process.said().contains("membership stays as it was")).then_some(())
    });
    load.push(&relays, 5);
    until_settled(&relays);
    until("looks in vain for longer than a lease", WITHIN, || {
        relays.iter().all(|relay| count(relay, "windhover_cluster_look_failures_total") >= 6.0).then_some(())
    });
    until_members(&relays, &[("a", true), ("b", false), ("c", true)]);
    // A relay that starts now knows who was there.
    second.process.kill();
    let second = relay(folder.path(), &nats, "r2");
    let relays = [&first, &second];
    load.push(&relays, 5);
    until_settled(&relays);
    // One dies unseen: what comes for it waits.
    c.process.kill();
    load.push(&relays, 5);
    // NATS comes back without its memory; those who live register again, and the dead one is found out.
    std::fs::remove_dir_all(&nats.folder).unwrap();
    nats.begin();
    until_members(&relays, &[("a", true), ("c", false)]);
    until_settled(&relays);
    let (b, c) = (server(folder.path(), &nats, "b"), server(folder.path(), &nats, "c"));
    until_members(&relays, &[("a", true), ("b", true), ("c", true)]);
    load.push(&relays, 5);
    load.until_all(&[&a, &b, &c]);
    until_settled(&relays);
    assert_eq!(count(&first, "windhover_cluster_members"), 3.0);
    assert!(count(&first, "windhover_relay_members_left_total") >= 4.0);
    assert_eq!(count(&first, "windhover_relay_missing_samples"), 0.0);

    // One that is told to stop says so, and is out at once.
    assert!(b.process.terminate().success());
    until_members(&relays, &[("b", false)]);
    until("the reason", WITHIN, || first.process.said().contains("it gave up its lease").then_some(()));
}

/// Samples that an output has lost, for whatever reason.
fn dropped(output: &Value) -> u64 {
    output["dropped"].as_object().unwrap().values().filter_map(Value::as_u64).sum()
}
