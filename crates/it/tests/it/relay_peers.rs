//! What the relay says to programs that we did not make: Debian's collectd takes packets in the clear, signed and
//! encrypted, and Debian's InfluxDB plays OpenTSDB, by HTTP and by lines; and Open-Falcon's RPC.

use it::http::{get, numbers, post, run, try_get};
use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WITHIN: Duration = Duration::from_secs(60);

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn relay(folder: &Path, tables: &str) -> Server {
    let file = folder.join("relay.toml");
    let own = "[[route]]\nmatch = '{__name__=~\"windhover_.*\"}'\ndrop = true\n";
    std::fs::write(&file, format!("{tables}{own}")).unwrap();
    let mut command = Command::new(binary());
    command.args(["relay", "--listen", "127.0.0.1:0", "--config", file.to_str().unwrap()]);
    let process = Running::start(command.arg("--data").arg(folder.join("data")));
    let line = process.line_with(" listens at ");
    let url = line.rsplit(' ').next().unwrap().trim_end_matches('/').to_owned();
    until("the relay to be ready", WITHIN, || try_get(&format!("{url}/health")).filter(|a| a.status == 200));
    Server { process, url }
}

/// Pushes `count` seconds of a series, the value being the second's number.
fn push(relay: &Server, name: &str, start_s: u64, count: u64) {
    for n in 0..count {
        let line = format!("{name},host=web1 value={n} {}000000000\n", start_s + n);
        assert_eq!(post(&relay.at("/write"), "text/plain", line).status, 204);
    }
}

#[track_caller]
fn until_settled(relay: &Server) {
    until("everything to be settled, and the numbers to agree", WITHIN, || {
        let all = get(&relay.at("/api/v1/relay")).json();
        let is_settled = |output: &Value| output["held"] == 0 && output["missing"] == 0;
        all["outputs"].as_array().unwrap().iter().all(is_settled).then_some(())
    });
}

/// A collectd that takes packets of this level and writes what it gets as CSV.
fn collectd(folder: &Path, level: &str, port: u16) -> Running {
    let folder = folder.join(format!("collectd-{level}"));
    std::fs::create_dir_all(folder.join("csv")).unwrap();
    let auth = folder.join("users");
    std::fs::write(&auth, "ann: secret\n").unwrap();
    let config = format!(
        // With several threads collectd itself changes the order of what it got.
        "WriteThreads 1\nHostname \"receiver\"\nBaseDir \"{0}\"\nPIDFile \"{0}/pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n\
         LoadPlugin logfile\n<Plugin logfile>\nLogLevel info\nFile STDOUT\n</Plugin>\n\
         LoadPlugin csv\n<Plugin csv>\nDataDir \"{0}/csv\"\nStoreRates false\n</Plugin>\n\
         LoadPlugin network\n<Plugin network>\n<Listen \"127.0.0.1\" \"{port}\">\nSecurityLevel {level}\n\
         AuthFile \"{1}\"\n</Listen>\n</Plugin>\n",
        folder.display(),
        auth.display()
    );
    let file = folder.join("collectd.conf");
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new("/usr/sbin/collectd");
    let running = Running::start(command.args(["-f", "-C"]).arg(&file));
    running.line_with("Initialization complete");
    running
}

/// The values that collectd has written of a plugin's type for web1.
fn written(folder: &Path, level: &str, plugin: &str, its_type: &str) -> Vec<f64> {
    let folder = folder.join(format!("collectd-{level}/csv/web1")).join(plugin);
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let theirs = files.filter(|file| file.file_name().to_string_lossy().starts_with(its_type));
    let text: String = theirs.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
    text.lines().filter_map(|line| line.split_once(',')?.1.parse().ok()).collect()
}

#[test]
fn collectd_takes_packets_in_the_clear_signed_and_encrypted() {
    if !Path::new("/usr/sbin/collectd").exists() {
        return it::skip("no `collectd` on this machine; `cargo xtask test` installs it");
    }
    let folder = Folder::new("relay-collectd");
    let token = folder.path().join("token");
    std::fs::write(&token, "ann:secret\n").unwrap();
    let mut tables = String::new();
    let mut peers = Vec::new();
    for (form, level) in [("clear", "None"), ("sign", "Sign"), ("encrypt", "Encrypt")] {
        let port = free_port();
        peers.push((collectd(folder.path(), level, port), level));
        tables += &format!(
            "[[output]]\nname = '{form}'\nkind = 'collectd'\nurl = '127.0.0.1:{port}'\nform = '{form}'\nstep = '1s'\n\
             token_file = '{}'\n",
            token.display()
        );
    }
    let relay = relay(folder.path(), &tables);
    let start_s = now_s() - 60;
    push(&relay, "queue_percent", start_s, 30);
    push(&relay, "depth", start_s, 30);
    let wanted: Vec<f64> = (0..30).map(f64::from).collect();
    for (peer, level) in &peers {
        for (plugin, its_type) in [("queue", "percent"), ("depth", "gauge")] {
            until(&format!("{plugin} at {level}: {}", peer.said()), WITHIN, || {
                (written(folder.path(), level, plugin, its_type) == wanted).then_some(())
            });
        }
    }
    until_settled(&relay);
}

/// An InfluxDB with its doors for OpenTSDB open.
fn influxd(folder: &Path, http: u16, tsdb: u16) -> Running {
    let config = format!(
        "reporting-disabled = true\nbind-address = \"127.0.0.1:{}\"\n[meta]\ndir = \"{1}/meta\"\n\
         [data]\ndir = \"{1}/data\"\nwal-dir = \"{1}/wal\"\n[http]\nbind-address = \"127.0.0.1:{http}\"\n\
         [[opentsdb]]\nenabled = true\nbind-address = \"127.0.0.1:{tsdb}\"\ndatabase = \"tsdb\"\n\
         batch-size = 1\nbatch-timeout = \"100ms\"\n",
        free_port(),
        folder.join("influx").display()
    );
    let file = folder.join("influxdb.conf");
    std::fs::write(&file, config).unwrap();
    Running::start(Command::new("influxd").arg("-config").arg(&file))
}

/// The values that InfluxDB has of a measurement.
fn influx_values(http: u16, name: &str, database: &str) -> BTreeSet<u64> {
    let query = format!("http://127.0.0.1:{http}/query?db={database}&q=SELECT%20value%20FROM%20{name}");
    let Some(answer) = try_get(&query) else { return BTreeSet::new() };
    let answer = answer.json();
    let rows = answer["results"][0]["series"][0]["values"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row[1].as_f64()).map(|value| value as u64).collect()
}

#[test]
fn influxdb_takes_what_it_would_of_opentsdb_and_its_own_lines() {
    if Command::new("influxd").arg("version").output().is_err() {
        return it::skip("no `influxd` on this machine; `cargo xtask test` installs it");
    }
    let folder = Folder::new("relay-influxd");
    let (http, tsdb) = (free_port(), free_port());
    let _influxd = influxd(folder.path(), http, tsdb);
    let ping = format!("http://127.0.0.1:{http}/ping");
    until("InfluxDB", WITHIN, || try_get(&ping).filter(|answer| answer.status == 204));
    for database in ["own", "tsdb"] {
        let create = format!("http://127.0.0.1:{http}/query?q=CREATE%20DATABASE%20{database}");
        assert_eq!(post(&create, "text/plain", "").status, 200);
    }
    let relay = relay(
        folder.path(),
        &format!(
            "[[output]]\nname = 'http'\nkind = 'opentsdb'\nurl = 'http://127.0.0.1:{tsdb}/api/put'\n\
             [[output]]\nname = 'telnet'\nkind = 'opentsdb'\nurl = '127.0.0.1:{tsdb}'\nform = 'telnet'\n\
             [[output]]\nname = 'own'\nkind = 'influx'\nurl = 'http://127.0.0.1:{http}/write?db=own'\n\
             [[route]]\nmatch = 'by_http'\nto = ['http']\n[[route]]\nmatch = 'by_line'\nto = ['telnet']\n\
             [[route]]\nmatch = 'by_influx'\nto = ['own']\n"
        ),
    );
    let start_s = now_s() - 60;
    for (name, database) in [("by_http", "tsdb"), ("by_line", "tsdb"), ("by_influx", "own")] {
        push(&relay, name, start_s, 30);
        until(name, WITHIN, || {
            (influx_values(http, name, database) == (0..30).collect::<BTreeSet<u64>>()).then_some(())
        });
    }
    until_settled(&relay);
}

#[test]
fn open_falcon_s_rpc_takes_samples() {
    let folder = Folder::new("relay-falcon-rpc");
    let port = free_port();
    let door = format!("127.0.0.1:{port}");
    let server = Server::start("server", &folder.path().join("server"), 0, &["--falcon-rpc", &door]);
    let table = format!(
        "[[output]]\nkind = 'falcon'\nurl = '{door}'\nform = 'rpc'\nstep = '30s'\n[[route]]\nmatch = 'x'\ndrop = true\n"
    );
    let relay = relay(folder.path(), &table);
    let start_s = (now_s() - 300) / 30 * 30;
    for n in 0..5u64 {
        let line = format!("told,host=web1 value={n} {}000000000\n", start_s + n * 30);
        assert_eq!(post(&relay.at("/write"), "text/plain", line).status, 204);
    }
    until("all samples by RPC", WITHIN, || {
        let text = ".es(q='__name__:told', metric=last:told)";
        let series = run(&server.url, text, "now-15m", "now+1m", "30s");
        let values: BTreeSet<u64> = series.iter().flat_map(numbers).map(|value| value as u64).collect();
        (values == (0..5).collect::<BTreeSet<u64>>()).then_some(())
    });
    until_settled(&relay);
}
