//! Unfolds a fixture into a folder that looks like a machine: its files, and a `/proc` made of its list of processes.
//!
//! ```text
//! # what the oddity is
//! 812 /usr/sbin/nginx          pid and program, `-` when the kernel hides it
//!   argument nginx: master     one line each
//!   parent 1
//!   name nginx                 as the kernel keeps it; the end of the program when left out
//!   folder /srv                working folder, `/` when left out
//!   root /srv/jail             its root among the files, `/` when left out
//!   jailed                     it changed its root by itself: its program is not below that
//!   hidden                     the kernel hides root, program and folder
//!   mounts 2                   number of its mounts, of its network; those of the agent are 1
//!   network 2
//!   cgroup /system.slice/a
//!   environment A=b
//!   user 33                    and group
//!   own-pid 7                  in its container
//!   listen 127.0.0.1:80        or `[::]:80`, or `unix:/run/a.sock`
//!   descriptor 1 /var/log/a    where it leads
//! ```

use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

#[derive(Default)]
struct Process {
    pid: u32,
    program: String,
    lines: Vec<(String, String)>,
}

impl Process {
    fn all(&self, key: &str) -> Vec<&str> {
        self.lines.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
    }

    fn one<'a>(&'a self, key: &str, usual: &'a str) -> &'a str {
        self.all(key).last().copied().unwrap_or(usual)
    }
}

pub(crate) fn unfold(fixture: &Path) -> TempDir {
    let machine = tempfile::tempdir().unwrap();
    let files = fixture.join("root");
    if files.is_dir() {
        copy(&files, machine.path());
    }
    let text = fs::read_to_string(fixture.join("processes")).unwrap();
    let own = machine.path().join("proc/self/ns");
    fs::create_dir_all(&own).unwrap();
    symlink("mnt:[1]", own.join("mnt")).unwrap();
    symlink("net:[1]", own.join("net")).unwrap();
    add(machine.path(), &text);
    machine
}

/// Starts more processes.
pub(crate) fn add(machine: &Path, text: &str) {
    read(text).iter().for_each(|process| write(machine, process));
}

/// Ends a process.
pub(crate) fn end(machine: &Path, pid: u32) {
    fs::remove_dir_all(machine.join("proc").join(pid.to_string())).unwrap();
}

fn read(text: &str) -> Vec<Process> {
    let mut all: Vec<Process> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (key, value) = line.trim_start().split_once(' ').unwrap_or((line.trim(), ""));
        if line.starts_with(' ') {
            all.last_mut()
                .expect("a process before its lines")
                .lines
                .push((key.to_owned(), value.to_owned()));
        } else {
            all.push(Process { pid: key.parse().unwrap(), program: value.to_owned(), lines: Vec::new() });
        }
    }
    all
}

fn write(machine: &Path, process: &Process) {
    let folder = machine.join("proc").join(process.pid.to_string());
    fs::create_dir_all(folder.join("fd")).unwrap();
    fs::create_dir_all(folder.join("net")).unwrap();
    fs::create_dir_all(folder.join("ns")).unwrap();
    let usual = process.program.rsplit('/').next().unwrap();
    let name: String = process.one("name", usual).chars().take(15).collect();
    let parent = process.one("parent", "1");
    let start = process.one("start", "100");
    let stat = format!("{} ({name}) S {parent}{} {start} 0 100 0 1 1 1", process.pid, " 0".repeat(17));
    fs::write(folder.join("stat"), stat).unwrap();
    let zeros = |all: Vec<&str>| all.iter().fold(String::new(), |text, one| text + one + "\0");
    fs::write(folder.join("cmdline"), zeros(process.all("argument"))).unwrap();
    fs::write(folder.join("environ"), zeros(process.all("environment"))).unwrap();
    fs::write(folder.join("cgroup"), format!("0::{}\n", process.one("cgroup", "/"))).unwrap();
    let user = process.one("user", "0");
    fs::write(
        folder.join("status"),
        format!(
            "Uid:\t{user}\t{user}\nGid:\t{user}\t{user}\nNSpid:\t{}\t{}\n",
            process.pid,
            process.one("own-pid", &process.pid.to_string())
        ),
    )
    .unwrap();
    links(machine, &folder, process);
    sockets(&folder, process);
}

fn links(machine: &Path, folder: &Path, process: &Process) {
    symlink(format!("mnt:[{}]", process.one("mounts", "1")), folder.join("ns/mnt")).unwrap();
    symlink(format!("net:[{}]", process.one("network", "1")), folder.join("ns/net")).unwrap();
    for descriptor in process.all("descriptor") {
        let (number, target) = descriptor.split_once(' ').unwrap();
        let target = if target.starts_with('/') { below(machine, target) } else { target.to_owned() };
        symlink(target, folder.join("fd").join(number)).unwrap();
    }
    if !process.all("hidden").is_empty() {
        return;
    }
    let root = process.one("root", "/");
    // In a container the kernel tells paths as they are within; in a changed root as they are outside.
    let has_own_mounts = process.one("mounts", "1") != "1";
    let told = |path: &str| match has_own_mounts {
        true => path.to_owned(),
        false => below(machine, &format!("{}{path}", root.trim_end_matches('/'))),
    };
    symlink(below(machine, root), folder.join("root")).unwrap();
    symlink(told(process.one("folder", "/")), folder.join("cwd")).unwrap();
    let program = match process.all("jailed").is_empty() {
        true => told(&process.program),
        false => below(machine, &process.program),
    };
    if process.program != "-" {
        symlink(program, folder.join("exe")).unwrap();
    }
}

fn below(machine: &Path, path: &str) -> String {
    format!("{}{path}", machine.display()).trim_end_matches('/').to_owned()
}

fn sockets(folder: &Path, process: &Process) {
    let (mut tcp, mut tcp6, mut unix) = (String::new(), String::new(), String::new());
    for (at, listener) in process.all("listen").iter().enumerate() {
        let inode = u64::from(process.pid) * 100 + at as u64;
        symlink(format!("socket:[{inode}]"), folder.join("fd").join((100 + at).to_string())).unwrap();
        if let Some(path) = listener.strip_prefix("unix:") {
            writeln!(unix, "0: 00000002 00000000 00010000 0001 01 {inode} {path}").unwrap();
            continue;
        }
        let address: SocketAddr = listener.parse().unwrap();
        let words: Vec<[u8; 4]> = match address.ip() {
            IpAddr::V4(ip) => vec![ip.octets()],
            IpAddr::V6(ip) => ip.octets().chunks(4).map(|four| four.try_into().unwrap()).collect(),
        };
        let hex =
            words.iter().fold(String::new(), |text, word| format!("{text}{:08X}", u32::from_ne_bytes(*word)));
        let table = if address.is_ipv4() { &mut tcp } else { &mut tcp6 };
        writeln!(table, "  {at}: {hex}:{:04X} 0:0 0A 0:0 0:0 0 0 0 {inode} 1", address.port()).unwrap();
    }
    for (name, text) in [("tcp", tcp), ("tcp6", tcp6), ("unix", unix)] {
        fs::write(folder.join("net").join(name), format!("a line of titles\n{text}")).unwrap();
    }
}

/// Copies a folder with its links as they are.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else if kind.is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
