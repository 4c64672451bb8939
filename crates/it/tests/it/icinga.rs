//! A real Icinga 2 is followed: its results and changes arrive, its restart is a gap, and nothing comes twice.

use it::http::get;
use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
const ICINGA: &str = "/usr/sbin/icinga2";

/// An Icinga with everything in one folder.
struct Icinga {
    folder: Folder,
    port: u16,
}

impl Icinga {
    /// Its certificates are made, its settings written: one host with one service, each checked every second.
    fn new() -> Self {
        let icinga = Self { folder: Folder::new("icinga"), port: free_port() };
        for name in ["conf", "data", "log", "run", "cache", "spool"] {
            std::fs::create_dir_all(icinga.at(name)).unwrap();
        }
        std::fs::write(icinga.at("conf/icinga2.conf"), "").unwrap();
        let made = icinga
            .command("api")
            .args(["setup", "--cn", "monitor1"])
            .args(icinga.defines())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
        std::fs::write(icinga.at("conf/icinga2.conf"), icinga.settings()).unwrap();
        std::fs::write(icinga.at("password"), "s3cret\n").unwrap();
        icinga.says("DISK ok | /=50%;80;90;0;100 'a b'=3c x=5MB", 0);
        icinga
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, what: &str) -> Command {
        let mut command = Command::new(ICINGA);
        command.arg(what);
        command
    }

    fn defines(&self) -> Vec<String> {
        let own = |name: &str, folder: &str| format!("-D{name}={}", self.at(folder).display());
        let id = |option: &str| {
            let said = Command::new("id").arg(option).output().unwrap().stdout;
            String::from_utf8(said).unwrap().trim().to_owned()
        };
        vec![
            own("ConfigDir", "conf"),
            own("DataDir", "data"),
            own("LogDir", "log"),
            own("InitRunDir", "run"),
            own("CacheDir", "cache"),
            own("SpoolDir", "spool"),
            format!("-DRunAsUser={}", id("-un")),
            format!("-DRunAsGroup={}", id("-gn")),
        ]
    }

    fn settings(&self) -> String {
        let (port, script) = (self.port, self.at("plugin").display().to_string());
        format!(
            r#"include <itl>
            const NodeName = "monitor1"
            object Endpoint NodeName {{ }}
            object Zone NodeName {{ endpoints = [ NodeName ] }}
            object ApiListener "api" {{ bind_host = "127.0.0.1", bind_port = {port} }}
            object ApiUser "windhover" {{ password = "s3cret", permissions = [ "events/*", "status/query", "objects/query/*" ] }}
            object CheckerComponent "checker" {{ }}
            object CheckCommand "say" {{ command = [ "/bin/sh", "-c", "$text$" ] }}
            object Host "web1" {{ check_command = "say", check_interval = 1s, vars.text = "echo 'alive | rta=1.5ms'" }}
            object Service "disk" {{
              host_name = "web1", check_command = "say", max_check_attempts = 1, check_interval = 1s, retry_interval = 1s
              vars.text = ". {script}"
            }}
            "#
        )
    }

    /// What the service's plugin prints and how it ends from now on.
    fn says(&self, text: &str, status: u8) {
        let new = self.at("plugin.new");
        std::fs::write(&new, format!("echo \"{}\"\nexit {status}\n", text)).unwrap();
        std::fs::rename(new, self.at("plugin")).unwrap();
    }

    fn start(&self) -> Running {
        let mut command = self.command("daemon");
        let running =
            Running::start(command.arg("-c").arg(self.at("conf/icinga2.conf")).args(self.defines()));
        running.line_with("Activated all objects");
        running
    }
}

/// Times and values of the series that match.
fn rows(server: &Server, matcher: &str) -> Vec<(i64, f64)> {
    let answer = get(&server.at(&format!("/api/v1/export?match[]={matcher}")));
    let Some(line) = answer.text.lines().next() else { return Vec::new() };
    let row: Value = serde_json::from_str(line).unwrap();
    let times = row["timestamps"].as_array().unwrap().iter().filter_map(Value::as_i64);
    times.zip(row["values"].as_array().unwrap().iter().filter_map(Value::as_f64)).collect()
}

fn last(server: &Server, matcher: &str) -> Option<f64> {
    rows(server, matcher).last().map(|(_, value)| *value)
}

/// Texts of the events that Icinga gave.
fn told(server: &Server) -> Vec<String> {
    let answer = get(&server.at("/api/v1/events?limit=1000&source=icinga")).json();
    let events = answer["events"].as_array().cloned().unwrap_or_default();
    events.iter().rev().map(|event| event["text"].as_str().unwrap_or_default().to_owned()).collect()
}

fn count(told: &[String], words: &str) -> usize {
    told.iter().filter(|text| text.contains(words)).count()
}

fn has_told(server: &Server, words: &str) {
    until(words, SOON, || (count(&told(server), words) > 0).then_some(()));
}

fn config(icinga: &Icinga, folder: &Path) -> PathBuf {
    let file = folder.join("windhover.toml");
    let text = format!(
        "[[icinga]]\nurl = 'https://127.0.0.1:{}'\nserver_name = 'monitor1'\nname = 'monitor1'\nuser = 'windhover'\n\
         password_file = '{}'\nca = '{}'\ninterval = '1s'\n",
        icinga.port,
        icinga.at("password").display(),
        icinga.at("data/certs/ca.crt").display(),
    );
    std::fs::write(&file, text).unwrap();
    file
}

const DISK: &str = "%7Bhost=%22web1%22,check=%22disk%22%7D";

#[test]
fn icinga_is_followed_through_its_restart() {
    if !Path::new(ICINGA).exists() {
        return it::skip("no `icinga2` on this machine; `cargo xtask test` installs it");
    }
    let (icinga, data) = (Icinga::new(), Folder::new("icinga-server"));
    let daemon = icinga.start();
    let config = config(&icinga, data.path()).display().to_string();
    let server = Server::start("server", data.path(), 0, &["--config", &config]);
    until("results", SOON, || (rows(&server, &format!("check_state{DISK}")).len() > 2).then_some(()));
    for (matcher, value) in [
        (format!("check_state{DISK}"), 0.0),
        (format!("check_state_hard{DISK}"), 1.0),
        (format!("perfdata_ratio{DISK}"), 0.5),
        ("perfdata_ratio_bound%7Bbound=%22warn_above%22%7D".to_owned(), 0.8),
        (format!("perfdata_total{DISK}"), 3.0),
        (format!("perfdata_bytes{DISK}"), 5e6),
        ("check_state%7Bcheck=%22host%22%7D".to_owned(), 0.0),
        ("perfdata_seconds%7Bcheck=%22host%22%7D".to_owned(), 0.0015),
        ("icinga_cib_num_services_ok".to_owned(), 1.0),
        ("icinga_up%7Bicinga=%22monitor1%22%7D".to_owned(), 1.0),
    ] {
        until(&matcher, SOON, || (last(&server, &matcher) == Some(value)).then_some(()));
    }
    icinga.says("DISK full | /=95%;80;90;0;100", 2);
    has_told(&server, "disk on web1: CRITICAL (hard): DISK full");
    let doctor = Command::new(binary()).args(["doctor", "--config", &config]).output().unwrap();
    let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(doctor.contains("monitor1: Icinga r") && doctor.contains("answers and gives events"), "{doctor}");

    // Icinga keeps its state over a restart, and meanwhile all is well again.
    let before = told(&server);
    assert!(daemon.terminate().success());
    until("icinga to be down", SOON, || (last(&server, "icinga_up") == Some(0.0)).then_some(()));
    icinga.says("DISK fine again | /=50%;80;90;0;100", 0);
    let _daemon = icinga.start();
    has_told(&server, "the events of Icinga monitor1 were not heard for");
    has_told(&server, "disk on web1: OK (hard): DISK fine again");
    until("results again", SOON, || {
        (last(&server, &format!("check_state{DISK}")) == Some(0.0)).then_some(())
    });
    until("icinga to be up", SOON, || (last(&server, "icinga_up") == Some(1.0)).then_some(()));
    // A change after all of this must be the only one of its kind.
    icinga.says("DISK half | /=85%;80;90;0;100", 1);
    has_told(&server, "disk on web1: WARNING (hard): DISK half");
    let after = told(&server);
    for words in ["CRITICAL (hard)", "DISK fine again", "WARNING (hard)", "were not heard"] {
        assert_eq!(count(&after, words), 1, "{words} in {after:#?} (before: {before:#?})");
    }
    let rows = rows(&server, &format!("check_state{DISK}"));
    assert!(rows.windows(2).all(|two| two[0].0 < two[1].0), "{rows:?}");
    assert_eq!(last(&server, "windhover_scrape_samples_lost_total"), Some(0.0));
}
