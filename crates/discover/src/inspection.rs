//! One look at a service: its configuration is read and a plan made of it. What was read is noted, so that it is known
//! when to look again.

pub mod messages;
pub mod remedy;

use crate::plan::{Address, Ask, Log, Part, Plan, Work};
use crate::process::listeners::{self, Listener};
use crate::root::Fingerprint;
use crate::traffic::Traffic;
use crate::{Process, Root, telemetry};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// Most files of one service's configuration.
pub const FILES_MAX: usize = 2000;
/// Most problems that are told of one service.
const PROBLEMS_MAX: usize = 20;

/// A look under way.
#[derive(Debug)]
pub struct Inspection<'p> {
    /// Its main process.
    pub process: &'p Process,
    /// Where it listens, in order.
    pub listeners: Vec<Listener>,
    /// What comes of it.
    pub plan: Plan,
    /// What was read or looked for, by path.
    files: BTreeMap<String, Option<Fingerprint>>,
    /// How many were read, repeats among them.
    reads: usize,
    is_whole: bool,
}

/// What was read or looked for: when one of it changes, the service is looked at anew.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    files: Vec<(String, Option<Fingerprint>)>,
    /// Whether everything could be read; else it is worth another look.
    pub is_whole: bool,
}

impl Looked {
    /// Whether it is no longer as it was.
    pub fn has_changed(&self, root: &Root) -> bool {
        self.files.iter().any(|(path, before)| root.fingerprint(path) != *before)
    }
}

impl<'p> Inspection<'p> {
    /// Begins with the process and where it listens.
    pub fn new(process: &'p Process) -> Self {
        let mut inspection = Self {
            process,
            listeners: listeners::read(process),
            plan: Plan::default(),
            files: BTreeMap::new(),
            reads: 0,
            is_whole: true,
        };
        if process.is_hidden {
            inspection.problem(remedy::HIDDEN.to_owned());
        }
        inspection
    }

    /// The plan, and what it was made from.
    pub fn finish(mut self) -> (Plan, Looked) {
        crate::logs::part_patterns(&mut self.plan.parts);
        if self.plan.problems.len() > PROBLEMS_MAX {
            let more = self.plan.problems.len() - PROBLEMS_MAX;
            self.plan.problems.truncate(PROBLEMS_MAX);
            self.plan.problems.push(format!("and {more} more"));
        }
        (self.plan, Looked { files: self.files.into_iter().collect(), is_whole: self.is_whole })
    }

    /// Tells something for people.
    pub fn fact(&mut self, name: &'static str, value: impl Into<String>) {
        self.plan.facts.push((name, value.into()));
    }

    /// Tells why less is measured, once.
    pub fn problem(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        if !self.plan.problems.contains(&problem) {
            self.plan.problems.push(problem);
        }
    }

    /// Has it looked at again in a minute, because something is missing that may come.
    pub fn look_again(&mut self) {
        self.is_whole = false;
    }

    /// Adds a part.
    pub fn part(&mut self, part: Part) {
        self.plan.parts.push(part);
    }

    /// Reads a file; tells why when it cannot.
    pub fn read(&mut self, path: &str) -> Option<String> {
        self.try_read(path).map_err(|problem| self.problem(problem)).ok()
    }

    /// Reads a file that need not be there; tells why when it is there and cannot be read.
    pub fn read_if_there(&mut self, path: &str) -> Option<String> {
        match self.open(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.problem(remedy::cannot_read(&self.process.root, path, &error));
                None
            }
        }
    }

    /// Reads a file; else says why not, for people.
    pub fn try_read(&mut self, path: &str) -> Result<String, String> {
        self.open(path).map_err(|error| remedy::cannot_read(&self.process.root, path, &error))
    }

    fn open(&mut self, path: &str) -> io::Result<String> {
        self.reads += 1;
        if self.reads > FILES_MAX {
            telemetry::FILES_REFUSED.add(1);
            return Err(io::Error::other(format!("more than {FILES_MAX} files of configuration")));
        }
        let read = self.process.root.read(path);
        self.is_whole &= !read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::NotFound);
        self.files.insert(path.to_owned(), read.as_ref().ok().map(|(_, fingerprint)| *fingerprint));
        read.map(|(text, _)| text)
    }

    /// The paths that fit a pattern; the folder is watched for new ones.
    pub fn glob(&mut self, pattern: &str) -> Vec<String> {
        let plain = pattern.split('/').take_while(|part| !crate::root::glob::is_pattern(part));
        let folder = plain.collect::<Vec<_>>().join("/");
        self.watch(if folder.is_empty() { "/" } else { &folder });
        self.process.root.glob(pattern)
    }

    /// Has the service looked at anew when the file or folder changes.
    pub fn watch(&mut self, path: &str) {
        self.files.insert(path.to_owned(), self.process.root.fingerprint(path));
    }

    /// A log of the service at a path as it sees it, a pattern maybe.
    pub fn log(&mut self, path: &str, syntax: &'static str, name: &str, format: &str) -> Result<Log, String> {
        let place = crate::logs::place(self.process, path)?;
        Ok(Log {
            root: place.root,
            path: place.path,
            except: Vec::new(),
            named: place.named,
            container: self.process.container(),
            syntax,
            format_name: name.to_owned(),
            format: format.to_owned(),
            source: place.source,
        })
    }

    /// How to ask it at one of its sockets, as it names it.
    pub fn ask(&self, kind: &'static str, listener: &Listener) -> Ask {
        let (address, named) = match listener {
            Listener::Tcp(address) => (Address::Tcp(reachable(*address)), String::new()),
            Listener::Unix(path) => (Address::Unix(self.place_of_socket(path)), path.clone()),
        };
        let (network, container) = (self.process.network.clone(), self.process.container());
        Ask { network, container, named, ..Ask::new(kind, address) }
    }

    fn place_of_socket(&self, path: &str) -> PathBuf {
        if path.starts_with('@') {
            return path.into();
        }
        let path = self.process.absolute(path);
        if !self.process.is_of_host() {
            return self.process.root.locate(&path).unwrap_or_else(|_| self.process.root.outside(&path));
        }
        self.process.root.outside(&path)
    }

    /// A certificate that the service takes from its clients, with its key, as paths of ours: where both may be read.
    pub fn identity(&self, certificate: &str, key: &str) -> Option<(PathBuf, PathBuf)> {
        let place = |path: &str| self.process.root.locate(&self.process.absolute(path)).ok();
        let can_read = |path: &PathBuf| std::fs::File::open(path).is_ok();
        let both = place(certificate).filter(can_read).zip(place(key).filter(can_read));
        both.filter(|_| !certificate.is_empty() && !key.is_empty())
    }

    /// Adds a part that asks the service.
    pub fn asks(&mut self, name: &str, ask: Ask) {
        self.part(Part::new(name, Work::Ask(ask)));
    }

    /// Tells where it can be listened to, and whether it tells by itself what it is asked.
    pub fn speaks_at(&mut self, ports: Vec<u16>, is_told: bool) {
        self.plan.traffic = Some(Traffic { ports, is_told });
    }

    /// The ports it listens at by TCP, each once.
    pub fn ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.tcp().map(|address| address.port()).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Where it listens by TCP.
    pub fn tcp(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.listeners.iter().filter_map(|listener| match listener {
            Listener::Tcp(address) => Some(*address),
            Listener::Unix(_) => None,
        })
    }

    /// The address it listens at with this port; what is nearest first.
    pub fn tcp_at(&self, port: u16) -> Option<SocketAddr> {
        self.tcp().filter(|address| address.port() == port).min_by_key(|address| distance(address.ip()))
    }
}

/// Our own address first, then any, then one of a network; IPv4 before IPv6.
pub(crate) fn distance(ip: IpAddr) -> (u8, bool) {
    let rank = if ip.is_loopback() { 0 } else { 1 + u8::from(!ip.is_unspecified()) };
    (rank, ip.is_ipv6())
}

/// An address that can be connected to: who listens everywhere listens at home. A socket that listens at `[::]` takes
/// IPv4 too unless told otherwise, and IPv4 is what every host has at home.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port())
}

/// As [`reachable`], for a socket that takes IPv6 only.
pub fn reachable_v6(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()),
        _ => reachable(address),
    }
}
