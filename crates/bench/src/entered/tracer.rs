//! A breakpoint at the start of every function, each good for one hit: after the first rounds a process runs as it always
//! does, and what it enters rarely is seen all the same.

use nix::errno::Errno;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

/// `int3`, the x86's breakpoint.
const BREAKPOINT: u8 = 0xcc;
/// How long to wait when nothing stands still.
const PAUSE: Duration = Duration::from_micros(200);

/// Runs the process for so long and returns which of `points` it came to, in order. The process is dead afterwards.
pub fn entered(process: u32, points: &[u64], length: Duration) -> Result<Vec<u64>, String> {
    let process = Pid::from_raw(process as i32);
    let threads = threads(process)?;
    for &thread in &threads {
        stop(thread).map_err(|e| format!("thread {thread} cannot be stopped: {e}"))?;
    }
    let mut tracer = Tracer { bytes: plant(process, points)?, hits: Vec::new() };
    for &thread in &threads {
        ptrace::cont(thread, None).map_err(|e| format!("thread {thread} cannot go on: {e}"))?;
    }
    let end = Instant::now() + length;
    while Instant::now() < end {
        match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => std::thread::sleep(PAUSE),
            Ok(status) => tracer.meet(status),
            Err(e) => return Err(format!("the process is gone: {e}")),
        }
    }
    finish(process);
    Ok(tracer.hits)
}

struct Tracer {
    /// What stands where the breakpoints are.
    bytes: BTreeMap<u64, u8>,
    hits: Vec<u64>,
}

impl Tracer {
    fn meet(&mut self, status: WaitStatus) {
        let going_on = match status {
            WaitStatus::Stopped(thread, Signal::SIGTRAP) => self.hit(thread),
            WaitStatus::Stopped(thread, signal) => ptrace::cont(thread, signal),
            // Another program: it has no breakpoints.
            WaitStatus::PtraceEvent(thread, _, event) if event == Event::PTRACE_EVENT_EXEC as i32 => {
                ptrace::detach(thread, None)
            }
            WaitStatus::PtraceEvent(thread, ..) => ptrace::cont(thread, None),
            _ => Ok(()),
        };
        // Who was killed meanwhile cannot go on.
        let _ = going_on;
    }

    /// Takes the breakpoint away, wherever the thread's memory is: a child may have a copy. Another thread may have come
    /// to the same one in between, and goes back as well.
    fn hit(&mut self, thread: Pid) -> nix::Result<()> {
        let mut registers = ptrace::getregs(thread)?;
        let point = registers.rip - 1;
        if let Some(&byte) = self.bytes.get(&point) {
            write(thread, point, byte).map_err(|_| Errno::EIO)?;
            registers.rip = point;
            ptrace::setregs(thread, registers)?;
            if !self.hits.contains(&point) {
                self.hits.push(point);
            }
        }
        ptrace::cont(thread, None)
    }
}

fn threads(process: Pid) -> Result<Vec<Pid>, String> {
    let folder = std::fs::read_dir(format!("/proc/{process}/task")).map_err(|e| e.to_string())?;
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    Ok(folder.flatten().filter_map(number).map(Pid::from_raw).collect())
}

fn stop(thread: Pid) -> nix::Result<()> {
    let mut options = Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_EXITKILL;
    options |= Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK | Options::PTRACE_O_TRACEEXEC;
    ptrace::seize(thread, options)?;
    ptrace::interrupt(thread)?;
    waitpid(thread, Some(WaitPidFlag::__WALL)).map(drop)
}

fn plant(process: Pid, points: &[u64]) -> Result<BTreeMap<u64, u8>, String> {
    let memory = memory(process).map_err(|e| e.to_string())?;
    let mut bytes = BTreeMap::new();
    for &point in points {
        // Several names may stand for one place.
        if bytes.contains_key(&point) {
            continue;
        }
        let mut byte = [0];
        let read = memory.read_exact_at(&mut byte, point);
        read.and_then(|()| memory.write_all_at(&[BREAKPOINT], point))
            .map_err(|e| format!("{point:#x}: {e}"))?;
        bytes.insert(point, byte[0]);
    }
    Ok(bytes)
}

fn write(thread: Pid, point: u64, byte: u8) -> std::io::Result<()> {
    memory(thread)?.write_all_at(&[byte], point)
}

fn memory(process: Pid) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).open(format!("/proc/{process}/mem"))
}

/// Ends the process and meets the ends of its threads, without which it is not over.
fn finish(process: Pid) {
    let _ = kill(process, Signal::SIGKILL);
    loop {
        match waitpid(None, Some(WaitPidFlag::__WALL)) {
            Ok(status) if status.pid() != Some(process) => continue,
            Ok(WaitStatus::PtraceEvent(..) | WaitStatus::Stopped(..)) => continue,
            _ => return,
        }
    }
}
