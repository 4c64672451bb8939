//! Stacks as they were seen: addresses, and how much processor time each came to.

use crate::perf::Seen;
use std::collections::HashMap;

/// Most different stacks that are kept; what comes beyond is counted for its thread only.
const STACKS_MAX: usize = 50_000;

/// Number of a thread in [`Stacks::threads`].
pub(crate) type ThreadNumber = usize;

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    /// Names of the threads, in the order in which they were found.
    pub(crate) threads: Vec<String>,
    seen: HashMap<(ThreadNumber, bool, Vec<u64>), u64>,
    /// Nanoseconds of stacks that were too many.
    pub(crate) beyond_ns: u64,
    /// How many looks there were.
    pub(crate) looks: u64,
}

impl Stacks {
    /// Adds one look of so many nanoseconds.
    pub(crate) fn add(&mut self, thread: ThreadNumber, seen: Seen, ns: u64) {
        self.looks += 1;
        let key = (thread, seen.in_kernel, seen.addresses);
        if let Some(sum) = self.seen.get_mut(&key) {
            *sum += ns;
        } else if self.seen.len() < STACKS_MAX {
            self.seen.insert(key, ns);
        } else {
            self.beyond_ns += ns;
        }
    }

    /// Every stack: its thread's name, whether the kernel was at work, the addresses, and nanoseconds.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, bool, &[u64], u64)> {
        self.seen.iter().map(|((thread, in_kernel, addresses), ns)| {
            (self.threads[*thread].as_str(), *in_kernel, addresses.as_slice(), *ns)
        })
    }

    /// Nanoseconds of all looks.
    pub(crate) fn total_ns(&self) -> u64 {
        self.beyond_ns + self.seen.values().sum::<u64>()
    }
}
