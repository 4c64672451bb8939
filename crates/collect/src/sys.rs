//! System calls that no safe crate offers (neither rustix nor nix has adjtimex). The one file of this crate with unsafe
//! code; what it hands out is safe.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;

/// What the kernel knows of its clock, adjtimex(2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timex {
    /// What the call answered: the clock's state.
    pub(crate) state: i32,
    /// Bits of `STA_…`.
    pub(crate) status: i32,
    /// What is still to be added to the clock, in microseconds, or nanoseconds if the status says so.
    pub(crate) offset: i64,
    /// How much faster the clock is made to run, in parts per million with 16 bits after the point.
    pub(crate) frequency: i64,
    /// Most it can be off the true time, in microseconds.
    pub(crate) error_us_max: i64,
    /// How far atomic time is ahead, in seconds; 0 if nobody told the kernel.
    pub(crate) tai_seconds: i32,
}

/// Reads it, and sets nothing: no bit of `modes` is set.
pub(crate) fn read_timex() -> io::Result<Timex> {
    let mut timex = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: the structure is the kernel's own, all zeros are valid for it (it is made of integers), and the kernel
    // writes within it only.
    let (state, timex) = unsafe { (libc::adjtimex(timex.as_mut_ptr()), timex.assume_init()) };
    if state < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Timex {
        state,
        status: timex.status,
        offset: timex.offset,
        frequency: timex.freq,
        error_us_max: timex.maxerror,
        tai_seconds: timex.tai,
    })
}
