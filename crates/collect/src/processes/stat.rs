//! One line of `/proc/PID/stat` (proc(5)).

use super::Name;
use crate::text::{fields, number};

/// What is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stat {
    /// Name of the program, or what a thread of the kernel calls itself.
    pub name: Name,
    /// The kernel's letter for its state.
    pub state: u8,
    /// Pid of the process that it belongs to.
    pub parent: u32,
    /// CPU time in user mode, in ticks.
    pub user_ticks: u64,
    /// CPU time in system mode, in ticks.
    pub system_ticks: u64,
    /// Page faults that had to wait for a disk.
    pub major_faults: u64,
    /// Number of threads.
    pub threads: u32,
    /// When it began, in ticks since boot.
    pub start_ticks: u64,
    /// Memory it holds, in pages.
    pub resident_pages: u64,
    /// Whether it is a thread of the kernel.
    pub is_kernel: bool,
    /// Another number after it started another program; always 0 where the kernel does not let us see that.
    pub image: u64,
}

/// The kernel's flag PF_KTHREAD (include/linux/sched.h).
const KERNEL_THREAD: u64 = 0x0020_0000;

// Fields after the name, from 0.
const PARENT: usize = 1;
const FLAGS: usize = 6;
const MAJOR_FAULTS: usize = 9;
const USER: usize = 11;
const SYSTEM: usize = 12;
const THREADS: usize = 17;
const START: usize = 19;
const RESIDENT: usize = 21;
const START_CODE: usize = 23;
const START_STACK: usize = 25;

/// Parses the line; `None` when it is cut short of what every kernel tells.
pub(super) fn parse(text: &[u8]) -> Option<Stat> {
    // The name may hold anything, parentheses, blanks and line ends too: its end is the last parenthesis.
    let open = memchr::memchr(b'(', text)?;
    let close = memchr::memrchr(b')', text).filter(|close| *close > open)?;
    let mut values = [0; START_STACK + 1];
    let mut rest = fields(&text[close + 1..]);
    let state = *rest.next()?.first()?;
    for (at, value) in values.iter_mut().enumerate().skip(1) {
        match rest.next() {
            // Some fields are signed (tty_nr, tpgid, priority, nice); none of those is used.
            Some(field) => *value = number(field).unwrap_or(0),
            None if at > RESIDENT => break,
            None => return None,
        }
    }
    let small = |at: usize| u32::try_from(values[at]).unwrap_or(0);
    Some(Stat {
        name: Name::new(&text[open + 1..close]),
        state,
        parent: small(PARENT),
        user_ticks: values[USER],
        system_ticks: values[SYSTEM],
        major_faults: values[MAJOR_FAULTS],
        threads: small(THREADS),
        start_ticks: values[START],
        resident_pages: values[RESIDENT],
        is_kernel: values[FLAGS] & KERNEL_THREAD != 0,
        image: values[START_CODE] ^ values[START_STACK].rotate_left(1),
    })
}

impl Stat {
    /// CPU time in all, in ticks.
    pub fn ticks(&self) -> u64 {
        self.user_ticks.saturating_add(self.system_ticks)
    }

    /// Its name without what sets threads of the kernel apart that do the same (`kworker/0:1`).
    pub fn kind(&self) -> &[u8] {
        let name = self.name.as_bytes();
        let end = memchr::memchr(b'/', name).filter(|_| self.is_kernel);
        &name[..end.unwrap_or(name.len())]
    }
}
