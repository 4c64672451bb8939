//! Many series read by several threads: each takes shares of consecutive series, and what comes of the shares stands in
//! their order, so that an answer does not depend on how many threads there were.
//!
//! A query has help only while there are processors that no query is using: with as many clients as processors each works by
//! itself, which costs least, and one client alone has them all.

use crate::QueryError;
use crate::run::Budget;
use lang::{Error, Span};
use model::TierChoice;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Fewer series than this are read sooner than a thread is there to help.
pub(crate) const SERIES_MIN: usize = 128;
/// Shares for each thread: who is done early takes another one.
const SHARES_PER_THREAD: usize = 4;

static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZero::get));
/// Threads that read series now.
static READING: AtomicUsize = AtomicUsize::new(0);

/// Some of [`READING`].
struct Readers(usize);

impl Readers {
    // One that reads in any case, and those that may help.
    fn take(helpers_max: usize) -> Self {
        let before = READING.fetch_add(1, Ordering::Relaxed);
        let free = CORES.saturating_sub(before + 1).min(helpers_max);
        READING.fetch_add(free, Ordering::Relaxed);
        Self(1 + free)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        READING.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// What the threads of one read count together.
pub(crate) struct Meter<'a> {
    budget: &'a Budget<'a>,
    samples: AtomicU64,
    /// Calls and samples since the clock was looked at.
    unasked: AtomicUsize,
    is_stopped: AtomicBool,
}

/// After about so many samples the clock is looked at.
const ASK_SAMPLES: usize = 1 << 16;
/// What a piece counts beside its samples.
const PIECE_SAMPLES: usize = 1 << 8;

impl<'a> Meter<'a> {
    /// From what a request took so far.
    pub(crate) fn new(budget: &'a Budget<'a>) -> Self {
        Self {
            budget,
            samples: AtomicU64::new(0),
            unasked: AtomicUsize::new(0),
            is_stopped: AtomicBool::new(false),
        }
    }

    /// Counts samples and asks whether to go on.
    pub(crate) fn spend(&self, samples: usize) -> Result<(), QueryError> {
        let before = self.samples.fetch_add(samples as u64, Ordering::Relaxed);
        self.budget.check_samples(before + samples as u64)?;
        // A look at the clock costs as much as many samples.
        let unasked = self.unasked.fetch_add(samples + PIECE_SAMPLES, Ordering::Relaxed);
        if unasked < ASK_SAMPLES {
            return Ok(());
        }
        self.unasked.store(0, Ordering::Relaxed);
        if self.is_stopped.load(Ordering::Relaxed) {
            // Whoever stopped the read says why.
            return Err(QueryError::Limit(Error::new(Span::default(), "another part of the read failed")));
        }
        self.budget.go_on()
    }

    /// From which tier is to be read.
    pub(crate) fn tier(&self) -> TierChoice {
        self.budget.tier()
    }

    /// How many samples were counted.
    pub(crate) fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }
}

/// Does `work` for shares of `items`, by as many threads as there are processors free; what comes of it in order.
///
/// # Errors
/// That of the first share that failed by itself.
pub(crate) fn each<I: Sync, T: Send>(
    items: &[I],
    meter: &Meter<'_>,
    work: impl Fn(&[I]) -> Result<T, QueryError> + Sync,
) -> Result<Vec<T>, QueryError> {
    let readers = Readers::take(if items.len() < SERIES_MIN { 0 } else { usize::MAX });
    by(threads(&readers), items, meter, work)
}

#[cfg(not(test))]
fn threads(readers: &Readers) -> usize {
    readers.0
}

#[cfg(test)]
fn threads(readers: &Readers) -> usize {
    tests::THREADS.get().unwrap_or(readers.0)
}

/// The same, by so many threads.
fn by<I: Sync, T: Send>(
    threads: usize,
    items: &[I],
    meter: &Meter<'_>,
    work: impl Fn(&[I]) -> Result<T, QueryError> + Sync,
) -> Result<Vec<T>, QueryError> {
    if threads <= 1 {
        return work(items).map(|done| vec![done]);
    }
    let len = items.len().div_ceil(threads * SHARES_PER_THREAD).max(1);
    let shares: Vec<&[I]> = items.chunks(len).collect();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<T, QueryError>>>> = Mutex::new(shares.iter().map(|_| None).collect());
    let thread = || {
        while let Some((at, share)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            shares.get(at).map(|share| (at, share))
        } {
            let was_stopped = meter.is_stopped.load(Ordering::Relaxed);
            if was_stopped {
                return;
            }
            let outcome = work(share);
            // What failed after another share did is not told.
            let is_told = outcome.is_ok() || !meter.is_stopped.swap(true, Ordering::Relaxed);
            if is_told {
                done.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(outcome);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no thread left the others do it all.
            let _ = std::thread::Builder::new().name("query-share".into()).spawn_scoped(scope, thread);
        }
        thread();
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let failed = done.iter().flatten().find_map(|outcome| outcome.as_ref().err().cloned());
    match failed {
        Some(error) => Err(error),
        None => done.into_iter().flatten().collect(),
    }
}

/// Does something with so many threads for every read, however many processors there are.
#[cfg(test)]
pub(crate) fn with_threads<T>(threads: usize, then: impl FnOnce() -> T) -> T {
    tests::THREADS.set(Some(threads));
    let done = then();
    tests::THREADS.set(None);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GridSpec, Request};
    use lang::Plan;
    use std::cell::Cell;

    thread_local! {
        pub(super) static THREADS: Cell<Option<usize>> = const { Cell::new(None) };
    }

    fn with_meter<T>(samples_max: u64, then: impl FnOnce(&Meter<'_>) -> T) -> T {
        let plan = Plan::default();
        let mut request = Request::new(&plan, &[], GridSpec::new(0, 1000));
        request.limits.samples = samples_max;
        let budget = Budget::new(&request);
        then(&Meter::new(&budget))
    }

    #[test]
    fn shares_stand_in_order_whoever_takes_them() {
        for count in [0, 1, 2, 7, 128, 1000] {
            let items: Vec<usize> = (0..count).collect();
            for threads in [1, 2, 3, 8] {
                let double = |share: &[usize]| Ok(share.iter().map(|item| item * 2).collect::<Vec<_>>());
                let found = with_meter(u64::MAX, |meter| by(threads, &items, meter, double)).unwrap();
                assert_eq!(found.concat(), items.iter().map(|item| item * 2).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_limit_holds_for_all_threads_together_and_its_error_is_told() {
        let items: Vec<usize> = (0..1000).collect();
        for threads in [1, 4] {
            let failed = with_meter(500, |meter| {
                by(threads, &items, meter, |share| share.iter().try_for_each(|_| meter.spend(1)))
            });
            assert!(failed.unwrap_err().message().contains("limit of 500 samples"));
            let fits = with_meter(1000, |meter| {
                by(threads, &items, meter, |share| share.iter().try_for_each(|_| meter.spend(1)))?;
                Ok::<u64, QueryError>(meter.samples())
            });
            assert_eq!(fits.unwrap(), 1000);
        }
    }

    #[test]
    fn helpers_are_lent_while_processors_are_free() {
        let first = Readers::take(usize::MAX);
        assert!(first.0 >= 1 && first.0 <= *CORES);
        assert_eq!(Readers::take(0).0, 1);
    }
}
