//! Logs that real programs write and rotate: nginx and Apache with unusual formats, logrotate while lines come.

use it::http::{get, try_get};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub(crate) const SOON: Duration = Duration::from_secs(60);

/// Starts `windhover up` with these settings, samples of logs every second.
pub(crate) fn start(folder: &Folder, port: u16, settings: &str) -> Server {
    let config = folder.path().join("windhover.toml");
    fs::write(&config, format!("[logs]\ninterval = \"1s\"\n{settings}")).unwrap();
    let config = config.to_str().unwrap().to_owned();
    Server::start("up", &folder.path().join("data"), port, &["--host", "merlin", "--config", &config])
}

/// The newest values of all series that match, together.
pub(crate) fn sum(server: &Server, selector: &str) -> f64 {
    let query: String = selector.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = get(&server.at(&format!("/api/v1/export?format=openmetrics&match[]={query}")));
    let mut newest = std::collections::BTreeMap::new();
    for line in answer.text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.rsplitn(3, ' ');
        let (_, value, series) = (words.next(), words.next().unwrap(), words.next().unwrap());
        newest.insert(series.to_owned(), value.parse::<f64>().unwrap_or(0.0));
    }
    newest.values().filter(|value| !value.is_nan()).sum()
}

pub(crate) fn becomes(server: &Server, selector: &str, wanted: f64) {
    let mut last = 0.0;
    until(&format!("{selector} to be {wanted}"), SOON, || {
        last = sum(server, selector);
        assert!(last <= wanted, "{selector} is {last}, more than {wanted}");
        (last == wanted).then_some(())
    });
}

pub(crate) fn problem(server: &Server, name: &str) -> Option<String> {
    let all: Value = get(&server.at("/api/v1/standings?host=merlin")).json();
    let parts = all["hosts"][0]["parts"].as_array()?;
    let is_it = |part: &Value| part["name"].as_str().is_some_and(|of| of.starts_with(&format!("{name} ")));
    let part = parts.iter().find(|part| part["part"] == "log" && is_it(part))?;
    Some(part["problem"].as_str()?.to_owned())
}

/// Asks for paths, and waits for each answer.
pub(crate) fn ask(port: u16, paths: &[&str]) {
    for path in paths {
        until("an answer", SOON, || try_get(&format!("http://127.0.0.1:{port}{path}")));
    }
}

#[test]
fn what_nginx_writes_is_counted_in_any_format() {
    if !Path::new("/usr/sbin/nginx").exists() {
        return it::skip("nginx is not installed");
    }
    let (folder, port, web) = (Folder::new("logs-nginx"), free_port(), free_port());
    let formats = [
        ("odd", "$status$body_bytes_sent|$host$request_uri <$request_method> $request_time"),
        ("quoted", "\"$http_user_agent\" \"$request\" [$time_local] - $status - ${bytes_sent}b"),
        (
            "json",
            "escape=json {\"u\":\"$request_uri\",\"s\":$status,\"a\":\"$http_user_agent\",\"m\":\"$request_method\"}",
        ),
    ];
    let (mut conf, mut settings) = (String::new(), String::new());
    for (name, format) in formats {
        let (escape, text) = match format.strip_prefix("escape=json ") {
            Some(text) => ("escape=json ", text),
            None => ("", format),
        };
        writeln!(conf, "log_format {name} {escape}'{text}'; access_log {name}.log {name};").unwrap();
        let file = folder.path().join(format!("{name}.log"));
        writeln!(
            settings,
            "[[log]]\nname = '{name}'\nfiles = ['{}']\nformat = '''{format}'''",
            file.display()
        )
        .unwrap();
    }
    let text = format!(
        "daemon off; pid nginx.pid; error_log error.log; events {{}} http {{ {conf}\n\
         server {{ listen 127.0.0.1:{web}; location / {{ return 200 'fine'; }} location /gone {{ return 404; }} }} }}"
    );
    fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let server = start(&folder, port, &settings);
    let mut command = Command::new("/usr/sbin/nginx");
    let _nginx =
        Running::start(command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf")));
    until("nginx to listen", SOON, || std::net::TcpStream::connect(("127.0.0.1", web)).ok());
    // What listens is asked only once the files are followed, as those that are there at first count from their end.
    until("the files to be followed", SOON, || {
        (sum(&server, "windhover_logparse_files") >= 3.0).then_some(())
    });
    ask(web, &["/users/1?a=%22b", "/users/22", "/gone/x", "/plain"]);
    for (name, _) in formats {
        becomes(&server, &format!("log_requests_total{{name=\"{name}\",method=\"GET\"}}"), 4.0);
        becomes(&server, &format!("log_requests_total{{name=\"{name}\",status=\"404\"}}"), 1.0);
        becomes(&server, &format!("log_url_requests_total{{name=\"{name}\",url=\"/users/{{id}}\"}}"), 2.0);
        becomes(&server, &format!("log_lines_unmatched_total{{name=\"{name}\"}}"), 0.0);
        assert_eq!(problem(&server, name).as_deref(), Some(""));
    }
    becomes(&server, "log_request_seconds_count{name=\"odd\"}", 4.0);
}

/// Writes lines, each with its number, as fast as it is told.
struct Writer {
    path: std::path::PathBuf,
    written: u32,
}

impl Writer {
    fn write(&mut self, lines: u32) {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).unwrap();
        for _ in 0..lines {
            let text = format!("GET /n/{} 200 {:030}\n", self.written, self.written);
            file.write_all(text.as_bytes()).unwrap();
            self.written += 1;
        }
    }
}

fn logrotate(name: &str, options: &str) {
    if !Path::new("/usr/sbin/logrotate").exists() {
        return it::skip("logrotate is not installed");
    }
    let (folder, port) = (Folder::new(name), free_port());
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let log = logs.join("a.log");
    let mut writer = Writer { path: log.clone(), written: 0 };
    let settings = format!(
        "[[log]]\nname = 'a'\nfiles = ['{}']\nformat = '$request_method $uri $status $x'\nfrom_start = true\n",
        log.display()
    );
    let conf = folder.path().join("logrotate.conf");
    fs::write(&conf, format!("{} {{\n rotate 100\n missingok\n {options}\n}}\n", log.display())).unwrap();
    writer.write(10);
    let server = start(&folder, port, &settings);
    for round in 0..6 {
        writer.write(500);
        if round % 2 == 0 {
            let lines = f64::from(writer.written);
            becomes(&server, "log_lines_total{name=\"a\"}", lines);
        }
        writer.write(77);
        let status = Command::new("/usr/sbin/logrotate")
            .arg("--force")
            .arg("--state")
            .arg(folder.path().join("state"))
            .arg(&conf)
            .status();
        assert!(status.unwrap().success());
        writer.write(33);
    }
    becomes(&server, "log_lines_total{name=\"a\"}", f64::from(writer.written));
    becomes(&server, "log_lines_unmatched_total{name=\"a\"}", 0.0);
}

#[test]
fn logrotate_by_renaming_loses_no_line() {
    logrotate("logrotate-rename", "su root root\n create\n compress\n delaycompress");
}

#[test]
fn logrotate_by_copying_and_packing_at_once_loses_no_line() {
    logrotate("logrotate-copy", "su root root\n copytruncate\n compress");
}
