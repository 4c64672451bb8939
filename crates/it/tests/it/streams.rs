//! Logs that go to standard output and to the journal: nginx as its image has it, with a stand-in for the runtime that keeps
//! what it writes; journals that systemd's own program writes.

use crate::logs::{SOON, ask, becomes, problem, start, sum};
use it::process::{Folder, free_port};
use it::wait::until;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

const JOURNAL: &str = "/lib/systemd/systemd-journal-remote";

/// A container's file as Docker's `json-file` keeps it, with one generation beside it.
struct Kept {
    path: PathBuf,
    bytes_max: u64,
}

impl Kept {
    fn write(&self, text: &str, stream: &str) {
        let is_full = fs::metadata(&self.path).is_ok_and(|found| found.len() > self.bytes_max);
        if is_full {
            fs::rename(&self.path, self.path.with_extension("log.1")).unwrap();
        }
        let text = serde_json::to_string(text).unwrap().replace('&', "\\u0026").replace('<', "\\u003c");
        let line = format!(
            "{{\"log\":{text},\"stream\":\"{stream}\",\"time\":\"2026-11-22T08:14:03.120450017Z\"}}\n"
        );
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .unwrap()
            .write_all(line.as_bytes())
            .unwrap();
    }
}

/// Takes what comes out of a pipe, in pieces of 16 KiB at most.
fn keep(pipe: impl Read + Send + 'static, stream: &'static str, kept: Arc<Mutex<Kept>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut pipe = BufReader::with_capacity(16 << 10, pipe);
        let mut line = Vec::new();
        while let Ok(1..) = pipe.by_ref().take(16 << 10).read_until(b'\n', &mut line) {
            kept.lock().unwrap().write(&String::from_utf8_lossy(&line), stream);
            line.clear();
        }
    })
}

/// Ends with the test, whatever becomes of that.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[test]
fn what_nginx_writes_to_its_outputs_is_read_from_the_file_of_its_runtime() {
    if !Path::new("/usr/sbin/nginx").exists() {
        return it::skip("nginx is not installed");
    }
    let (folder, port, web) = (Folder::new("streams-nginx"), free_port(), free_port());
    let log = folder.path().join("4f6c-json.log");
    let settings = ["stdout", "stderr"].map(|stream| {
        let family = if stream == "stdout" { "nginx" } else { "nginx-error" };
        format!(
            "[[log]]\nname = '{stream}'\nfiles = ['{}']\nfamily = '{family}'\nenvelope = 'docker'\n\
             stream = '{stream}'\nfrom_start = true\n",
            log.display()
        )
    });
    let server = start(&folder, port, &settings.concat());
    let text = format!(
        "daemon off; master_process off; pid nginx.pid; error_log /dev/stderr info; events {{}} http {{\n\
         access_log /dev/stdout; large_client_header_buffers 4 64k; server {{ listen 127.0.0.1:{web};\n\
         location / {{ return 200 'fine'; }} location /gone {{ root /nowhere; }} }} }}"
    );
    fs::write(folder.path().join("nginx.conf"), text).unwrap();
    let mut nginx = Command::new("/usr/sbin/nginx")
        .arg("-p")
        .arg(folder.path())
        .arg("-c")
        .arg(folder.path().join("nginx.conf"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It is rotated while lines come, once a round at most: one generation is kept, and a second would be gone unseen.
    let kept = Arc::new(Mutex::new(Kept { path: log, bytes_max: 60_000 }));
    keep(nginx.stdout.take().unwrap(), "stdout", kept.clone());
    keep(nginx.stderr.take().unwrap(), "stderr", kept);
    let _ends = Ends(nginx);
    until("nginx to listen", SOON, || std::net::TcpStream::connect(("127.0.0.1", web)).ok());
    // Longer than a runtime takes at once.
    let long = format!("/long?a=1&b={}", "x".repeat(20_000));
    let mut asked = 0;
    for round in 0..4 {
        for _ in 0..25 {
            ask(web, &["/users/7?a=1&b=%3Cc%3E", "/gone"]);
        }
        ask(web, &[&long]);
        asked += 51;
        // So that no generation comes and goes between two looks.
        becomes(&server, "log_requests_total{name=\"stdout\"}", f64::from(asked));
        assert_eq!(
            sum(&server, "log_requests_total{name=\"stdout\",status=\"404\"}"),
            f64::from((round + 1) * 25)
        );
    }
    becomes(&server, "log_url_requests_total{name=\"stdout\",url=\"/users/{id}\"}", 100.0);
    becomes(&server, "log_messages_total{name=\"stderr\",severity=\"error\"}", 100.0);
    for stream in ["stdout", "stderr"] {
        becomes(&server, &format!("log_lines_unmatched_total{{name=\"{stream}\"}}"), 0.0);
        until("all to be well", SOON, || problem(&server, stream).filter(String::is_empty));
    }
    assert!(sum(&server, "windhover_logparse_rotations_total") > 0.0, "it was rotated");
}

fn write(path: &Path, number: u32, fields: &[(&str, &str)]) {
    let mut text = format!(
        "__REALTIME_TIMESTAMP={}\n__MONOTONIC_TIMESTAMP={number}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n",
        1_790_000_000_000_000 + u64::from(number)
    );
    fields.iter().for_each(|(name, value)| text.push_str(&format!("{name}={value}\n")));
    let mut child = Command::new(JOURNAL)
        .arg(format!("--output={}", path.display()))
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all((text + "\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_is_in_a_journal_is_read() {
    if !Path::new(JOURNAL).exists() {
        return it::skip("systemd-journal-remote is not installed");
    }
    let (folder, port) = (Folder::new("streams-journal"), free_port());
    let file = folder.path().join("a.journal");
    let place = format!("files = ['{}/*.journal']\n", folder.path().display());
    let settings = format!(
        "[[log]]\njournal = 'shop'\nfamily = 'regex'\nformat = '^(?P<method>\\S+) (?P<url>\\S+) (?P<status>\\d+)$'\n{place}\
         [[log]]\nname = 'all'\njournal = '*'\nlabels = {{ of = 'test' }}\n{place}"
    );
    let shop = [("PRIORITY", "6"), ("_SYSTEMD_UNIT", "shop.service"), ("MESSAGE", "GET /users/7 200")];
    write(&file, 1, &shop);
    let server = start(&folder, port, &settings);
    until("the journal to be followed", SOON, || problem(&server, "shop").filter(String::is_empty));
    write(&file, 2, &shop);
    write(&file, 3, &[("PRIORITY", "3"), ("_SYSTEMD_UNIT", "db.service"), ("MESSAGE", "no room")]);
    write(&file, 4, &[("PRIORITY", "6"), ("_SYSTEMD_UNIT", "shop.service"), ("MESSAGE", "what is this")]);
    becomes(&server, "log_url_requests_total{name=\"shop\",url=\"/users/{id}\"}", 1.0);
    becomes(&server, "log_lines_unmatched_total{name=\"shop\"}", 1.0);
    becomes(&server, "journal_messages_total{of=\"test\",unit=\"shop.service\",severity=\"info\"}", 2.0);
    becomes(&server, "journal_messages_total{of=\"test\",unit=\"db.service\",severity=\"err\"}", 1.0);
    assert_eq!(sum(&server, "journal_messages_total{of=\"test\"}"), 3.0);
}
