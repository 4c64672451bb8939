//! Names to addresses, whatever happens.
//!
//! 1. An IP address is its own answer; then `/etc/hosts`; then `localhost`, which is always this host.
//! 2. The host's own servers. What they find counts.
//! 3. Where they fail (no answer, or one that says they failed), the public servers, for names that strangers can know.
//!    "There is no such name" is no failure and is believed, because inside a network names are what its servers say;
//!    only a name that had addresses before is asked for in public all the same, as broken servers and captive portals
//!    deny names, too.
//! 4. The last good answer: for thirty days while nobody answers, for one day while somebody denies the name.
//!
//! After the host's servers failed and a public one did not, the public ones come first for a minute, so that not every
//! connection waits for dead servers. No answer is kept otherwise: whoever connects asks.

use super::conf::Conf;
use super::group::{Group, Outcome};
use super::remembered::Remembered;
use super::{PORT, hosts, name, search};
use crate::resolve::{ADDRESSES_MAX, Patience, Resolve};
use crate::{Error, Interrupt};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};
use stdx::disk::{Disk, RealDisk};
use stdx::telemetry::Counter;

pub(crate) static LOOKUPS: Counter = Counter::new(
    "windhover_net_lookups_total",
    "Names looked up, those in files and IP addresses not counted.",
);
pub(crate) static FAILED: Counter =
    Counter::new("windhover_net_lookup_failures_total", "Names for which no address was found.");
pub(crate) static PUBLIC: Counter = Counter::new(
    "windhover_net_lookups_public_total",
    "Names that a public server found because the host's own servers failed.",
);
pub(crate) static REMEMBERED: Counter = Counter::new(
    "windhover_net_lookups_remembered_total",
    "Names for which the last good answer was used because no server gave one.",
);

/// How long the host's servers are asked in all.
const SYSTEM_TIME_MAX: Duration = Duration::from_secs(10);
/// How long the public servers are asked in all, how long each of them, and how often.
const PUBLIC_TIME_MAX: Duration = Duration::from_secs(8);
const PUBLIC_TIMEOUT: Duration = Duration::from_secs(2);
const PUBLIC_ATTEMPTS: usize = 2;
/// How long the public servers come first after the host's failed, in milliseconds.
const SICK_MS: i64 = 60_000;
/// How long the last good answer serves while nobody answers, in milliseconds.
const UNANSWERED_MS_MAX: i64 = 30 * 24 * 3600 * 1000;
/// How long it serves while somebody says that there is no such name, in milliseconds.
const DENIED_MS_MAX: i64 = 24 * 3600 * 1000;

/// Where answers come from.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file of names that need no server.
    pub hosts_file: PathBuf,
    /// The file that names the host's servers.
    pub resolv_conf: PathBuf,
    /// Where those listen.
    pub port: u16,
    /// Whom to ask when the host's servers fail; none switches that off.
    pub public: Vec<SocketAddr>,
    /// Whether the last good answer is used when all fail. Not for checks, which want to see the failure.
    pub remember: bool,
    /// Where the last good answers are kept for the next start.
    pub memory_file: Option<PathBuf>,
}

impl Default for Options {
    /// As the host itself would do it: nobody else is asked and nothing is remembered.
    fn default() -> Self {
        Self {
            hosts_file: "/etc/hosts".into(),
            resolv_conf: "/etc/resolv.conf".into(),
            port: PORT,
            public: Vec::new(),
            remember: false,
            memory_file: None,
        }
    }
}

/// Who gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody: an IP address, or `localhost`.
    Itself,
    /// The file of hosts.
    HostsFile,
    /// A server of the host.
    System(SocketAddr),
    /// A public server.
    Public(SocketAddr),
    /// An earlier answer, learnt at this time (Unix milliseconds).
    Remembered(i64),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("no server needed"),
            Self::HostsFile => f.write_str("the hosts file"),
            Self::System(server) => write!(f, "{}", server.ip()),
            Self::Public(server) => write!(f, "{} (public)", server.ip()),
            Self::Remembered(_) => f.write_str("an earlier answer"),
        }
    }
}

/// The addresses of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// At least one and at most [`ADDRESSES_MAX`]; IPv6 and IPv4 take turns.
    pub addresses: Vec<IpAddr>,
    /// Who said so.
    pub origin: Origin,
}

/// See the module's text. Threads may share it.
pub struct Resolver {
    options: Options,
    clock: Arc<dyn Clock>,
    remembered: Remembered,
    /// Until when the public servers come first.
    sick_until_ms: AtomicI64,
}

impl Resolver {
    /// A resolver; what an earlier run learnt is read from the memory file.
    pub fn new(options: Options, disk: Arc<dyn Disk>, clock: Arc<dyn Clock>) -> Self {
        let remembered = Remembered::open(options.memory_file.clone(), disk);
        Self { options, clock, remembered, sick_until_ms: AtomicI64::new(i64::MIN) }
    }

    /// One that does as the host itself would.
    pub fn system() -> Self {
        Self::new(Options::default(), Arc::new(RealDisk), Arc::new(SystemClock))
    }

    /// The addresses of a name.
    ///
    /// # Errors
    /// As [`Resolver::lookup`].
    pub fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Error> {
        Ok(self.lookup(name, Patience::usual(&Interrupt::default()))?.addresses)
    }

    /// The addresses of a name, and who said so. It takes at most eighteen seconds, when everything is dead, and not longer
    /// than `patience` lasts.
    ///
    /// # Errors
    /// [`Error::Resolve`] with what every server said, [`Error::Request`] for what is no name, [`Error::Interrupted`].
    pub fn lookup(&self, name: &str, patience: Patience<'_>) -> Result<Answer, Error> {
        if let Some(answer) = self.without_servers(name) {
            return Ok(answer);
        }
        LOOKUPS.add(1);
        let result = self.with_servers(name, patience);
        match &result {
            Ok(Answer { origin: Origin::Public(_), .. }) => PUBLIC.add(1),
            Ok(Answer { origin: Origin::Remembered(_), .. }) => REMEMBERED.add(1),
            Ok(_) => {}
            Err(_) => FAILED.add(1),
        }
        result
    }

    fn without_servers(&self, name: &str) -> Option<Answer> {
        if let Ok(address) = name.parse() {
            return Some(Answer { addresses: vec![address], origin: Origin::Itself });
        }
        let addresses = hosts::addresses(&self.options.hosts_file, name, ADDRESSES_MAX);
        if !addresses.is_empty() {
            return Some(Answer { addresses, origin: Origin::HostsFile });
        }
        let bare = name.trim_end_matches('.').to_ascii_lowercase();
        (bare == "localhost" || bare.ends_with(".localhost")).then(|| Answer {
            addresses: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
            origin: Origin::Itself,
        })
    }

    fn with_servers(&self, name: &str, patience: Patience<'_>) -> Result<Answer, Error> {
        name::encode(name, &mut Vec::new()).map_err(Error::Request)?;
        let conf = Conf::read(&self.options.resolv_conf, self.options.port);
        let names = search::candidates(name, &conf);
        let (mut said, mut denied) = (Vec::new(), false);
        let public_first = self.clock.now_ms() < self.sick_until_ms.load(Ordering::Relaxed);
        for public in [public_first, !public_first] {
            if public && (self.options.public.is_empty() || denied && self.learnt(name).is_none()) {
                continue;
            }
            let outcome = if public {
                self.ask_public(&names, patience)?
            } else {
                ask_system(&conf, &names, patience)?
            };
            match outcome {
                Outcome::Found(addresses, server) => {
                    return Ok(self.found(name, addresses, server, public, &said));
                }
                Outcome::Denied(who) => {
                    denied = true;
                    said.push(who);
                }
                Outcome::Failed(why) => said.push(why),
            }
        }
        said.retain(|text| !text.is_empty());
        self.earlier(name, denied)
            .ok_or_else(|| Error::Resolve(format!("no address for `{name}`: {}", said.join("; "))))
    }

    fn ask_public(&self, names: &[String], patience: Patience<'_>) -> Result<Outcome, Error> {
        let names: Vec<String> = names.iter().filter(|name| search::is_public(name)).cloned().collect();
        let group = Group {
            servers: &self.options.public,
            timeout: PUBLIC_TIMEOUT,
            attempts: PUBLIC_ATTEMPTS,
            deadline: patience.deadline_within(PUBLIC_TIME_MAX),
            interrupt: patience.interrupt,
        };
        group.ask(&names)
    }

    /// Books an answer of servers; `said` is what others said before.
    fn found(
        &self,
        name: &str,
        addresses: Vec<IpAddr>,
        server: SocketAddr,
        public: bool,
        said: &[String],
    ) -> Answer {
        let now_ms = self.clock.now_ms();
        if !public {
            self.sick_until_ms.store(i64::MIN, Ordering::Relaxed);
        } else if !said.is_empty() {
            self.sick_until_ms.store(now_ms.saturating_add(SICK_MS), Ordering::Relaxed);
        }
        if self.options.remember {
            self.remembered.put(name, &addresses, now_ms);
        }
        Answer { addresses, origin: if public { Origin::Public(server) } else { Origin::System(server) } }
    }

    fn learnt(&self, name: &str) -> Option<super::remembered::Learnt> {
        self.remembered.get(name).filter(|_| self.options.remember)
    }

    fn earlier(&self, name: &str, denied: bool) -> Option<Answer> {
        let age_ms_max = if denied { DENIED_MS_MAX } else { UNANSWERED_MS_MAX };
        let learnt = self.learnt(name)?;
        let age_ms = self.clock.now_ms().saturating_sub(learnt.at_ms);
        (age_ms <= age_ms_max)
            .then_some(Answer { addresses: learnt.addresses, origin: Origin::Remembered(learnt.at_ms) })
    }
}

impl Resolve for Resolver {
    fn resolve(&self, host: &str, port: u16, patience: Patience<'_>) -> Result<Vec<SocketAddr>, Error> {
        let addresses = self.lookup(host, patience)?.addresses;
        Ok(addresses.into_iter().map(|address| (address, port).into()).collect())
    }

    fn servers(&self) -> Vec<SocketAddr> {
        Conf::read(&self.options.resolv_conf, self.options.port).servers
    }
}

fn ask_system(conf: &Conf, names: &[String], patience: Patience<'_>) -> Result<Outcome, Error> {
    let (timeout, attempts) = (conf.timeout, conf.attempts);
    let deadline = patience.deadline_within(SYSTEM_TIME_MAX);
    Group { servers: &conf.servers, timeout, attempts, deadline, interrupt: patience.interrupt }.ask(names)
}
