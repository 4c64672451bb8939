//! Looks whether the thread that waits for sockets has been kept too long by a request. An alarm is set for every request
//! and taken back, which costs two system calls; to wake a second thread for each, as others do, costs ten times that.

use rustix::io::{Errno, read};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

const NEVER: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// An alarm.
pub(super) struct Alarm(OwnedFd);

impl Alarm {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?))
    }

    /// Rings once after this time; whenever it was to ring before is forgotten.
    pub(super) fn set(&self, after: Duration) {
        let value = Timespec { tv_sec: after.as_secs() as i64, tv_nsec: i64::from(after.subsec_nanos()) };
        self.settle(value);
    }

    /// Does not ring.
    pub(super) fn unset(&self) {
        self.settle(NEVER);
    }

    // It fails for numbers that are no times alone.
    fn settle(&self, it_value: Timespec) {
        let _ = timerfd_settime(
            &self.0,
            TimerfdTimerFlags::empty(),
            &Itimerspec { it_interval: NEVER, it_value },
        );
    }

    /// Waits until it rings; false when that will never be.
    pub(super) fn wait(&self) -> bool {
        let mut count = [0; 8];
        loop {
            match read(&self.0, &mut count) {
                Ok(_) => return true,
                Err(Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }
}
