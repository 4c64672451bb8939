//! `windhover relay` between real programs: a Windhover server, Debian's Prometheus and carbon-cache; dead outputs beside
//! living ones; `kill -9`.

use it::http::{get, numbers, post, run, try_get};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WITHIN: Duration = Duration::from_secs(60);

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A relay with these tables in its file.
fn relay(folder: &Path, port: u16, tables: &str) -> Server {
    let file = folder.join("relay.toml");
    std::fs::write(&file, tables).unwrap();
    Server::start("relay", &folder.join("data"), port, &["--config", file.to_str().unwrap()])
}

/// How an output stands.
fn output(relay: &Server, name: &str) -> Value {
    let all = get(&relay.at("/api/v1/relay")).json();
    let found = all["outputs"].as_array().unwrap().iter().find(|output| output["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no output {name}: {all}"))
}

/// Pushes `count` seconds of one series in Influx lines, the value being the second's number.
fn push(relay: &Server, name: &str, start_s: u64, from: u64, count: u64) {
    for n in from..from + count {
        let line = format!("{name},host=web1 value={n} {}000000000\n", start_s + n);
        assert_eq!(post(&relay.at("/write"), "text/plain", line).status, 204);
    }
}

/// The values that a server has of a series, a second each.
fn stored(server: &Server, name: &str) -> Vec<f64> {
    let series =
        run(&server.url, &format!(".es(q='__name__:{name}', metric=last:{name})"), "now-15m", "now+1m", "1s");
    series.iter().flat_map(numbers).collect()
}

fn until_all(server: &Server, name: &str, count: u64) {
    until("all samples in the server", WITHIN, || {
        let values = stored(server, name);
        (values == (0..count).map(|n| n as f64).collect::<Vec<_>>()).then_some(())
    });
}

fn prometheus(folder: &Path, port: u16) -> Running {
    let file = folder.join("prometheus.yml");
    std::fs::write(&file, "storage: {tsdb: {out_of_order_time_window: 1h}}\n").unwrap();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("tsdb").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--web.enable-remote-write-receiver");
    Running::start(&mut command)
}

fn carbon_cache(folder: &Path, line: u16, pickle: u16) -> Running {
    let storage = folder.join("carbon");
    for name in ["whisper", "log", "run"] {
        std::fs::create_dir_all(storage.join(name)).unwrap();
    }
    let config = format!(
        "[cache]\nSTORAGE_DIR = {0}\nLOCAL_DATA_DIR = {0}/whisper\nCONF_DIR = {0}\nLOG_DIR = {0}/log\nPID_DIR = {0}/run\n\
         USER =\nMAX_UPDATES_PER_SECOND = inf\nMAX_CREATES_PER_MINUTE = inf\nLINE_RECEIVER_INTERFACE = 127.0.0.1\n\
         LINE_RECEIVER_PORT = {line}\nPICKLE_RECEIVER_INTERFACE = 127.0.0.1\nPICKLE_RECEIVER_PORT = {pickle}\n\
         CACHE_QUERY_INTERFACE = 127.0.0.1\nCACHE_QUERY_PORT = {1}\nENABLE_LOGROTATION = False\n",
        storage.display(),
        free_port()
    );
    std::fs::write(storage.join("carbon.conf"), config).unwrap();
    std::fs::write(storage.join("storage-schemas.conf"), "[all]\npattern = .*\nretentions = 1s:1h\n")
        .unwrap();
    let mut command = Command::new("/usr/bin/carbon-cache");
    command.arg(format!("--config={}", storage.join("carbon.conf").display())).args(["--nodaemon", "start"]);
    Running::start(&mut command)
}

/// Values of a whisper file from a time on, read by Graphite's own library.
fn whisper(path: &Path, from_s: u64) -> Vec<f64> {
    const READ: &str = "import sys, whisper\n_, values = whisper.fetch(sys.argv[1], int(sys.argv[2]))\nprint(' '.join(str(v) for v in values if v is not None))";
    let output =
        Command::new("/usr/bin/python3").args(["-c", READ]).arg(path).arg(from_s.to_string()).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

#[test]
fn one_input_reaches_windhover_prometheus_and_carbon() {
    for program in ["prometheus", "/usr/bin/carbon-cache"] {
        if Command::new(program).arg("--version").output().is_err() {
            return it::skip(&format!("no `{program}` on this machine; `cargo xtask test` installs it"));
        }
    }
    let folder = Folder::new("relay");
    let (line, pickle, web) = (free_port(), free_port(), free_port());
    let server = Server::start("server", &folder.path().join("server"), 0, &[]);
    let _prometheus = prometheus(folder.path(), web);
    let _carbon = carbon_cache(folder.path(), line, pickle);
    let tables = format!(
        "[[output]]\nkind = 'windhover'\nurl = '{}'\n\
         [[output]]\nkind = 'remote_write'\nurl = 'http://127.0.0.1:{web}/api/v1/write'\n\
         [[output]]\nkind = 'carbon'\nurl = '127.0.0.1:{line}'\n\
         [[output]]\nkind = 'carbon_pickle'\nurl = '127.0.0.1:{pickle}'\npath = 'pickled.{{host}}.{{__name__}}'\n\
         [[output]]\nname = 'dead'\nkind = 'carbon'\nurl = '127.0.0.1:{}'\n",
        server.url,
        free_port()
    );
    let relay = relay(folder.path(), 0, &tables);
    let start_s = now_s() - 60;
    push(&relay, "relayed", start_s, 0, 50);
    until_all(&server, "relayed", 50);
    until("the samples in Prometheus", WITHIN, || {
        let query = format!("http://127.0.0.1:{web}/api/v1/query?query=count_over_time(relayed[5m])");
        let answer = try_get(&query)?.json();
        (answer["data"]["result"][0]["value"][1] == "50").then_some(())
    });
    let wanted: Vec<f64> = (0..50).map(f64::from).collect();
    for path in ["web1/relayed.wsp", "pickled/web1/relayed.wsp"] {
        let path = folder.path().join("carbon/whisper").join(path);
        until("the samples in whisper", WITHIN, || (whisper(&path, start_s - 1) == wanted).then_some(()));
    }
    for name in ["windhover", "remote_write", "carbon", "carbon_pickle", "dead"] {
        until("the numbers to agree", WITHIN, || (output(&relay, name)["missing"] == 0).then_some(()));
    }
    let dead = output(&relay, "dead");
    assert!(dead["sent"] == 0 && dead["held"].as_u64().unwrap() >= 50, "{dead}");
    assert!(dead["problem"].as_str().unwrap().contains("refused"), "{dead}");
    let metrics = get(&relay.at("/metrics")).text;
    assert!(metrics.contains("windhover_relay_received_samples_total"), "{metrics}");
    assert!(metrics.contains("windhover_relay_output_held_samples{"), "{metrics}");
}

#[test]
fn what_a_relay_has_acknowledged_outlives_kill_9() {
    let folder = Folder::new("relay-kill");
    let (port, upstream) = (free_port(), free_port());
    let tables = format!("[[output]]\nkind = 'windhover'\nurl = 'http://127.0.0.1:{upstream}'\n");
    let start_s = now_s() - 300;
    let mut count = 0;
    for _ in 0..3 {
        // Nobody there yet: all of it waits.
        let relay = relay(folder.path(), port, &tables);
        push(&relay, "kept", start_s, count, 40);
        count += 40;
        relay.process.kill();
    }
    let server = Server::start("server", &folder.path().join("server"), upstream, &[]);
    let relay = relay(folder.path(), port, &tables);
    until_all(&server, "kept", count);
    // And while it delivers.
    for _ in 0..3 {
        push(&relay, "kept", start_s, count, 20);
        count += 20;
    }
    relay.process.kill();
    let _relay = self::relay(folder.path(), port, &tables);
    until_all(&server, "kept", count);
}

#[test]
fn a_server_copies_what_it_stores() {
    let folder = Folder::new("relay-copy");
    let second = Server::start("server", &folder.path().join("second"), 0, &[]);
    let file = folder.path().join("first.toml");
    let tables = format!(
        "[[output]]\nkind = 'windhover'\nurl = '{}'\n[[route]]\nmatch = 'copied'\nset = {{ site = 'north' }}\n\
         [[route]]\nmatch = 'secret'\ndrop = true\n",
        second.url
    );
    std::fs::write(&file, tables).unwrap();
    let first =
        Server::start("server", &folder.path().join("first"), 0, &["--config", file.to_str().unwrap()]);
    let start_s = now_s() - 60;
    push(&first, "secret", start_s, 0, 5);
    push(&first, "copied", start_s, 0, 30);
    until_all(&first, "copied", 30);
    until_all(&second, "copied", 30);
    let sites = get(&second.at("/api/v1/label/site/values")).json();
    assert_eq!(sites["data"][0], "north", "{sites}");
    assert_eq!((stored(&first, "secret").len(), stored(&second, "secret").len()), (5, 0));
}

#[test]
fn a_relay_without_outputs_says_what_to_do() {
    let folder = Folder::new("relay-none");
    let mut command = Command::new(it::process::binary());
    command.args(["relay", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    let said = command.output().unwrap();
    assert!(!said.status.success());
    assert!(String::from_utf8_lossy(&said.stderr).contains("[[output]]"));
}

/// What a NATS server gives to one who subscribed, as it comes.
fn subscribe(port: u16, subject: &str) -> std::sync::Arc<std::sync::Mutex<String>> {
    let connect = || std::net::TcpStream::connect(("127.0.0.1", port)).ok();
    let mut stream = until("the NATS server", WITHIN, connect);
    let words = format!("CONNECT {{\"verbose\":false}}\r\nSUB {subject} 1\r\nPING\r\n");
    std::io::Write::write_all(&mut stream, words.as_bytes()).unwrap();
    let heard = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let hearing = heard.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(len @ 1..) = std::io::Read::read(&mut stream, &mut buffer) {
            hearing.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..len]));
        }
    });
    until("the subscription", WITHIN, || heard.lock().unwrap().contains("PONG").then_some(()));
    heard
}

#[test]
fn influx_open_falcon_nats_and_a_file_get_it_too() {
    if Command::new("nats-server").arg("--version").output().is_err() {
        return it::skip("no `nats-server` on this machine; `cargo xtask test` installs it");
    }
    let folder = Folder::new("relay-dialects");
    let by_influx = Server::start("server", &folder.path().join("influx"), 0, &[]);
    let by_falcon = Server::start("server", &folder.path().join("falcon"), 0, &[]);
    let by_two = Server::start("server", &folder.path().join("carbon"), 0, &[]);
    let nats = free_port();
    let mut command = Command::new("nats-server");
    let _nats = Running::start(command.args(["-a", "127.0.0.1", "-p", &nats.to_string()]));
    let heard = subscribe(nats, "metrics.all");
    let file = folder.path().join("lines");
    let tables = format!(
        "[[output]]\nkind = 'influx'\nurl = '{}/write?db=x'\n\
         [[output]]\nkind = 'falcon'\nurl = '{}/api/push'\nstep = '1s'\n\
         [[output]]\nkind = 'windhover'\nurl = '{}'\n\
         [[output]]\nkind = 'nats'\nurl = 'nats://127.0.0.1:{nats}/metrics.all'\nform = 'graphite'\n\
         [[output]]\nkind = 'file'\nurl = '{}'\n\
         [[route]]\nmatch = '{{__name__=~\"windhover_.*\"}}'\ndrop = true\n\
         [[route]]\nmatch = 'part'\nevery = '10s'\nhow = 'sum'\nas = 'whole'\nlate = '0s'\n",
        by_influx.url,
        by_falcon.url,
        by_two.url,
        file.display()
    );
    let relay = relay(folder.path(), 0, &tables);
    let start_s = (now_s() - 60) / 10 * 10;
    push(&relay, "told", start_s, 0, 30);
    push(&relay, "part", start_s, 0, 20);
    until_all(&by_influx, "told", 30);
    until_all(&by_two, "told", 30);
    until("the sums", WITHIN, || (stored(&by_two, "whole") == [45.0, 145.0]).then_some(()));
    // Open-Falcon floors times to a step of at least thirty seconds.
    until("something by Open-Falcon's door", WITHIN, || {
        (!stored(&by_falcon, "told").is_empty()).then_some(())
    });
    let lines: Vec<String> = (0..30).map(|n| format!("web1.told {n} {}", start_s + n)).collect();
    until("all lines from NATS", WITHIN, || {
        let heard = heard.lock().unwrap();
        lines.iter().all(|line| heard.contains(line.as_str())).then_some(())
    });
    until("all lines in the file", WITHIN, || {
        let text = std::fs::read_to_string(&file).ok()?;
        (text.matches("told,host=web1 value=").count() == 30).then_some(())
    });
    for name in ["influx", "falcon", "windhover", "nats", "file"] {
        until("the numbers to agree", WITHIN, || {
            let output = output(&relay, name);
            (output["missing"] == 0 && output["held"] == 0).then_some(())
        });
    }
}
