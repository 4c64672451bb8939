//! Who of a cluster can be reached. A member that fails several checks in a row leaves, what waits for it goes to the
//! others, and it comes back when it answers again; both are told, counted and written into the log, so that every
//! sample is shared out by those who were there when it came.

use crate::log::{Log, Position};
use crate::outputs::tcp;
use crate::stats;
use net::{Interrupt, Patience, Url};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a member is to do to count as alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Take a connection at its address.
    Tcp,
    /// Answer with a status of 2xx for this page, at another port than that of its address where there is one.
    Http(Option<u16>, String),
}

impl Way {
    /// What a setting says: `tcp`, `http:/page` or `http:port/page`; `None` for `off`.
    ///
    /// # Errors
    /// For anything else.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let wrong = || format!("`{text}` is none of: tcp, http:/PAGE, http:PORT/PAGE, off");
        match text {
            "off" => return Ok(None),
            "tcp" => return Ok(Some(Self::Tcp)),
            _ => {}
        }
        let (port, page) =
            text.strip_prefix("http:").and_then(|rest| rest.split_once('/')).ok_or_else(wrong)?;
        let port = match port {
            "" => None,
            port => Some(port.parse().map_err(|_| wrong())?),
        };
        Url::parse_page(&format!("http://h/{page}")).map_err(|_| wrong())?;
        Ok(Some(Self::Http(port, format!("/{page}"))))
    }
}

/// How members are checked.
#[derive(Clone)]
pub struct Check {
    /// The cluster.
    pub cluster: String,
    /// Outputs, and the address of each.
    pub members: Vec<(String, String)>,
    /// What they are to do.
    pub way: Way,
    /// Time between two checks.
    pub every: Duration,
    /// How long one may take.
    pub timeout: Duration,
    /// Failures in a row after which a member leaves.
    pub fall: u32,
    /// Successes in a row after which it comes back.
    pub rise: u32,
}

/// Tells people of a member that left, or came back: its cluster, its name, and why it left.
pub type Tell = Arc<dyn Fn(&str, &str, Option<&str>) + Send + Sync>;

/// Whether an output is out, and until where it has to give away what waits.
#[derive(Default)]
pub(crate) struct Leaving(Mutex<Option<(String, Position)>>);

impl Leaving {
    pub(crate) fn due(&self) -> Option<(String, Position)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, to: Option<(String, Position)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

/// How one member has answered: pure, so that tests can drive it.
#[derive(Debug, Clone, Default)]
struct Health {
    is_out: bool,
    failures: u32,
    successes: u32,
}

impl Health {
    /// Notes an answer; says whether the member is out now, when that has changed.
    fn note(&mut self, answered: bool, check: &Check) -> Option<bool> {
        (self.failures, self.successes) = if answered {
            (0, self.successes.saturating_add(1))
        } else {
            (self.failures.saturating_add(1), 0)
        };
        let is_out = if self.is_out { self.successes < check.rise } else { self.failures >= check.fall };
        (is_out != std::mem::replace(&mut self.is_out, is_out)).then_some(is_out)
    }
}

/// The thread that checks one cluster. Stops when dropped.
pub(crate) struct Members {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Members {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// Starts to check. `leaving` has a place for each member, in order.
pub(crate) fn start(
    check: Check,
    leaving: Vec<Arc<Leaving>>,
    log: Arc<Log>,
    net: net::Options,
    tell: Tell,
) -> std::io::Result<Members> {
    let stop = Arc::new(AtomicBool::new(false));
    let out = log.outs().remove(&check.cluster).unwrap_or_default();
    let health =
        check.members.iter().map(|(name, _)| Health { is_out: out.contains(name), ..Health::default() });
    let mut watch = Watch { health: health.collect(), check, leaving, log, net, tell };
    watch.begin();
    let stopped = stop.clone();
    let thread = std::thread::Builder::new().name("relay-members".to_owned()).spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            watch.round();
            std::thread::park_timeout(watch.check.every);
        }
    })?;
    Ok(Members { stop, thread: Some(thread) })
}

struct Watch {
    check: Check,
    health: Vec<Health>,
    leaving: Vec<Arc<Leaving>>,
    log: Arc<Log>,
    net: net::Options,
    tell: Tell,
}

impl Watch {
    /// Those who were out when the program ended are out still, until they answer.
    fn begin(&self) {
        let end = self.log.end();
        for (health, leaving) in self.health.iter().zip(&self.leaving) {
            leaving.set(health.is_out.then(|| (self.check.cluster.clone(), end)));
        }
    }

    fn round(&mut self) {
        for at in 0..self.health.len() {
            let answer = self.ask(at);
            if let Some(is_out) = self.health[at].note(answer.is_ok(), &self.check) {
                self.change(at, is_out, answer.err().as_deref());
            }
        }
    }

    /// Whether it is alive.
    fn ask(&self, at: usize) -> Result<(), String> {
        let address = &self.check.members[at].1;
        let (is_secret, host, port) = match Url::parse(address.split('?').next().unwrap_or_default()) {
            Ok(url) => (url.tls, url.host, url.port),
            Err(_) => {
                let (host, port) = tcp::split(address_of(address), 0)?;
                (false, host, port)
            }
        };
        match &self.check.way {
            Way::Tcp => self.connect(&host, port),
            Way::Http(other, page) => {
                self.get(Url { tls: is_secret, host, port: other.unwrap_or(port), path: page.clone() })
            }
        }
    }

    /// Whether it answers a request.
    fn get(&self, url: Url) -> Result<(), String> {
        let mut options = net::Options { connect_timeout: self.check.timeout, ..self.net.clone() };
        options.liveness.transfer = self.check.timeout;
        options.liveness.transfer_unwatched = self.check.timeout;
        let mut client = net::Client::new(options);
        let request = net::Request { method: "GET", url: &url, headers: &[], body: &[] };
        let status = client.send(&request).map_err(|e| format!("{url}: {e}"))?.status;
        if (200..300).contains(&status) { Ok(()) } else { Err(format!("{url} answered {status}")) }
    }

    /// Whether it takes a connection.
    fn connect(&self, host: &str, port: u16) -> Result<(), String> {
        let interrupt = Interrupt::default();
        let addresses =
            self.net.resolver.resolve(host, port, Patience::usual(&interrupt)).map_err(|e| e.to_string())?;
        let mut last = "it has no address".to_owned();
        for address in addresses {
            match TcpStream::connect_timeout(&address, self.check.timeout) {
                Ok(_) => return Ok(()),
                Err(e) => last = format!("{address}: {e}"),
            }
        }
        Err(last)
    }

    fn change(&mut self, at: usize, is_out: bool, why: Option<&str>) {
        let names = self.check.members.iter().map(|(name, _)| name.clone());
        let out: Vec<String> =
            names.zip(&self.health).filter(|(_, health)| health.is_out).map(|(name, _)| name).collect();
        if out.len() == self.health.len() {
            // The last one stays: nobody else could take what waits.
            self.health[at].is_out = false;
            return;
        }
        match self.log.set_out(&self.check.cluster, &out) {
            Ok(position) => {
                self.leaving[at].set(is_out.then(|| (self.check.cluster.clone(), position)));
                (if is_out { &stats::LEFT } else { &stats::RETURNED }).add(1);
                let (cluster, name) = (&self.check.cluster, &self.check.members[at].0);
                (self.tell)(cluster, name, is_out.then(|| why.unwrap_or("it does not answer")));
                self.log.wake();
            }
            // Nothing has changed then; the next round tries again.
            Err(_) => {
                stats::DISK_FAILURES.add(1);
                self.health[at].is_out = !is_out;
            }
        }
    }
}

/// Carbon's `host:port:instance` without its instance, `nats://host:port/subject` without all around.
fn address_of(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest.split('/').next().unwrap_or_default());
    let after_v6 = text.rfind(']').map_or(0, |at| at + 1);
    match text[after_v6..].match_indices(':').nth(1) {
        Some((at, _)) => &text[..after_v6 + at],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_read_and_instances_are_no_part_of_an_address() {
        assert_eq!(Way::parse("tcp"), Ok(Some(Way::Tcp)));
        assert_eq!(Way::parse("off"), Ok(None));
        assert_eq!(Way::parse("http:/health"), Ok(Some(Way::Http(None, "/health".to_owned()))));
        assert_eq!(Way::parse("http:8080/a/b"), Ok(Some(Way::Http(Some(8080), "/a/b".to_owned()))));
        for wrong in ["", "true", "http", "http:", "http:x/", "http:/a b", "https:/x"] {
            assert!(Way::parse(wrong).is_err(), "{wrong}");
        }
        for (text, wanted) in [
            ("h:1:a", "h:1"),
            ("h:1", "h:1"),
            ("h", "h"),
            ("[::1]:2:b", "[::1]:2"),
            ("h:2:8", "h:2"),
            ("nats://h:4222/a.1", "h:4222"),
        ] {
            assert_eq!(address_of(text), wanted);
        }
    }

    #[test]
    fn a_member_leaves_and_returns_by_its_thresholds() {
        let check = Check {
            cluster: String::new(),
            members: Vec::new(),
            way: Way::Tcp,
            every: Duration::ZERO,
            timeout: Duration::ZERO,
            fall: 3,
            rise: 2,
        };
        let mut health = Health::default();
        let answers = [true, false, false, true, false, false, false, false, true, false, true, true, true];
        let changes: Vec<Option<bool>> = answers.iter().map(|answer| health.note(*answer, &check)).collect();
        let mut wanted = vec![None; answers.len()];
        wanted[6] = Some(true);
        wanted[11] = Some(false);
        assert_eq!(changes, wanted);
    }
}
