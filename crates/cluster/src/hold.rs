//! Holding a lease: a thread registers, renews every fifth of it, and gives it up in the end.

use crate::leases::{Entry, Error, Facts, Lease, Leases, Value};
use crate::stats;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Who registers where.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The group.
    pub group: String,
    /// The member's name: unique in its group, and the same after a restart.
    pub name: String,
    /// How long the lease holds without renewal.
    pub ttl: Duration,
    /// A random text: another one in each run of a program.
    pub instance: String,
    /// What it tells of itself; `url` is where it is.
    pub facts: Facts,
}

/// Told when the lease is held (`None`), and why it is not; only when that changes.
pub type Tell = Box<dyn Fn(Option<&str>) + Send>;

/// Holds a lease until dropped.
pub struct Hold {
    leases: Arc<dyn Leases>,
    stop: Arc<AtomicBool>,
    problem: Arc<Mutex<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Hold {
    /// Starts to register, and goes on trying for as long as it takes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(leases: Arc<dyn Leases>, registration: Registration, tell: Tell) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let problem = Arc::new(Mutex::new("it has not registered yet".to_owned()));
        let holder = Holder {
            leases: leases.clone(),
            value: Value {
                instance: registration.instance.clone(),
                ttl_ms: registration.ttl.as_millis() as u64,
                facts: registration.facts.clone(),
            },
            registration,
            lease: None,
            rival: None,
            has_lost: false,
        };
        let (stopped, shown) = (stop.clone(), problem.clone());
        let thread = std::thread::Builder::new()
            .name("lease".to_owned())
            .spawn(move || run(holder, &stopped, &shown, &tell))?;
        Ok(Self { leases, stop, problem, thread: Some(thread) })
    }

    /// Why the lease is not held; "" when it is.
    pub fn problem(&self) -> String {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.leases.wake();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there has been reported by the thread itself; the lease runs out.
            let _ = thread.join();
        }
    }
}

fn run(mut holder: Holder, stop: &AtomicBool, problem: &Mutex<String>, tell: &Tell) {
    let every = holder.registration.ttl / 5;
    let mut told = None;
    while !stop.load(Ordering::Relaxed) {
        let why = holder.round().err().map(|e| e.to_string());
        stats::REGISTERED.set(f64::from(u8::from(why.is_none())));
        if told.as_ref() != Some(&why) {
            *problem.lock().unwrap_or_else(PoisonError::into_inner) = why.clone().unwrap_or_default();
            tell(why.as_deref());
            told = Some(why);
        }
        // Woken early it only renews early.
        std::thread::park_timeout(every);
    }
    if let Some(lease) = holder.lease {
        // If this fails the lease runs out by itself.
        let _ = holder.leases.release(&lease);
    }
}

struct Holder {
    leases: Arc<dyn Leases>,
    registration: Registration,
    value: Value,
    lease: Option<Lease>,
    /// Somebody of the same name: its revision, and since when that is so.
    rival: Option<(u64, Instant)>,
    /// Whether somebody has taken the lease from this program while it held it.
    has_lost: bool,
}

impl Holder {
    fn round(&mut self) -> Result<(), Error> {
        let result = match &mut self.lease {
            Some(lease) => self.leases.renew(lease),
            None => self.register(),
        };
        (if result.is_ok() { &stats::RENEWALS } else { &stats::RENEWAL_FAILURES }).add(1);
        if let Err(Error::Held(entry)) = &result {
            self.has_lost |= self.lease.take().is_some();
            self.meet(entry);
        }
        result
    }

    fn register(&mut self) -> Result<(), Error> {
        let silent = self.rival.filter(|(_, since)| since.elapsed() >= self.registration.ttl);
        let Registration { group, name, .. } = &self.registration;
        let over = silent.map(|(revision, _)| revision);
        let mut result = self.leases.register(group, name, &self.value, over);
        if let Err(Error::Held(entry)) = &result
            && self.is_former_self(entry)
        {
            result = self.leases.register(group, name, &self.value, Some(entry.revision));
        }
        self.lease = Some(result?);
        self.rival = None;
        Ok(())
    }

    /// Whether a lease is this program's own from before a restart: two that live cannot have one address. Should they
    /// have it after all, as with loopback addresses of two hosts, the one that came first waits, so that they do not
    /// take turns.
    fn is_former_self(&self, entry: &Entry) -> bool {
        let url = entry.value.as_ref().and_then(|value| value.facts.get("url"));
        url.is_some() && url == self.value.facts.get("url") && !self.has_lost
    }

    fn meet(&mut self, entry: &Entry) {
        if self.rival.is_none_or(|(revision, _)| revision != entry.revision) {
            self.rival = Some((entry.revision, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests;
