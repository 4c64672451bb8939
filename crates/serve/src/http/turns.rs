//! Who does what: pure, so that it can be tried without sockets.
//!
//! One thread leads: it waits for sockets, and works on what comes itself. When that takes longer than [`LONG`], the lead
//! is taken from it and another thread goes on waiting. So a short request is received, answered and sent by one thread that
//! was woken once, and a long one holds up nobody for longer than that. What comes at once with others is shared with a few
//! threads for each processor.

use std::collections::VecDeque;
use std::time::Duration;

/// A call that takes longer is a long one.
pub(super) const LONG: Duration = Duration::from_millis(2);
/// So many more calls may be worked on that are not known to take long: they need not wait for those that do.
const QUICK_MORE: usize = 4;
/// So many threads more than there may be calls: for one that leads, and brief calls that got stuck.
const THREADS_MORE: usize = 4;
/// Threads that work for each processor when much comes at once: one may wait for a disk, or for other programs.
const THREADS_PER_PROCESSOR: usize = 2;
/// Threads that stay when there is nothing to do: one that leads, and one to take the lead.
pub(super) const THREADS_MIN: usize = 2;

/// What a call is taken for before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// It never waits for others.
    Brief,
    /// Nothing is known against it.
    Quick,
    /// The last one of its kind took long.
    Long,
}

/// A thread, as far as it matters here.
#[derive(Debug)]
pub(super) struct Hand {
    number: u64,
    /// Whether it led when it last looked.
    pub(super) leads: bool,
    /// Where it reads, so that connections at rest hold nothing.
    pub(super) scratch: Vec<u8>,
}

/// What a thread is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Task<T> {
    /// Wait for sockets.
    Lead,
    /// Work on this.
    Work(T),
    /// Nothing.
    Rest,
    /// End.
    End,
}

/// Whom to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    Nobody,
    /// One of those that rest.
    One,
    /// A new thread, which is counted already.
    New,
}

/// What there is to do, and who does it.
#[derive(Debug)]
pub(super) struct Turns<T> {
    /// What can be gone on with.
    pub(super) ready: VecDeque<T>,
    /// Calls whose turn has not come.
    quick: VecDeque<T>,
    long: VecDeque<T>,
    /// Calls that are being worked on.
    running: usize,
    calls_max: usize,
    helping_max: usize,
    threads: usize,
    resting: usize,
    /// Threads that work on what is ready beside the one that leads.
    helping: usize,
    /// The thread that leads.
    leader: Option<u64>,
    /// Whether the one that leads works on a call.
    is_calling: bool,
    numbers: u64,
    is_over: bool,
}

impl<T> Turns<T> {
    pub(super) fn new(calls_max: usize, processors: usize) -> Self {
        Self {
            ready: VecDeque::new(),
            quick: VecDeque::new(),
            long: VecDeque::new(),
            running: 0,
            calls_max,
            helping_max: processors * THREADS_PER_PROCESSOR - 1,
            threads: 0,
            resting: 0,
            helping: 0,
            leader: None,
            is_calling: false,
            numbers: 0,
            is_over: false,
        }
    }

    /// Counts a thread that is about to begin.
    pub(super) fn join(&mut self) {
        self.threads += 1;
    }

    /// Counts a thread out.
    pub(super) fn leave(&mut self) {
        self.threads -= 1;
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// A thread that has begun.
    pub(super) fn hand(&mut self) -> Hand {
        self.numbers += 1;
        Hand { number: self.numbers, leads: false, scratch: Vec::new() }
    }

    /// What a thread does next that has nothing to do.
    pub(super) fn task(&mut self, hand: &mut Hand) -> Task<T> {
        if self.is_over {
            return Task::End;
        }
        if self.leader.is_none() {
            (self.leader, hand.leads) = (Some(hand.number), true);
            return Task::Lead;
        }
        if self.helping >= self.helping_max {
            return Task::Rest;
        }
        let Some(ready) = self.ready.pop_front() else { return Task::Rest };
        self.helping += 1;
        Task::Work(ready)
    }

    /// A thread has done what [`Task::Work`] told it.
    pub(super) fn helped(&mut self) {
        self.helping -= 1;
    }

    pub(super) fn rest(&mut self) {
        self.resting += 1;
    }

    pub(super) fn wake(&mut self) {
        self.resting -= 1;
    }

    /// Whom to wake when the one that leads begins with something and more is ready.
    pub(super) fn help(&mut self) -> Wake {
        if self.ready.is_empty() || self.helping >= self.helping_max { Wake::Nobody } else { self.another() }
    }

    fn another(&mut self) -> Wake {
        if self.resting > 0 {
            return Wake::One;
        }
        if self.threads >= self.calls_max + QUICK_MORE + THREADS_MORE {
            return Wake::Nobody;
        }
        self.join();
        Wake::New
    }

    /// Whether a call may be made now; it then counts.
    pub(super) fn begin(&mut self, lane: Lane, hand: &Hand) -> bool {
        let most = match lane {
            Lane::Brief => usize::MAX,
            Lane::Quick => self.calls_max + QUICK_MORE,
            Lane::Long => self.calls_max,
        };
        let may = self.running < most;
        if may {
            self.running += 1;
            self.is_calling |= hand.leads;
        }
        may
    }

    /// A call begins that was put off, and counts already.
    pub(super) fn resume(&mut self, hand: &Hand) {
        self.is_calling |= hand.leads;
    }

    /// Puts off a call that may not be made now.
    pub(super) fn put_off(&mut self, lane: Lane, call: T) {
        match lane {
            Lane::Brief | Lane::Quick => self.quick.push_back(call),
            Lane::Long => self.long.push_back(call),
        }
    }

    /// A call is over, and the thread may find that it no longer leads. Says whether a call that was put off is ready.
    pub(super) fn end(&mut self, hand: &mut Hand) -> bool {
        self.running -= 1;
        let next = match self.running {
            running if running < self.calls_max => self.quick.pop_front().or_else(|| self.long.pop_front()),
            running if running < self.calls_max + QUICK_MORE => self.quick.pop_front(),
            _ => None,
        };
        let has_next = next.is_some();
        self.running += usize::from(has_next);
        self.ready.extend(next);
        hand.leads &= self.leader == Some(hand.number);
        self.is_calling &= !hand.leads;
        has_next
    }

    /// Whether the one that leads works on a call.
    pub(super) fn is_called(&self) -> bool {
        self.is_calling
    }

    /// Takes the lead from the thread that has it, and says who is to go on.
    pub(super) fn take_lead(&mut self) -> Wake {
        (self.leader, self.is_calling) = (None, false);
        self.another()
    }

    /// Gives the lead back.
    pub(super) fn give_up(&mut self, hand: &mut Hand) {
        if self.leader == Some(hand.number) {
            (self.leader, self.is_calling) = (None, false);
        }
        hand.leads = false;
    }

    /// Whether this thread may end: more rest than there need be.
    pub(super) fn is_spare(&self) -> bool {
        self.threads > THREADS_MIN && self.resting > 1
    }

    /// Nothing more is done.
    pub(super) fn stop(&mut self) {
        self.is_over = true;
        [&mut self.ready, &mut self.quick, &mut self.long].into_iter().for_each(VecDeque::clear);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }
}

#[cfg(test)]
mod tests;
