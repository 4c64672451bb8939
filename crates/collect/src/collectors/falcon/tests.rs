use super::*;
use crate::tests::{Text, problems};
use crate::{Options, Scheduler};
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

fn scheduler(host: Host, monitors: &[(&str, &str)]) -> Scheduler {
    let others = crate::collectors::COLLECTORS.iter().filter(|row| row.name != "falcon");
    let parse = |(metric, tags): &(&str, &str)| Monitor::parse(metric, tags, None).unwrap();
    let options = Options {
        left_out: others.map(|row| row.name.to_owned()).collect(),
        falcon: monitors.iter().map(parse).collect(),
        ..Options::for_host("h")
    };
    Scheduler::new(host, options).unwrap()
}

fn say(scheduler: &mut Scheduler, second: i64) -> Vec<String> {
    let text = Text::default();
    scheduler.tick(second * 1000, &text);
    let mut lines = text.take();
    lines.retain(|line| !line.starts_with("windhover"));
    lines
}

fn put(root: &std::path::Path, pid: u32, name: &str, command_line: &str) {
    let folder = root.join(format!("proc/{pid}"));
    fs::create_dir_all(&folder).unwrap();
    let stat = format!("{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 1 0 0 0 20 0 2 0 {pid} 1000 10 0\n");
    fs::write(folder.join("stat"), stat).unwrap();
    fs::write(folder.join("cmdline"), command_line).unwrap();
}

#[test]
fn processes_are_counted_by_exact_name_and_by_a_part_of_the_command_line_without_zeros() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), 1, "java", "java\0-Dapp=shop\0-jar\0a.jar\0");
    put(root.path(), 2, "java", "java\0-Dapp=bank\0");
    put(root.path(), 3, "javac", "javac\0-Dapp=shop\0");
    put(root.path(), 4, "kthreadd", "");
    let monitors = [
        ("proc.num", "name=java"),
        ("proc.num", "cmdline=-Dapp=shop"),
        ("proc.num", "name=java,cmdline=-Dapp=shop-jar"),
        ("proc.num", "name=jav"),
    ];
    let mut scheduler = scheduler(Host::recorded(root.path()), &monitors);
    let wanted = [
        r#"proc.num{host="h",name="java"} 2"#,
        r#"proc.num{cmdline="-Dapp=shop",host="h"} 2"#,
        r#"proc.num{cmdline="-Dapp=shop-jar",host="h",name="java"} 1"#,
        r#"proc.num{host="h",name="jav"} 0"#,
    ];
    assert_eq!(say(&mut scheduler, 10), wanted);
    // Each at its own time.
    assert_eq!(say(&mut scheduler, 11), Vec::<String>::new());
    put(root.path(), 5, "java", "");
    assert_eq!(say(&mut scheduler, 20)[0], r#"proc.num{host="h",name="java"} 3"#);
}

#[test]
fn without_monitors_it_costs_nothing() {
    let scheduler = scheduler(Host::recorded("/nowhere"), &[]);
    assert_eq!(scheduler.standings(), []);
}

#[test]
fn without_a_way_to_learn_of_sockets_it_fails_and_says_why() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), 1, "x", "");
    let mut scheduler =
        scheduler(Host::recorded(root.path()), &[("net.port.listen", "port=80"), ("proc.num", "name=x")]);
    assert_eq!(say(&mut scheduler, 10), [r#"proc.num{host="h",name="x"} 1"#]);
    assert!(problems(&scheduler)[0].1.contains("sock_diag"));
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The machine the tests run on: a port of ours, a program of ours, a folder of ours.
#[test]
fn real_ports_processes_and_folders_are_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy("/bin/sleep", folder.path().join("zzz-falcon")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let port_tag = format!("port={port}");
    let path_tag = format!("path={}", folder.path().display());
    let monitors = [
        ("net.port.listen", &*port_tag),
        ("proc.num", "name=zzz-falcon"),
        ("proc.num", "cmdline=zzz-falcon123456"),
        ("du.bs", &*path_tag),
    ];
    let mut scheduler = scheduler(Host::this(), &monitors);
    let running = ["123456", "1234567", "9"]
        .map(|seconds| Running(Command::new(folder.path().join("zzz-falcon")).arg(seconds).spawn().unwrap()));
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut second = 0;
    let mut wait_for = |wanted: &str| {
        loop {
            second += 10;
            let lines = say(&mut scheduler, second);
            if lines.iter().any(|line| line == wanted) {
                return lines;
            }
            assert!(Instant::now() < deadline, "no {wanted} in {lines:#?}");
        }
    };
    wait_for(r#"proc.num{host="h",name="zzz-falcon"} 3"#);
    let lines = wait_for(r#"proc.num{cmdline="zzz-falcon123456",host="h"} 2"#);
    assert_eq!(lines[0], format!(r#"net.port.listen{{host="h",port="{port}"}} 1"#));
    let metadata =
        [folder.path().to_owned(), folder.path().join("zzz-falcon")].map(|p| fs::metadata(p).unwrap());
    let bytes: u64 = metadata.iter().map(fs::Metadata::len).sum();
    wait_for(&format!(r#"du.bs{{host="h",path="{}"}} {bytes}"#, folder.path().display()));
    drop((listener, running));
    wait_for(&format!(r#"net.port.listen{{host="h",port="{port}"}} 0"#));
    wait_for(r#"proc.num{host="h",name="zzz-falcon"} 0"#);
}
