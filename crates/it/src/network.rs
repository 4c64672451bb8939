//! Two hosts on a cable of their own: network namespaces, which a test may cut, black-hole and freeze as it likes.
//! Nothing outside of them is touched, and they go when dropped.

use crate::process::{Running, binary};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Address of the host that serves.
pub const SERVER: &str = "10.77.0.1";
/// Another address of it.
pub const RESOLVER: &str = "10.77.0.53";
/// Address of the host that is watched.
pub const AGENT: &str = "10.77.0.2";
/// A hardware address that nobody has.
const NOBODY: &str = "02:00:00:00:de:ad";

/// One of the two hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where the server runs.
    Server,
    /// Where the agent runs.
    Agent,
}

/// See the module's text.
pub struct Network {
    server: String,
    agent: String,
}

impl Network {
    /// Lays the cable; `None`, with the reason said, where this user may not.
    pub fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = |side| format!("wh-it-{}-{number}-{side}", std::process::id());
        let network = Self { server: name("server"), agent: name("agent") };
        match network.lay() {
            Ok(()) => Some(network),
            Err(why) => {
                crate::skip(&format!("no network namespaces: {why}"));
                None
            }
        }
    }

    fn lay(&self) -> Result<(), String> {
        let Self { server, agent } = self;
        ip(&format!("netns add {server}"))?;
        ip(&format!("netns add {agent}"))?;
        ip(&format!("-n {server} link add eth0 type veth peer name eth0 netns {agent}"))?;
        ip(&format!("-n {server} address add {SERVER}/24 dev eth0"))?;
        ip(&format!("-n {server} address add {RESOLVER}/24 dev eth0"))?;
        ip(&format!("-n {agent} address add {AGENT}/24 dev eth0"))?;
        for side in [server, agent] {
            ip(&format!("-n {side} link set lo up"))?;
            ip(&format!("-n {side} link set eth0 up"))?;
        }
        Ok(())
    }

    fn name(&self, side: Side) -> &str {
        if side == Side::Server { &self.server } else { &self.agent }
    }

    /// Pulls the plug on the server's side, or puts it in again.
    pub fn plug(&self, up: bool) {
        let state = if up { "up" } else { "down" };
        ip(&format!("-n {} link set eth0 {state}", self.server)).expect("a link of ours");
    }

    /// Lets the agent's packets go to nobody, silently, or to the server again.
    pub fn black_hole(&self, on: bool) {
        let change =
            format!("-n {} neigh replace {SERVER} lladdr {NOBODY} dev eth0 nud permanent", self.agent);
        let back = format!("-n {} neigh del {SERVER} dev eth0", self.agent);
        ip(if on { &change } else { &back }).expect("a table of ours");
    }

    /// Starts our binary on a host after `prepare`, a line of shell whose mounts nobody else sees.
    pub fn start(&self, side: Side, prepare: &str, arguments: &[&str]) -> Running {
        let mut command = Command::new("ip");
        let script = format!("{prepare}\nexec \"$0\" \"$@\"");
        command.args(["netns", "exec", self.name(side), "sh", "-ec", &script]).arg(binary()).args(arguments);
        Running::start(command.env("RUST_BACKTRACE", "1"))
    }

    /// A program on a host, with all mounts as they are: to be given its words.
    pub fn command(&self, side: Side, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/var/run/netns/{}", self.name(side))).arg(program);
        command
    }

    /// Lets go of a host: it is gone, and the cable with it, once nobody holds its network any more.
    pub fn leave(&self, side: Side) {
        ip(&format!("netns del {}", self.name(side))).expect("a host of ours");
    }

    /// Whether a host has the end of a cable.
    pub fn has_cable(&self, side: Side) -> bool {
        ip(&format!("-n {} link show eth0", self.name(side))).is_ok()
    }

    /// Does something with the network of a host.
    pub fn on<T: Send>(&self, side: Side, work: impl FnOnce() -> T + Send) -> T {
        within(Path::new(&format!("/var/run/netns/{}", self.name(side))), work)
    }
}

/// Does something in the network namespace of this file.
pub fn within<T: Send>(namespace: &Path, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let file = File::open(namespace).expect("whoever made it knows where it is");
            let kind = Some(rustix::thread::LinkNameSpaceType::Network);
            rustix::thread::move_into_link_name_space(file.as_fd(), kind)
                .expect("whoever makes a namespace may enter it");
            work()
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in [&self.server, &self.agent] {
            let _ = ip(&format!("netns del {name}"));
        }
    }
}

fn ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip").args(arguments.split(' ')).output().map_err(|e| format!("ip: {e}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("ip {arguments}: {}", said.trim())) }
}
