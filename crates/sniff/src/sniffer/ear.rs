//! One network that is listened to: its ring, the connections in it, and what is told of them.

use super::wish::{Network, Wish};
use super::{Options, Report, Shared, lock};
use crate::aggregate::Aggregate;
use crate::ring::{self, Problem, Ring};
use crate::telemetry;
use crate::wiretap::Wiretap;
use model::Sink;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long until a ring that cannot be opened is tried again.
const RETRY: Duration = Duration::from_secs(60);
/// Most blocks that are read at once: a ring that fills as fast as it is read must not keep the others waiting.
const BLOCKS_MAX: usize = 256;

/// See the module's text.
pub(super) struct Ear {
    pub(super) network: Network,
    options: ring::Options,
    shared: Arc<Shared>,
    tap: Wiretap,
    aggregate: Aggregate,
    ring: Option<Ring>,
    /// When to try again to open the ring.
    retry: Option<Instant>,
    ports: Vec<u16>,
    /// What stands for the network, unless it is ours.
    files: Vec<PathBuf>,
    dropped: u64,
}

impl Ear {
    /// Hears nothing before it has adopted a wish.
    pub(super) fn new(network: Network, options: &Options, shared: Arc<Shared>, now_ms: i64) -> Self {
        Self {
            network,
            options: options.ring.clone(),
            shared,
            tap: Wiretap::default(),
            aggregate: Aggregate::new(options.aggregate.clone(), now_ms),
            ring: None,
            retry: None,
            ports: Vec::new(),
            files: Vec::new(),
            dropped: 0,
        }
    }

    /// Listens to what is wished of its network from now on.
    pub(super) fn adopt(&mut self, wish: &Wish) {
        let ports: Vec<u16> = wish.of(self.network).map(|(port, _)| port).collect();
        let gone = self.ports.iter().filter(|port| !ports.contains(port));
        gone.for_each(|port| self.tap.unwatch(*port));
        for (port, wished) in wish.of(self.network) {
            self.tap.watch_in(port, wished.row, &wished.container);
        }
        self.files = wish.of(self.network).flat_map(|(_, wished)| wished.lent.iter().cloned()).collect();
        self.retry = None;
        if self.ports != ports
            && let Some(Err(problem)) = self.ring.as_mut().map(|ring| ring.filter(&ports))
        {
            self.close(&problem);
        }
        self.ports = ports;
    }

    /// Opens the ring when there is none and it is time.
    pub(super) fn open(&mut self) {
        if self.ring.is_some() || self.retry.is_some_and(|at| Instant::now() < at) {
            return;
        }
        let opened = match self.network {
            Network::OURS => Ring::open(&self.options, &self.ports),
            Network(number) => Ring::open_in(number, &self.files, &self.options, &self.ports),
        };
        match opened {
            Ok(ring) => {
                (self.ring, self.dropped) = (Some(ring), 0);
                self.report(|report| report.problem.clear());
            }
            Err(problem) => self.close(&problem),
        }
    }

    pub(super) fn close(&mut self, problem: &Problem) {
        self.ring = None;
        self.retry = Some(Instant::now() + RETRY);
        self.report(|report| report.problem = problem.to_string());
    }

    /// What to wait on while there is a ring.
    pub(super) fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.ring.as_ref().map(Ring::as_fd)
    }

    /// Takes what is in the ring.
    pub(super) fn read(&mut self) {
        let Self { ring: Some(ring), tap, .. } = self else { return };
        for _ in 0..BLOCKS_MAX {
            if ring.read(|frame| tap.frame(&frame)).is_none() {
                break;
            }
        }
    }

    /// Hands on what was counted; `clock_ms` is the time, `now_ms` that of the samples. How many connections there are.
    pub(super) fn tell(&mut self, sink: &dyn Sink, clock_ms: i64, now_ms: i64) -> usize {
        let started = Instant::now();
        let dropped = self.ring.as_mut().map_or(0, Ring::dropped);
        let dropped_now = dropped.saturating_sub(self.dropped);
        self.dropped = dropped;
        telemetry::DROPPED.add(dropped_now);
        self.tap.expire(u64::try_from(clock_ms).unwrap_or(0).saturating_mul(1_000_000));
        let batch = self.aggregate.batch(&mut self.tap, now_ms);
        let samples = batch.len() as u64;
        let pushed = if batch.is_empty() { Ok(()) } else { sink.push(batch).map(|_| ()) };
        let problem = self.ring.is_some().then(|| match pushed {
            Err(error) => error.to_string(),
            Ok(()) if dropped_now > 0 => {
                format!("{dropped_now} packets were lost as the ring was full (sniffer.ring_bytes)")
            }
            Ok(()) => String::new(),
        });
        self.report(|report| {
            report.last_ms = Some(now_ms);
            report.took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            report.samples = samples;
            report.problem = problem.unwrap_or(std::mem::take(&mut report.problem));
        });
        self.leave_who_is_gone();
        self.tap.connections()
    }

    /// The ring of a network without processes would keep it alive, and with it the interfaces that were lent to it.
    fn leave_who_is_gone(&mut self) {
        let Network(number) = self.network;
        let stands = |file: &PathBuf| ring::number(file).is_ok_and(|it| it == number);
        if self.network != Network::OURS && self.ring.is_some() && !self.files.iter().any(stands) {
            self.close(&Problem::Gone);
        }
    }

    fn report(&self, change: impl FnOnce(&mut Report)) {
        change(lock(&self.shared.reports).entry(self.network).or_default());
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        lock(&self.shared.reports).remove(&self.network);
    }
}
