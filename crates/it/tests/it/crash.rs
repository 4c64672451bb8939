//! `kill -9` at random moments under load: everything acknowledged is back after the next start, and everything deleted
//! stays away. Samples come one by one and as imports of old ones, others are deleted, blocks are written, joined and
//! cleaned meanwhile; every other life syncs before each acknowledgement, the others every 20 ms.
//!
//! `WINDHOVER_CRASH_SECONDS` sets the length (default 60), `WINDHOVER_CRASH_KILLS` a number of kills instead.

use it::http::{get, numbers, run, try_post};
use it::process::{Folder, Server, binary, free_port};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What the server has said yes to.
struct Ledger {
    start_s: u64,
    samples: AtomicU64,
    imports: AtomicU64,
    deleted: Mutex<Vec<u64>>,
    /// Series made in order to be deleted.
    doomed: AtomicU64,
    /// The server is about to die.
    stop: AtomicBool,
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let (kills_max, seconds) =
        (number("WINDHOVER_CRASH_KILLS"), number("WINDHOVER_CRASH_SECONDS").unwrap_or(60));
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let (folder, port) = (Folder::new("crash"), free_port());
    let start_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 3000;
    let ledger = Arc::new(Ledger {
        start_s,
        samples: AtomicU64::new(0),
        imports: AtomicU64::new(0),
        deleted: Mutex::default(),
        doomed: AtomicU64::new(0),
        stop: AtomicBool::new(false),
    });
    let (mut kills, mut seed) = (0u64, 0x9e37_79b9u64);
    while kills_max.map_or(Instant::now() < deadline, |max| kills < max) {
        let server = start(folder.path(), port, kills);
        check(&server, &ledger);
        ledger.stop.store(false, Ordering::SeqCst);
        let load: Vec<JoinHandle<()>> = [write, delete, import]
            .map(|work| {
                let (url, folder, ledger) = (server.url.clone(), folder.path().to_owned(), ledger.clone());
                spawn(move || work(&url, &folder, &ledger))
            })
            .into();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The moment of death is what is tested, so here a time must pass; the work behind the scenes is done by the
        // second, so some lives are longer.
        let longer_ms = if kills % 8 == 7 { 2200 } else { 0 };
        sleep(Duration::from_millis(20 + longer_ms + (seed >> 33) % 400));
        server.process.kill();
        ledger.stop.store(true, Ordering::SeqCst);
        load.into_iter().for_each(|thread| thread.join().unwrap());
        kills += 1;
        if kills.is_multiple_of(50) {
            println!("{kills} kills");
        }
    }
    let server = start(folder.path(), port, kills);
    check(&server, &ledger);
    assert!(server.process.terminate().success());
    check_folder(folder.path());
    let (samples, imports) = (ledger.samples.load(Ordering::SeqCst), ledger.imports.load(Ordering::SeqCst));
    let deleted = ledger.deleted.lock().unwrap().len();
    println!("{kills} kills, {samples} samples and {imports} imports found, {deleted} series gone");
    assert!(kills >= 3 && samples > 0 && imports > 0 && deleted > 0);
}

/// Every other life syncs always.
fn start(folder: &Path, port: u16, life: u64) -> Server {
    let sync = if life.is_multiple_of(2) { "20ms" } else { "always" };
    // A thousand kills on a busy machine take longer than samples may be late by default.
    Server::start("server", folder, port, &["--store-sync", sync, "--store-late", "1d"])
}

/// The files are whole.
fn check_folder(folder: &Path) {
    let checked = Command::new(binary()).args(["store", "check"]).arg(folder).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
}

/// Samples of one series; more would reach into the future, so the next ones go to another series.
const LANE: u64 = 2900;

/// Posts; whether it was acknowledged. A refusal is wrong; no answer is the server's death.
fn is_done(url: &str, content_type: &str, body: &str, wanted: u16) -> bool {
    match try_post(url, content_type, body.as_bytes()) {
        Some(answer) if answer.status == wanted => true,
        Some(answer) => panic!("{url}: {} {}", answer.status, answer.text),
        None => false,
    }
}

/// Sends sample n with value n, one request each, until the server is gone.
fn write(url: &str, _: &Path, ledger: &Ledger) {
    let door = format!("{url}/write?precision=s");
    while !ledger.stop.load(Ordering::SeqCst) {
        let n = ledger.samples.load(Ordering::SeqCst);
        let line = format!("tick,host=crash,lane={} value={n} {}", n / LANE, ledger.start_s + n % LANE);
        if !is_done(&door, "text/plain", &line, 204) {
            return;
        }
        ledger.samples.store(n + 1, Ordering::SeqCst);
    }
}

/// Makes series and deletes them; each deletion writes a block. Now and then blocks are written anew without them.
fn delete(url: &str, _: &Path, ledger: &Ledger) {
    while !ledger.stop.load(Ordering::SeqCst) {
        let n = ledger.doomed.fetch_add(1, Ordering::SeqCst);
        let line = format!("doomed,host=crash,n={n} value={n} {}", ledger.start_s + n % LANE);
        let form = "application/x-www-form-urlencoded";
        let which = format!("match[]={{host=\"crash\",n=\"{n}\"}}");
        if !is_done(&format!("{url}/write?precision=s"), "text/plain", &line, 204)
            || !is_done(&format!("{url}/api/v1/store/delete"), form, &which, 200)
        {
            return;
        }
        ledger.deleted.lock().unwrap().push(n);
        if n.is_multiple_of(8) && !is_done(&format!("{url}/api/v1/store/clean"), form, "", 200) {
            return;
        }
        sleep(Duration::from_millis(100)); // each one is a block to open in the next life
    }
}

/// Samples of one import, a minute apart.
const IMPORT: u64 = 10;
/// Imports of one series.
const IMPORT_LANE: u64 = 300;

fn import_s(ledger: &Ledger, n: u64) -> u64 {
    (ledger.start_s - 8 * 86_400) / 60 * 60 + (n % IMPORT_LANE) * IMPORT * 60
}

/// Imports old samples, by a process of its own, as a person would.
fn import(url: &str, folder: &Path, ledger: &Ledger) {
    let file = folder.join("old.prom");
    while !ledger.stop.load(Ordering::SeqCst) {
        let n = ledger.imports.load(Ordering::SeqCst);
        let (lane, first_s) = (n / IMPORT_LANE, import_s(ledger, n));
        let line = |i| {
            format!("old{{host=\"crash\",lane=\"o{lane}\"}} {} {}000\n", n * IMPORT + i, first_s + i * 60)
        };
        std::fs::write(&file, (0..IMPORT).map(line).collect::<String>()).unwrap();
        let mut command = Command::new(binary());
        command.arg("import").arg(&file).args(["--format", "prometheus-text", "--url", url]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let ended = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status),
                None if ledger.stop.load(Ordering::SeqCst) => break None,
                None => sleep(Duration::from_millis(5)),
            }
        };
        match ended {
            Some(status) if status.success() => ledger.imports.store(n + 1, Ordering::SeqCst),
            Some(_) => {}
            None => {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

fn check(server: &Server, ledger: &Ledger) {
    let start_s = ledger.start_s;
    let samples = ledger.samples.load(Ordering::SeqCst);
    for lane in 0..samples.div_ceil(LANE) {
        let there = (samples - lane * LANE).min(LANE);
        let expr = format!(".es(q='host:crash AND lane:{lane}', metric='sum:tick')");
        check_lane(server, &expr, lane * LANE, there, (start_s, 1));
    }
    let imports = ledger.imports.load(Ordering::SeqCst);
    for lane in 0..imports.div_ceil(IMPORT_LANE) {
        let there = (imports - lane * IMPORT_LANE).min(IMPORT_LANE) * IMPORT;
        let expr = format!(".es(q='host:crash AND lane:o{lane}', metric='sum:old')");
        check_lane(server, &expr, lane * IMPORT_LANE * IMPORT, there, (import_s(ledger, 0), 60));
    }
    let answer = get(&server.at("/api/v1/label/n/values?match[]=doomed")).json();
    let left: Vec<&str> = answer["data"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let back: Vec<u64> =
        ledger.deleted.lock().unwrap().iter().copied().filter(|n| left.contains(&&*n.to_string())).collect();
    assert!(back.is_empty(), "deleted and there again: {back:?}");
}

/// A series has these many values that count up from `first`, from a time and so many seconds apart.
fn check_lane(server: &Server, expr: &str, first: u64, there: u64, (from_s, step_s): (u64, u64)) {
    let to_s = from_s + there * step_s;
    let series = run(&server.url, expr, &from_s.to_string(), &to_s.to_string(), &format!("{step_s}s"));
    let found = series.first().map(numbers).unwrap_or_default();
    assert_eq!(found.len() as u64, there, "acknowledged samples of {expr} are missing");
    let wrong = found.iter().enumerate().find(|(n, value)| **value != (first + *n as u64) as f64);
    assert!(wrong.is_none(), "{expr}: {wrong:?}");
}
