//! What the thread of the sniffer does: it has the ring opened, filtered and read, and hands on a batch every interval.

use super::{Options, Shared, lock};
use crate::aggregate::Aggregate;
use crate::ring::{self, Ring};
use crate::telemetry;
use crate::wiretap::Wiretap;
use model::Sink;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::Clock;

/// How long until a ring that cannot be opened is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// What the thread has.
pub(super) struct Work {
    pub(super) options: Options,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) wake: Arc<OwnedFd>,
    pub(super) tap: Wiretap,
    pub(super) ring: Option<Ring>,
    /// When to try again to open the ring.
    pub(super) retry: Option<Instant>,
    pub(super) version: u64,
    pub(super) ports: Vec<u16>,
    pub(super) dropped: u64,
}

impl Work {
    pub(super) fn run(mut self) {
        let interval_ms = i64::try_from(self.options.interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let now_ms = self.clock.now_ms();
        let mut aggregate = Aggregate::new(self.options.aggregate.clone(), now_ms);
        let mut next_ms = (now_ms / interval_ms + 1) * interval_ms;
        while self.adopt() {
            let now_ms = self.clock.now_ms();
            if now_ms >= next_ms {
                self.tell(&mut aggregate, now_ms / interval_ms * interval_ms);
                next_ms = (now_ms / interval_ms + 1) * interval_ms;
            }
            self.wait(Duration::from_millis((next_ms - now_ms).clamp(1, interval_ms) as u64));
            self.read();
        }
        self.tell(&mut aggregate, self.clock.now_ms());
    }

    /// Does what is wished; `false` when that is to stop.
    fn adopt(&mut self) -> bool {
        let shared = self.shared.clone();
        let wish = lock(&shared.wish);
        if wish.stops {
            return false;
        }
        if wish.version != self.version {
            self.version = wish.version;
            let gone: Vec<u16> =
                self.ports.iter().copied().filter(|port| !wish.ports.contains_key(port)).collect();
            gone.into_iter().for_each(|port| self.tap.unwatch(port));
            for (port, row) in &wish.ports {
                self.tap.watch(*port, row);
            }
            self.ports = wish.ports.keys().copied().collect();
            self.retry = None;
            if let Some(Err(problem)) = self.ring.as_mut().map(|ring| ring.filter(&self.ports)) {
                self.close(&problem);
            }
        }
        drop(wish);
        if self.ring.is_none() && self.retry.is_none_or(|at| Instant::now() >= at) {
            match Ring::open(&self.options.ring, &self.ports) {
                Ok(ring) => {
                    self.ring = Some(ring);
                    lock(&self.shared.report).problem.clear();
                }
                Err(problem) => self.close(&problem),
            }
        }
        true
    }

    fn close(&mut self, problem: &ring::Problem) {
        self.ring = None;
        self.retry = Some(Instant::now() + RETRY);
        lock(&self.shared.report).problem = problem.to_string();
    }

    /// Waits for a block, a wish, or so long.
    fn wait(&mut self, at_most: Duration) {
        let mut fds = Vec::with_capacity(2);
        fds.push(PollFd::new(&*self.wake, PollFlags::IN));
        if let Some(ring) = &self.ring {
            fds.push(PollFd::from_borrowed_fd(ring.as_fd(), PollFlags::IN | PollFlags::ERR));
        }
        let timeout = Timespec::try_from(at_most).ok();
        let _ = poll(&mut fds, timeout.as_ref());
        let is_broken = fds.get(1).is_some_and(|fd| fd.revents().intersects(PollFlags::ERR));
        if fds[0].revents().contains(PollFlags::IN) {
            let _ = rustix::io::read(&*self.wake, &mut [0u8; 8]);
        }
        if is_broken {
            let why = std::io::Error::from_raw_os_error(libc::ENETDOWN);
            self.close(&ring::Problem::System("the interface is down", why));
        }
    }

    fn read(&mut self) {
        let Self { ring: Some(ring), tap, .. } = self else { return };
        // A ring that fills as fast as it is read must not keep the batch waiting.
        for _ in 0..256 {
            if ring.read(|frame| tap.frame(&frame)).is_none() {
                break;
            }
        }
    }

    fn tell(&mut self, aggregate: &mut Aggregate, now_ms: i64) {
        let started = Instant::now();
        let dropped = self.ring.as_mut().map_or(0, Ring::dropped);
        let dropped_now = dropped.saturating_sub(self.dropped);
        self.dropped = dropped;
        telemetry::DROPPED.add(dropped_now);
        self.tap.expire(u64::try_from(self.clock.now_ms()).unwrap_or(0).saturating_mul(1_000_000));
        let batch = aggregate.batch(&mut self.tap, now_ms);
        let pushed = if batch.is_empty() { Ok(()) } else { self.sink.push(batch).map(|_| ()) };
        let mut report = lock(&self.shared.report);
        report.last_ms = Some(now_ms);
        report.took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        report.samples = batch.len() as u64;
        report.dropped += dropped_now;
        if self.ring.is_some() {
            report.problem = match pushed {
                Err(error) => error.to_string(),
                Ok(()) if dropped_now > 0 => {
                    format!("{dropped_now} packets were lost as the ring was full (sniffer.ring_bytes)")
                }
                Ok(()) => String::new(),
            };
        }
    }
}
