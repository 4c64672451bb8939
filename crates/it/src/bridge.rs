//! Many hosts on a switch of their own: network namespaces whose cables end in the ports of bridges. Two bridges with a
//! cable between them, so that a net can be split in two. Nothing outside of them is touched, and they go when dropped.

use crate::process::{Running, binary};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What all hosts hear.
pub const BROADCAST: &str = "10.78.0.255";
/// The network.
pub const RANGE: &str = "10.78.0.0/24";

/// See the module's text.
pub struct Bridge {
    name: String,
    hosts: usize,
}

impl Bridge {
    /// Lays the cables of so many hosts; `None`, with the reason said, where this user may not. The first half of the
    /// hosts is on one bridge, the rest on the other.
    pub fn new(hosts: usize) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let bridge = Self { name: format!("wh-br-{}-{number}", std::process::id()), hosts };
        match bridge.lay() {
            Ok(()) => Some(bridge),
            Err(why) => {
                crate::skip(&format!("no network namespaces: {why}"));
                None
            }
        }
    }

    fn lay(&self) -> Result<(), String> {
        let switch = &self.name;
        ip(&format!("netns add {switch}"))?;
        for half in ["left", "right"] {
            ip(&format!("-n {switch} link add {half} type bridge"))?;
            ip(&format!("-n {switch} link set {half} up"))?;
        }
        ip(&format!("-n {switch} link add trunk type veth peer name trunk2"))?;
        ip(&format!("-n {switch} link set trunk2 master right up"))?;
        ip(&format!("-n {switch} link set trunk master left up"))?;
        (0..self.hosts).try_for_each(|host| self.lay_host(host))
    }

    fn lay_host(&self, host: usize) -> Result<(), String> {
        let (switch, name) = (&self.name, self.host(host));
        let half = if host < self.hosts / 2 { "left" } else { "right" };
        ip(&format!("netns add {name}"))?;
        ip(&format!("-n {switch} link add port{host} type veth peer name eth0 netns {name}"))?;
        ip(&format!("-n {switch} link set port{host} master {half} up"))?;
        ip(&format!("-n {name} address add {}/24 broadcast {BROADCAST} dev eth0", Self::address(host)))?;
        // Without it a link-local address may not be used for a second or two.
        ip(&format!("netns exec {name} sysctl -qw net.ipv6.conf.eth0.accept_dad=0"))?;
        ip(&format!("-n {name} link set lo up"))?;
        ip(&format!("-n {name} link set eth0 up"))
    }

    fn host(&self, host: usize) -> String {
        format!("{}-{host}", self.name)
    }

    /// Address of a host.
    pub fn address(host: usize) -> String {
        format!("10.78.0.{}", host + 1)
    }

    /// Cuts the cable between the two halves, or lays it again.
    pub fn split(&self, is_split: bool) {
        let state = if is_split { "down" } else { "up" };
        ip(&format!("-n {} link set trunk {state}", self.name)).expect("a link of ours");
    }

    /// Starts our binary on a host.
    pub fn start(&self, host: usize, arguments: &[&str]) -> Running {
        let binary = binary().display().to_string();
        self.run(host, &[&[binary.as_str()], arguments].concat())
    }

    /// Starts any program on a host.
    pub fn run(&self, host: usize, words: &[&str]) -> Running {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.host(host)]).args(words).stdin(Stdio::null());
        Running::start(command.env("RUST_BACKTRACE", "1"))
    }

    /// Starts a line of shell on a host.
    pub fn shell(&self, host: usize, line: &str) -> Running {
        self.run(host, &["bash", "-c", line])
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        for name in (0..self.hosts).map(|host| self.host(host)).chain([self.name.clone()]) {
            let _ = ip(&format!("netns del {name}"));
        }
    }
}

fn ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip").args(arguments.split(' ')).output().map_err(|e| format!("ip: {e}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("ip {arguments}: {}", said.trim())) }
}
