//! What the thread of the sniffer does: it has a ring opened, filtered and read for each network, and hands on a batch of
//! each every interval.

use super::ear::Ear;
use super::wish::Network;
use super::{Options, Shared, lock};
use crate::ring::Problem;
use crate::telemetry;
use model::Sink;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;

/// What the thread has.
pub(super) struct Work {
    pub(super) options: Options,
    pub(super) sink: Arc<dyn Sink>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shared: Arc<Shared>,
    pub(super) wake: Arc<OwnedFd>,
    pub(super) version: u64,
    /// One for each network.
    pub(super) ears: Vec<Ear>,
}

impl Work {
    pub(super) fn run(mut self) {
        let interval_ms = i64::try_from(self.options.interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let mut next_ms = (self.clock.now_ms() / interval_ms + 1) * interval_ms;
        while self.adopt() {
            let now_ms = self.clock.now_ms();
            if now_ms >= next_ms {
                self.tell(now_ms / interval_ms * interval_ms);
                next_ms = (now_ms / interval_ms + 1) * interval_ms;
            }
            self.wait(Duration::from_millis((next_ms - now_ms).clamp(1, interval_ms) as u64));
            self.ears.iter_mut().for_each(Ear::read);
        }
        self.tell(self.clock.now_ms());
        telemetry::NETWORKS.set(0.0);
    }

    /// Does what is wished; `false` when that is to stop.
    fn adopt(&mut self) -> bool {
        let shared = self.shared.clone();
        let wish = lock(&shared.wish);
        if wish.stops {
            return false;
        }
        let has_changed = wish.version != self.version;
        if has_changed {
            self.version = wish.version;
            self.follow(wish.ports.keys().map(|(network, _)| *network).collect());
            self.ears.iter_mut().for_each(|ear| ear.adopt(&wish));
        }
        drop(wish);
        self.ears.iter_mut().for_each(Ear::open);
        true
    }

    /// An ear for each of these networks, and no other.
    fn follow(&mut self, mut networks: BTreeSet<Network>) {
        let now_ms = self.clock.now_ms();
        let (stay, mut leave): (Vec<Ear>, Vec<Ear>) =
            std::mem::take(&mut self.ears).into_iter().partition(|ear| networks.remove(&ear.network));
        // What was counted since the batch before is told.
        leave.iter_mut().for_each(|ear| _ = ear.tell(&*self.sink, now_ms, now_ms));
        self.ears = stay;
        let new = networks.into_iter().map(|it| Ear::new(it, &self.options, self.shared.clone(), now_ms));
        self.ears.extend(new);
        telemetry::NETWORKS.set(self.ears.len() as f64);
    }

    /// Waits for a block, a wish, or so long.
    fn wait(&mut self, at_most: Duration) {
        let mut fds = Vec::with_capacity(1 + self.ears.len());
        fds.push(PollFd::new(&*self.wake, PollFlags::IN));
        for ear in &self.ears {
            // Who has no ring has something else to wait on, so that places stay the same.
            let fd = ear.as_fd().unwrap_or(std::os::fd::AsFd::as_fd(&*self.wake));
            fds.push(PollFd::from_borrowed_fd(fd, PollFlags::IN | PollFlags::ERR));
        }
        let timeout = Timespec::try_from(at_most).ok();
        let _ = poll(&mut fds, timeout.as_ref());
        if fds[0].revents().contains(PollFlags::IN) {
            let _ = rustix::io::read(&*self.wake, &mut [0u8; 8]);
        }
        // Where several break at once the next wait tells of the next.
        if let Some(at) = fds[1..].iter().position(|fd| fd.revents().intersects(PollFlags::ERR)) {
            let why = std::io::Error::from_raw_os_error(libc::ENETDOWN);
            self.ears[at].close(&Problem::System("the interface is down", why));
        }
    }

    fn tell(&mut self, now_ms: i64) {
        let clock_ms = self.clock.now_ms();
        let sink = &*self.sink;
        let connections: usize = self.ears.iter_mut().map(|ear| ear.tell(sink, clock_ms, now_ms)).sum();
        telemetry::CONNECTIONS.set(connections as f64);
    }
}
