//! The collector of systemd's units against a real `dbus-daemon` and a service written with another implementation of
//! D-Bus. What the bus said is also the recording in `fixtures/hosts/iron-6.8`; `WINDHOVER_BLESS=1` writes it anew.
#![allow(clippy::unwrap_used, reason = "a failed test is what it should end in")]

use collect::collectors::COLLECTORS;
use collect::{Host, Options, Scheduler};
use model::{Batch, PushError, Receipt, Sink};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Text(Mutex<Vec<String>>);

impl Sink for Text {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut text = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (&slot, &value) in rows.slots.iter().zip(rows.values) {
                text.push(format!("{} {value}", batch.dictionary.labels(slot)));
            }
        }
        Ok(Receipt::default())
    }
}

/// A program that is killed when dropped.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and waits for its first line.
fn start(command: &mut Command) -> Killed {
    let mut child = Killed(
        command.stdout(Stdio::piped()).spawn().expect("it is installed: see crates/xtask/src/tools.rs"),
    );
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(!line.is_empty(), "{command:?} said nothing");
    child
}

fn bus(socket: &Path) -> Killed {
    let address = format!("--address=unix:path={}", socket.display());
    start(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address", &address]))
}

/// Listens at `at`, passes everything on to `to`, and keeps what comes back.
fn relay(at: &Path, to: &Path) -> Arc<Mutex<Vec<u8>>> {
    let listener = UnixListener::bind(at).unwrap();
    let (heard, to) = (Arc::new(Mutex::new(Vec::new())), to.to_owned());
    let kept = heard.clone();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), UnixStream::connect(&to).unwrap());
            kept.lock().unwrap().clear();
            let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from_client, &mut to_server);
                let _ = to_server.shutdown(std::net::Shutdown::Both);
            });
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = server.read(&mut piece) {
                kept.lock().unwrap().extend_from_slice(&piece[..count]);
                let _ = client.write_all(&piece[..count]);
            }
        }
    });
    heard
}

fn scheduler(root: &Path) -> Scheduler {
    let mut options = Options::for_host("h");
    let others = COLLECTORS.iter().map(|row| row.name).filter(|name| *name != "systemd");
    options.left_out = others.map(str::to_owned).collect();
    Scheduler::new(Host { has_kernel: true, ..Host::recorded(root) }, options).unwrap()
}

/// What is wrong with the collector, if anything is.
fn problem(scheduler: &Scheduler) -> String {
    scheduler.standings().pop().unwrap().problem
}

/// Ticks until the collector says something of systemd.
fn said(scheduler: &mut Scheduler) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut now_ms = 0;
    loop {
        let text = Text::default();
        scheduler.tick(now_ms, &text);
        assert_eq!(problem(scheduler), "");
        let mut lines = text.0.into_inner().unwrap();
        lines.retain(|line| line.starts_with("systemd"));
        if !lines.is_empty() {
            return lines.iter().map(|line| line.replace(r#"host="h""#, "")).collect();
        }
        assert!(Instant::now() < deadline);
        now_ms += 15_000;
        std::thread::yield_now();
    }
}

#[test]
fn units_are_told_as_systemd_tells_them() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("run/dbus")).unwrap();
    let real = root.path().join("bus");
    let _bus = bus(&real);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systemd/fake.py");
    let address = format!("unix:path={}", real.display());
    let _systemd = start(Command::new("/usr/bin/python3").arg(script).arg(&address));
    let heard = relay(&root.path().join("run/dbus/system_bus_socket"), &real);
    let lines = said(&mut scheduler(root.path()));
    for wanted in [
        r#"systemd_units{,state="active"} 3"#,
        r#"systemd_units{,state="failed"} 1"#,
        r#"systemd_units{,state="activating"} 1"#,
        "systemd_running{} 0",
        "systemd_jobs{} 1",
        r#"systemd_service_active{,unit="nginx.service"} 1"#,
        r#"systemd_service_active{,unit="backup.service"} 0"#,
        r#"systemd_service_active{,unit="crashing.service"} 0"#,
        r#"systemd_unit_failed{,unit="mnt-data.mount"} 1"#,
        r#"systemd_service_restarts_total{,unit="crashing.service"} 41"#,
        r#"systemd_timer_last_trigger_time_seconds{,unit="backup.timer"} 1760000000.5"#,
    ] {
        assert!(lines.iter().any(|line| line == wanted), "no {wanted} in {lines:#?}");
    }
    assert!(!lines.iter().any(|line| line.contains("gone") || line.contains("never")), "{lines:#?}");
    if std::env::var_os("WINDHOVER_BLESS").is_some() {
        let machine = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hosts/iron-6.8/run/dbus");
        std::fs::create_dir_all(&machine).unwrap();
        std::fs::write(machine.join("system_bus_socket"), &*heard.lock().unwrap()).unwrap();
    }
}

#[test]
fn without_systemd_on_the_bus_it_is_told_why() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("run/dbus")).unwrap();
    let _bus = bus(&root.path().join("run/dbus/system_bus_socket"));
    let mut scheduler = scheduler(root.path());
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut now_ms = 0;
    while problem(&scheduler).is_empty() {
        scheduler.tick(now_ms, &Text::default());
        now_ms += 15_000;
        assert!(Instant::now() < deadline);
        std::thread::yield_now();
    }
    assert_eq!(
        problem(&scheduler),
        "cannot ask systemd over D-Bus: refused: org.freedesktop.DBus.Error.NameHasNoOwner"
    );
}
