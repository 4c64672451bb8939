//! TCP connections by state, the queues of listening sockets, and how many sockets there are.

mod diag;
mod ports;
mod tally;
mod text;

use crate::collector::EVERY_TICK;
use crate::entities::Entities;
use crate::file::KeptFile;
use crate::record::Recorder;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell, telemetry};
use diag::Diag;
pub(super) use ports::Ports;
use tally::{Counted, Tally, Walked};
use text::SocketFiles;

pub(super) static ROW: Row = Row {
    name: "sockets",
    summary: "Sockets in use, TCP connections by state, and how full the accept queues of listening ports are.",
    interval_ms: EVERY_TICK,
    metrics: METRICS,
    open: |host, _| Box::new(Sockets::new(host)),
};

const CONNECTIONS: Metric =
    Metric::gauge("tcp_connections", "", "TCP sockets of both address families in a state.").by(&["state"]);
const QUEUE: [Metric; 2] = [
    Metric::gauge("tcp_accept_queue_length", "", "Connections that wait to be accepted at a port.")
        .by(&["port"]),
    Metric::gauge(
        "tcp_accept_queue_limit",
        "",
        "Connections that may wait to be accepted at a port; others are lost.",
    )
    .by(&["port"]),
];

static METRICS: &[Metric] =
    &[CONNECTIONS, QUEUE[0], QUEUE[1], USE[0], USE[1], USE[2], USE[3], USE[4], USE[5]];

/// From `/proc/net/sockstat`; the source is `Section:key`.
static USE: [Metric; 6] = [
    Metric::gauge("sockets_used", "", "Sockets of all kinds.").from("sockets:used"),
    Metric::gauge("tcp_orphans", "", "TCP sockets that belong to no process any more.").from("TCP:orphan"),
    Metric::gauge("tcp_time_wait", "", "Closed TCP connections kept for late segments.").from("TCP:tw"),
    Metric::gauge("tcp_memory_bytes", "bytes", "Memory of TCP's queues.").from("TCP:mem"),
    Metric::gauge("udp_sockets", "", "UDP sockets in use (IPv4).").from("UDP:inuse"),
    Metric::gauge("udp_memory_bytes", "bytes", "Memory of UDP's queues.").from("UDP:mem"),
];
const TCP_SOCKETS: [&str; 2] = ["TCP:inuse", "TCP6:inuse"];
const TIME_WAITS: &str = "TCP:tw";

/// The kernel's states from 1 on (include/net/tcp_states.h); a request half open counts as `syn_recv`.
const STATES: [&str; 12] = [
    "established",
    "syn_sent",
    "syn_recv",
    "fin_wait1",
    "fin_wait2",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "listen",
    "closing",
    "new_syn_recv",
];
const ESTABLISHED: u8 = 1;
const SYN_RECEIVED: u8 = 3;
const TIME_WAIT: u8 = 6;
const CLOSE_WAIT: u8 = 8;
const LISTEN: u8 = 10;
const NEW_SYN_RECEIVED: u8 = 12;

/// With more TCP sockets than this only the ports that listen are looked at: the walk would take milliseconds.
const WALKED_MAX: u64 = 20_000;
/// While the number of sockets does not move, those that do not listen are walked over in every so many passes: the
/// kernel goes through all of its table of connections, however empty.
const WALK_EVERY: u32 = 5;
/// Most ports with series of their own.
const PORTS_MAX: usize = 64;

/// A socket, as either source tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Socket {
    /// The kernel's number.
    state: u8,
    /// Its own port.
    port: u16,
    /// Of one that listens: connections waiting.
    queue: u32,
    /// Of one that listens: how many may wait; 0 when the source does not say.
    queue_limit: u32,
}

struct Sockets {
    diag: Option<Diag>,
    files: SocketFiles,
    usage: [KeptFile; 2],
    page_bytes: f64,
    uses: [SeriesCell; USE.len()],
    states: [SeriesCell; STATES.len()],
    ports: Entities<{ QUEUE.len() }>,
    tally: Tally,
    /// What the last walk over all sockets came to.
    walked: Option<Walked>,
}

impl Sockets {
    fn new(host: &Host) -> Self {
        Self {
            // Only the kernel we run on can be asked.
            diag: host.is_own().then(Diag::new),
            files: SocketFiles::tcp(host),
            usage: ["proc/net/sockstat", "proc/net/sockstat6"].map(|path| host.file(path)),
            page_bytes: host.page_bytes as f64,
            uses: Default::default(),
            states: Default::default(),
            ports: Entities::new(PORTS_MAX),
            tally: Tally::default(),
            walked: None,
        }
    }

    /// Records and returns what the kernel has counted already.
    fn usage(&mut self, pass: &mut Pass<'_>) -> Result<Counted, Error> {
        let mut counted = Counted { established: pass.shared.tcp_established, ..Counted::default() };
        for file in &mut self.usage {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            for line in lines(text) {
                let Some(colon) = memchr::memchr(b':', line) else { continue };
                let (section, mut rest) = (&line[..colon], fields(&line[colon + 1..]));
                while let (Some(key), Some(value)) = (rest.next(), rest.next()) {
                    let Some(value) = number(value) else { continue };
                    let is = |source: &str| is_source(source, section, key);
                    if TCP_SOCKETS.into_iter().any(is) {
                        counted.tcp = counted.tcp.saturating_add(value);
                    } else if is(TIME_WAITS) {
                        counted.time_wait = Some(value);
                    }
                    if let Some(at) = USE.iter().position(|metric| is(metric.source)) {
                        let scale = if USE[at].unit == "bytes" { self.page_bytes } else { 1.0 };
                        pass.out.push(&mut self.uses[at], &USE[at], &[], value as f64 * scale);
                    }
                }
            }
        }
        Ok(counted)
    }

    /// Counts the sockets in the states whose bits are set, by the cheaper way that works; returns whether one did.
    fn walk(&mut self, states: u32, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        self.tally.clear();
        if let Some(diag) = &mut self.diag {
            if diag.walk(states, buffer, |socket| self.tally.count(socket)).is_ok() {
                return Ok(true);
            }
            // A kernel without it, or forbidden to us: the text files say the same for more work.
            self.diag = None;
            self.tally.clear();
        }
        self.files.walk(buffer, |socket| {
            if states.checked_shr(u32::from(socket.state)).is_some_and(|bits| bits & 1 != 0) {
                self.tally.count(socket);
            }
        })
    }

    /// Records the states whose bits are set.
    fn record(&mut self, states: u32, out: &mut Recorder<'_>) {
        for (at, state) in STATES.iter().enumerate().take(usize::from(NEW_SYN_RECEIVED) - 1) {
            if states >> (at + 1) & 1 != 0 {
                out.push(&mut self.states[at], &CONNECTIONS, &[state], self.tally.states[at] as f64);
            }
        }
        self.ports.begin();
        for &(port, length, limit) in &self.tally.queues {
            let mut digits = [0; 5];
            let Some(entity) = self.ports.meet(decimal_digits(port, &mut digits), |_| true) else { continue };
            for ((cell, metric), value) in entity.cells.iter_mut().zip(&QUEUE).zip([length, limit]) {
                if value > 0 || metric.name == QUEUE[0].name {
                    out.push(cell, metric, &[&entity.name], value as f64);
                }
            }
        }
        self.ports.finish(out);
    }
}

impl Collector for Sockets {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let counted = self.usage(pass)?;
        let is_too_many = counted.tcp > WALKED_MAX;
        telemetry::SOCKET_WALKS_SKIPPED.add(u64::from(is_too_many));
        let may_rest = !is_too_many && self.may_rest(&counted);
        let walked = if is_too_many || may_rest { 1 << LISTEN } else { !counted.states() };
        if self.walk(walked, pass.buffer)? {
            self.remember(may_rest, is_too_many, &counted);
            self.tally.add(&counted, walked);
            let known = if is_too_many { walked | 1 << TIME_WAIT } else { !0 };
            self.record(known, &mut pass.out);
        }
        Ok(())
    }
}

impl Sockets {
    /// Whether the last walk over all sockets is recent and nothing tells that it would come out otherwise now.
    fn may_rest(&self, counted: &Counted) -> bool {
        let is_same = |walked: &Walked| {
            walked.age + 1 < WALK_EVERY
                && (walked.tcp, walked.established) == (counted.tcp, counted.established)
        };
        // The files say everything at one price.
        self.diag.is_some() && counted.established.is_some() && self.walked.as_ref().is_some_and(is_same)
    }

    /// Keeps what a walk came to, or puts what the last one came to beside the sockets that listen.
    fn remember(&mut self, has_rested: bool, is_too_many: bool, counted: &Counted) {
        match &mut self.walked {
            _ if is_too_many => self.walked = None,
            Some(walked) if has_rested => {
                walked.age += 1;
                let listening = self.tally.states[usize::from(LISTEN) - 1];
                self.tally.states = walked.states;
                self.tally.states[usize::from(LISTEN) - 1] = listening;
            }
            _ => {
                let (tcp, established) = (counted.tcp, counted.established);
                self.walked = Some(Walked { states: self.tally.states, tcp, established, age: 0 });
            }
        }
    }
}

fn is_source(source: &str, section: &[u8], key: &[u8]) -> bool {
    source.split_once(':').is_some_and(|(s, k)| s.as_bytes() == section && k.as_bytes() == key)
}

pub(super) fn decimal_digits(port: u16, to: &mut [u8; 5]) -> &[u8] {
    let mut rest = port;
    let mut start = to.len();
    loop {
        start -= 1;
        to[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return &to[start..];
        }
    }
}

#[cfg(test)]
mod tests;
