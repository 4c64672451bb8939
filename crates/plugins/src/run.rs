//! One child from its start to the end of all its group, driven by whoever polls it.

use crate::capture::{Capture, Tail};
use crate::spawn::Started;
use crate::telemetry;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, pidfd_open, waitid,
    waitpgid,
};
use std::process::{Child, ChildStderr, ChildStdout, ExitStatus};
use std::time::{Duration, Instant};

/// How long a group that was asked to end (SIGTERM) may take before it is made to (SIGKILL). Shorter than
/// [`crate::plugin::BEFORE_NEXT`], so that the next start need not be left out.
pub(crate) const GRACE: Duration = Duration::from_millis(400);
/// How long output is awaited from processes that an ended program left behind.
const DRAIN: Duration = Duration::from_millis(200);
/// A program that prints this many times its limit is ended.
const FLOOD: u64 = 8;
/// How often a child is looked at where the kernel cannot tell its end by a descriptor (before Linux 5.3).
const LOOK: Duration = Duration::from_millis(50);
/// Most reads of one output at a time, so that a flood does not keep others waiting.
const READS_MAX: usize = 16;

/// Why a child was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It took longer than allowed.
    TooLong,
    /// It printed far more than allowed.
    TooMuch,
    /// It should stay and closed its output.
    Closed,
    /// It is not wanted any more.
    Unwanted,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) cut: Option<Cut>,
    pub(crate) took: Duration,
    pub(crate) out: Capture,
    pub(crate) err: Tail,
    /// It left processes that held its output open.
    pub(crate) left_behind: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Working,
    /// It got SIGTERM.
    Asked(Instant),
    /// It got SIGKILL.
    Killed,
    /// The program itself has ended; its group may have not.
    Gone(Instant),
}

/// A child at work.
pub(crate) struct Run {
    child: Child,
    pid: Pid,
    pidfd: Option<OwnedFd>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    pub(crate) out: Capture,
    err: Tail,
    started: Instant,
    /// Whether it is to stay.
    stays: bool,
    /// When it is ended if it has not, and why.
    until: Option<(Instant, Cut)>,
    stage: Stage,
    cut: Option<Cut>,
}

impl Run {
    /// Takes over a child that was just started. With a `time` it must end within, without it is to stay.
    pub(crate) fn new(
        started: Started,
        time: Option<Duration>,
        output_bytes_max: usize,
        now: Instant,
    ) -> Self {
        let mut child = started.child;
        let pid = Pid::from_child(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        Self {
            pidfd: pidfd_open(pid, PidfdFlags::empty()).ok(),
            out: Capture::new(output_bytes_max),
            err: Tail::default(),
            stays: time.is_none(),
            until: time.map(|time| (now + time, Cut::TooLong)),
            stage: Stage::Working,
            cut: None,
            started: now,
            child,
            pid,
            stdout,
            stderr,
        }
    }

    /// Adds what is to be polled.
    pub(crate) fn poll_on<'s>(&'s self, fds: &mut Vec<PollFd<'s>>) {
        let outputs = [self.stdout.as_ref().map(AsFd::as_fd), self.stderr.as_ref().map(AsFd::as_fd)];
        // The descriptor of an ended process is always ready.
        let end = self.pidfd.as_ref().map(AsFd::as_fd).filter(|_| !matches!(self.stage, Stage::Gone(_)));
        fds.extend(
            outputs.into_iter().flatten().chain(end).map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)),
        );
    }

    /// When it has to be looked at again even if nothing is ready.
    pub(crate) fn deadline(&self, now: Instant) -> Option<Instant> {
        let next = match self.stage {
            Stage::Working => self.until.map(|(until, _)| until),
            Stage::Asked(until) | Stage::Gone(until) => Some(until),
            Stage::Killed => None,
        };
        let look = self.pidfd.is_none().then(|| now + LOOK);
        [next, look].into_iter().flatten().min()
    }

    pub(crate) fn took(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }

    /// Ends it because of `cut`, if it is not on its way already.
    pub(crate) fn end(&mut self, cut: Cut, now: Instant) {
        if self.stage == Stage::Working {
            self.cut = Some(cut);
            self.signal(Signal::TERM);
            // A stopped process does not hear anything else.
            self.signal(Signal::CONT);
            self.stage = Stage::Asked(now + GRACE);
        }
    }

    /// Reads what is there and does what is due. True when the child and its group have ended.
    pub(crate) fn step(&mut self, now: Instant, buffer: &mut [u8]) -> bool {
        self.read(now, buffer);
        if !matches!(self.stage, Stage::Gone(_)) && self.has_exited() {
            self.stage = Stage::Gone(now + DRAIN);
        }
        match self.stage {
            Stage::Working => {
                if let Some((_, cut)) = self.until.filter(|(until, _)| now >= *until) {
                    self.end(cut, now);
                }
            }
            Stage::Asked(until) if now >= until => {
                self.signal(Signal::KILL);
                self.stage = Stage::Killed;
            }
            Stage::Gone(until) => return now >= until || (self.stdout.is_none() && self.stderr.is_none()),
            _ => {}
        }
        false
    }

    fn read(&mut self, now: Instant, buffer: &mut [u8]) {
        let (stays, out) = (self.stays, &mut self.out);
        drain(&mut self.stdout, buffer, |bytes| {
            telemetry::OUTPUT_BYTES.add(bytes.len() as u64);
            if stays { out.add_line_part(bytes) } else { out.add(bytes) }
        });
        let err = &mut self.err;
        drain(&mut self.stderr, buffer, |bytes| err.add(bytes));
        if !stays && self.out.discarded() > FLOOD * self.out.limit() as u64 {
            self.end(Cut::TooMuch, now);
        }
        if stays && self.stdout.is_none() && self.until.is_none() {
            // Most close it because they are about to end.
            self.until = Some((now + DRAIN, Cut::Closed));
        }
    }

    /// Whether the program itself has ended. It is left to be reaped, so that its number is still that of its group.
    fn has_exited(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid), options), Ok(None) | Err(Errno::INTR))
    }

    fn signal(&self, signal: Signal) {
        // It fails only when nobody is left to hear it.
        let _ = kill_process_group(self.pid, signal);
    }

    /// Ends what is left of the group, reaps, and says how it went. Call it once [`Run::step`] said true.
    pub(crate) fn finish(mut self, now: Instant) -> Ended {
        let left_behind = self.stdout.is_some() || self.stderr.is_some();
        self.signal(Signal::KILL);
        let status = self.child.wait().unwrap_or_default();
        // Where we are the first process of a container, the group's orphans are ours.
        while let Ok(Some(_)) = waitpgid(self.pid, WaitOptions::NOHANG) {}
        Ended { status, cut: self.cut, took: self.took(now), out: self.out, err: self.err, left_behind }
    }
}

/// Reads until nothing is there; closes the pipe at its end.
fn drain(pipe: &mut Option<impl AsFd>, buffer: &mut [u8], mut take: impl FnMut(&[u8])) {
    for _ in 0..READS_MAX {
        let Some(open) = pipe.as_ref() else { break };
        match rustix::io::read(open, &mut *buffer) {
            Ok(0) => *pipe = None,
            Ok(len) => take(&buffer[..len]),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => break,
            Err(_) => *pipe = None,
        }
    }
}
