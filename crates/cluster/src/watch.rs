//! Watching a group: a thread lists it every fifth of a lease, and at once when something seems to have changed.

use crate::judge::{Change, Judge, Why};
use crate::leases::{Error, Leases};
use crate::stats;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What a watcher hears.
pub trait Hear: Send {
    /// A member came, moved or went.
    fn change(&mut self, change: Change);
    /// The leases cannot be reached, for this reason, or can again (`None`); only when that changes.
    fn reach(&mut self, problem: Option<&str>);
}

/// Watches until dropped.
pub struct Watch {
    leases: Arc<dyn Leases>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts to watch a group whose leases last `ttl`, beginning with what `judge` believes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        leases: Arc<dyn Leases>,
        group: &str,
        ttl: Duration,
        judge: Judge,
        hear: Box<dyn Hear>,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, its, group) = (stop.clone(), leases.clone(), group.to_owned());
        let run = move || run(its.as_ref(), &group, ttl, judge, hear, &stopped);
        let thread = std::thread::Builder::new().name("lease-watch".to_owned()).spawn(run)?;
        Ok(Self { leases, stop, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.leases.wake();
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}

fn run(
    leases: &dyn Leases,
    group: &str,
    ttl: Duration,
    mut judge: Judge,
    mut hear: Box<dyn Hear>,
    stop: &AtomicBool,
) {
    let (every, started) = (ttl / 5, Instant::now());
    let mut told: Option<Option<Error>> = None;
    stats::MEMBERS.set(judge.members().count() as f64);
    while !stop.load(Ordering::Relaxed) {
        let looked = Instant::now();
        let list = leases.list(group);
        let problem = list.as_ref().err().cloned();
        (if problem.is_none() { &stats::LOOKS } else { &stats::LOOK_FAILURES }).add(1);
        // Only whether it is reached: one reason after another would fill a log.
        if told.as_ref().map(Option::is_some) != Some(problem.is_some()) {
            hear.reach(problem.as_ref().map(ToString::to_string).as_deref());
            told = Some(problem);
        }
        for change in list.iter().flat_map(|entries| judge.look(started.elapsed(), entries)) {
            count(&change);
            hear.change(change);
        }
        stats::MEMBERS.set(judge.members().count() as f64);
        if !stop.load(Ordering::Relaxed) {
            leases.wait(group, every.saturating_sub(looked.elapsed()));
        }
    }
}

fn count(change: &Change) {
    let counter = match change {
        Change::Joined(..) => &stats::JOINED,
        Change::Left(_, Why::Released) => &stats::LEFT_RELEASED,
        Change::Left(_, Why::Silent) => &stats::LEFT_SILENT,
    };
    counter.add(1);
}

#[cfg(test)]
mod tests;
