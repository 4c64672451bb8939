//! Looking after what is stored: deletion, snapshots, checking and repairing, policies, and an import that is interrupted.

use it::http::{get, post};
use it::process::{Folder, Server, binary};
use it::wait::until;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(60);

fn windhover(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

/// Both outputs of a command that must exit with `code`.
fn said(code: i32, arguments: &[&str]) -> String {
    let output = windhover(arguments);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    text
}

fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Ten samples of `load` of two hosts, from `start_s` on.
fn push(server: &Server, start_s: u64) {
    let line = |i: u64, host: &str| format!("load,host={host} value={i} {}\n", start_s + i);
    let lines: String = (0..10).flat_map(|i| [line(i, "a"), line(i, "b")]).collect();
    let answer = post(&server.at("/write?precision=s"), "text/plain", lines);
    assert_eq!(answer.status, 204, "{}", answer.text);
}

/// How many samples of `load` a server has of a host.
fn samples(server: &Server, host: &str) -> usize {
    let answer = get(&server.at(&format!("/api/v1/export?match[]=load%7Bhost=%22{host}%22%7D&format=csv")));
    answer.text.lines().filter(|line| line.contains("load{")).count()
}

#[test]
fn what_is_deleted_is_gone_at_once_and_after_kill_9_until_it_is_restored() {
    let folder = Folder::new("delete");
    let server = Server::start("server", folder.path(), 0, &[]);
    let start_s = now_s() - 100;
    push(&server, start_s);
    let made = said(0, &["store", "snapshot", "before", "--url", &server.url]);
    let snapshot = made.split(' ').next().unwrap().to_owned();
    assert!(snapshot.ends_with("-before"), "{made}");
    let delete = ["store", "delete", "--match", "load{host=\"a\"}", "--url", &server.url];
    assert_eq!(said(0, &delete), "deleted samples of 1 series\n");
    assert_eq!((samples(&server, "a"), samples(&server, "b")), (0, 10), "at once");
    server.process.kill();

    let server = Server::start("server", folder.path(), 0, &[]);
    assert_eq!((samples(&server, "a"), samples(&server, "b")), (0, 10), "after the kill");
    push(&server, start_s + 50);
    assert_eq!((samples(&server, "a"), samples(&server, "b")), (10, 20), "what comes later is seen");
    let list = said(0, &["store", "snapshot", "--list", "--url", &server.url]);
    assert!(list.starts_with(&snapshot) && list.lines().count() == 1, "{list}");
    let restore = |more: &[&str]| {
        let all = [&["store", "restore", &snapshot, "--url", &server.url][..], more].concat();
        said(0, &all)
    };
    let part = restore(&["--match", "load{host=\"a\"}", "--end", &(start_s + 4).to_string()]);
    assert!(part.starts_with("1 series: 5 samples restored, 0 were there"), "{part}");
    assert_eq!(samples(&server, "a"), 15, "the end belongs to it");
    let all = restore(&["--match", "load"]);
    assert!(all.starts_with("2 series: 5 samples restored, 15 were there"), "{all}");
    assert_eq!(samples(&server, "a"), 20);
    let nowhere = said(1, &["store", "restore", "nowhere", "--url", &server.url]);
    assert!(nowhere.contains("answered 400: there is no snapshot \"nowhere\""), "{nowhere}");
    said(0, &["store", "snapshot", "--remove", &snapshot, "--url", &server.url]);
    assert_eq!(said(0, &["store", "snapshot", "--list", "--url", &server.url]), "");
    assert!(server.process.terminate().success());
}

#[test]
fn a_snapshot_is_a_data_folder() {
    let folder = Folder::new("snapshot");
    let server = Server::start("server", folder.path(), 0, &[]);
    push(&server, now_s() - 100);
    let made = said(0, &["store", "snapshot", "--url", &server.url]);
    push(&server, now_s() - 50);
    let copy = folder.path().join("store/snapshots").join(made.split(' ').next().unwrap());
    said(0, &["store", "check", text_of(&copy)]);
    let second = Server::start("server", &copy, 0, &[]);
    assert_eq!((samples(&second, "a"), samples(&server, "a")), (10, 20));
    assert!(second.process.terminate().success());
    assert!(server.process.terminate().success());
}

/// The largest file of samples.
fn largest(store: &Path) -> PathBuf {
    let blocks =
        std::fs::read_dir(store.join("blocks")).unwrap().map(|entry| entry.unwrap().path().join("data"));
    blocks.max_by_key(|data| data.metadata().unwrap().len()).unwrap()
}

#[test]
fn a_flipped_byte_is_found_and_repaired() {
    let (folder, other) = (Folder::new("flip"), Folder::new("input"));
    let (data, table) = (text_of(folder.path()), other.path().join("t.csv"));
    let start_s = now_s() / 7200 * 7200 - 7200;
    let row = |i: u64| format!("{},{},{}\n", start_s + i, i * i % 97, i % 13);
    std::fs::write(&table, format!("time,x,y\n{}", (0..1000).map(row).collect::<String>())).unwrap();
    said(0, &["import", text_of(&table), "--data", data]);
    let whole = said(0, &["store", "check", data]);
    assert!(whole.contains("are whole"), "{whole}");
    let path = largest(&folder.path().join("store"));
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let found = said(1, &["store", "check", data]);
    assert!(found.starts_with("DAMAGED  block ") && found.contains("one thing is damaged"), "{found}");
    let repaired = said(0, &["store", "repair", data]);
    assert!(repaired.contains("set aside"), "{repaired}");
    said(0, &["store", "check", data]);
    assert_eq!(said(0, &["store", "repair", data]), "nothing was damaged\n");
    // The series that was not hit is as it was, and importing again mends the other one.
    said(0, &["import", text_of(&table), "--data", data]);
    let export = said(0, &["export", "--data", data, "--format", "csv"]);
    assert!(export.contains("2000 samples of 2 series written"), "{}", export.len());
    let nowhere = said(1, &["store", "check", text_of(other.path())]);
    assert!(nowhere.contains("there is no store in this folder"), "{nowhere}");
}

#[test]
fn a_folder_in_use_is_not_repaired_but_may_be_checked() {
    let folder = Folder::new("used");
    let server = Server::start("server", folder.path(), 0, &[]);
    push(&server, now_s() - 100);
    said(0, &["store", "check", text_of(folder.path())]);
    for command in [
        &["store", "repair", text_of(folder.path())][..],
        &["server", "--listen", "127.0.0.1:0", "--data", text_of(folder.path())],
    ] {
        let refused = said(1, command);
        assert!(refused.contains("another process has this store open"), "{refused}");
    }
    assert!(server.process.terminate().success());
}

#[test]
fn policies_are_read_again_on_hup() {
    let folder = Folder::new("policies");
    let (config, table) = (folder.path().join("w.toml"), folder.path().join("t.csv"));
    let policy = |tiers: &str| format!("[[store.policy]]\nmatch = '{{}}'\ntiers = [{tiers}]\n");
    std::fs::write(&config, policy("'1s:1d'")).unwrap();
    let five_days_ago = now_s() - 5 * 86_400;
    std::fs::write(&table, format!("time,x\n{five_days_ago},1\n")).unwrap();
    let server = Server::start("server", &folder.path().join("data"), 0, &["--config", text_of(&config)]);
    let import = ["import", text_of(&table), "--url", &server.url];
    let refused = said(3, &import);
    assert!(refused.contains("that any policy keeps (store.retention, store.policy)"), "{refused}");

    // Mistakes change nothing and are told with their place.
    std::fs::write(&config, policy("'1s:9x'")).unwrap();
    server.process.signal("HUP");
    let line = server.process.line_with("not changed");
    assert!(line.contains("w.toml:1: store.policy: `1s:9x` is not a tier"), "{line}");
    said(3, &import);

    std::fs::write(&config, policy("'1s:9d'")).unwrap();
    server.process.signal("HUP");
    server.process.line_with("policies read again");
    let taken = said(0, &import);
    assert!(taken.contains("1 sample of 1 series taken"), "{taken}");
    assert!(server.process.terminate().success());
}

/// The folder of the log has so many bytes.
fn log_bytes(data: &Path) -> u64 {
    let files = std::fs::read_dir(data.join("store/log")).into_iter().flatten().flatten();
    files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
}

#[test]
fn an_import_that_is_interrupted_keeps_what_it_says() {
    let folder = Folder::new("interrupted");
    let data = folder.path().join("data");
    let kept = ["--store-retention", "20000d", "--data", text_of(&data)];
    let mut child = Command::new(binary())
        .args(["import", "-", "--format", "csv"])
        .args(kept)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let feeding = std::thread::spawn(move || {
        let mut fed = || -> std::io::Result<()> {
            input.write_all(b"time,x\n")?;
            // Endless: only the signal ends it.
            (0_u64..).try_for_each(|i| writeln!(input, "{},{}", 1_600_000_000 + i, i % 1000))
        };
        fed().unwrap_err()
    });
    until("something to be taken", SOON, || (log_bytes(&data) > 10_000).then_some(()));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(feeding.join().unwrap().kind(), std::io::ErrorKind::BrokenPipe);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(
        output.status.code() == Some(1) && err.contains("interrupted; what was taken stays"),
        "{out}{err}"
    );
    let taken: u64 = out.split(' ').next().unwrap().parse().unwrap();
    assert!(taken > 0, "{out}");
    let export = folder.path().join("all.csv");
    let told = said(0, &[&["export", "--out", text_of(&export)], &kept[..]].concat());
    assert_eq!(told, format!("{taken} samples of 1 series written\n"));
    said(0, &["store", "check", text_of(&data)]);
}

#[test]
fn a_newer_format_is_refused_by_name_and_left_alone() {
    let folder = Folder::new("newer");
    let server = Server::start("server", folder.path(), 0, &[]);
    assert!(server.process.terminate().success());
    let manifest = folder.path().join("store/MANIFEST");
    let mut bytes = std::fs::read(&manifest).unwrap();
    bytes[6] = 99;
    let end = bytes.len() - 4;
    let crc = crc32(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&crc);
    std::fs::write(&manifest, &bytes).unwrap();
    let data = text_of(folder.path());
    for command in [
        &["server", "--listen", "127.0.0.1:0", "--data", data][..],
        &["store", "repair", data],
        &["export", "--data", data],
    ] {
        let refused = said(1, command);
        assert!(refused.contains("MANIFEST: written in format 99, this program reads up to"), "{refused}");
    }
    let checked = said(1, &["store", "check", data]);
    assert!(checked.contains("NEWER    MANIFEST: format 99") && !checked.contains("DAMAGED"), "{checked}");
    assert_eq!(std::fs::read(&manifest).unwrap(), bytes);
}

/// CRC-32 (IEEE), bit by bit: this crate uses nothing of the others.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let folder = Folder::new("pipe");
    let server = Server::start("server", folder.path(), 0, &[]);
    said(0, &["store", "snapshot", "--url", &server.url]);
    let mut command = Command::new(binary());
    command.args(["store", "snapshot", "--list", "--url", &server.url]).stdout(closed_pipe());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(server.process.terminate().success());
}

/// The writing end of a pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}
