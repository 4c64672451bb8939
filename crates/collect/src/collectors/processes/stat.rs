//! One line of `/proc/PID/stat` (proc(5)).

use crate::text::{fields, number};

/// What is used of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat<'a> {
    /// Name of the program; kernel threads that differ only in what follows a slash share one (`kworker/0:1`).
    pub(super) name: &'a [u8],
    /// The kernel's letter.
    pub(super) state: u8,
    /// CPU time used, in ticks.
    pub(super) ticks: u64,
    /// Number of threads.
    pub(super) threads: u32,
    /// When it began, in ticks since boot.
    pub(super) start: u64,
    /// Memory it holds, in pages.
    pub(super) resident_pages: u64,
}

/// The kernel's flag PF_KTHREAD (include/linux/sched.h).
const KERNEL_THREAD: u64 = 0x0020_0000;

// Fields after the name, from 0.
const FLAGS: usize = 6;
const USER: usize = 11;
const SYSTEM: usize = 12;
const THREADS: usize = 17;
const START: usize = 19;
const RESIDENT: usize = 21;

/// Parses the line; `None` when it is cut short.
pub(super) fn parse(text: &[u8]) -> Option<Stat<'_>> {
    // The name may hold anything, parentheses too: its end is the last one.
    let open = memchr::memchr(b'(', text)?;
    let close = memchr::memrchr(b')', text).filter(|close| *close > open)?;
    let mut values = [0; RESIDENT + 1];
    let mut rest = fields(&text[close + 1..]);
    let state = *rest.next()?.first()?;
    for value in &mut values[1..] {
        // Some fields are signed (tty_nr, tpgid, priority, nice); none of those is used.
        *value = number(rest.next()?).unwrap_or(0);
    }
    let name = &text[open + 1..close];
    let is_kernel = values[FLAGS] & KERNEL_THREAD != 0;
    let end = memchr::memchr(b'/', name).filter(|_| is_kernel).unwrap_or(name.len());
    Some(Stat {
        name: &name[..end],
        state,
        ticks: values[USER].saturating_add(values[SYSTEM]),
        threads: u32::try_from(values[THREADS]).unwrap_or(0),
        start: values[START],
        resident_pages: values[RESIDENT],
    })
}

#[cfg(test)]
mod tests;
