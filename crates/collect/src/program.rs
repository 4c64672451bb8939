//! Runs a program of the host and takes what it prints, within limits of time and output. Its whole process group is
//! killed when it passes one.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fmt;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where programs are looked for, below the root. The environment is not asked: it is the agent's, not the host's.
const FOLDERS: [&str; 6] = ["usr/sbin", "usr/bin", "sbin", "bin", "usr/local/sbin", "usr/local/bin"];
/// The same for programs that start others.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";
/// How often a program that closed its output is asked whether it has ended.
const END_EVERY: Duration = Duration::from_millis(10);

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// Its name, without a folder.
    pub name: &'a str,
    /// What is said to it.
    pub arguments: &'a [&'a str],
    /// Longest it may take.
    pub within: Duration,
    /// Most it may print, in bytes.
    pub output_bytes_max: usize,
}

/// What it printed, and the code it ended with (0 is usual; `None` when a signal ended it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What it printed on its standard output.
    pub text: Vec<u8>,
    /// Its exit code.
    pub code: Option<i32>,
}

/// Why a program told nothing.
#[derive(Debug)]
pub enum ProgramError {
    /// It is not installed.
    Missing,
    /// It could not be started or read.
    Failed(io::Error),
    /// It took too long and was killed.
    TooSlow(Duration),
    /// It printed too much and was killed.
    TooMuch(usize),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("is not installed"),
            Self::Failed(error) => write!(f, "could not be run: {error}"),
            Self::TooSlow(within) => write!(f, "was killed: no end after {} s", within.as_secs()),
            Self::TooMuch(bytes) => write!(f, "was killed: it printed more than {bytes} bytes"),
        }
    }
}

impl std::error::Error for ProgramError {}

/// Runs programs: those of this machine, or what they printed when it was recorded.
pub type RunProgram = Arc<dyn Fn(&Program<'_>) -> Result<Output, ProgramError> + Send + Sync>;

/// Runs a program of this machine.
pub(crate) fn run(program: &Program<'_>) -> Result<Output, ProgramError> {
    let path = find(Path::new("/"), program.name).ok_or(ProgramError::Missing)?;
    run_at(&path, program)
}

/// The path of a program below `root`.
pub(crate) fn find(root: &Path, name: &str) -> Option<PathBuf> {
    FOLDERS.iter().map(|folder| root.join(folder).join(name)).find(|path| path.is_file())
}

/// What a recorded machine's program printed: the file `programs/NAME_ARGUMENTS`, with `-` for slashes, or
/// `programs/NAME` for all arguments.
pub(crate) fn recorded(root: &Path, program: &Program<'_>) -> Result<Output, ProgramError> {
    let words: Vec<String> =
        std::iter::once(&program.name).chain(program.arguments).map(|word| word.replace('/', "-")).collect();
    let read = |name: &str| std::fs::read(root.join("programs").join(name));
    read(&words.join("_"))
        .or_else(|_| read(program.name))
        .map(|text| Output { text, code: Some(0) })
        .map_err(|_| ProgramError::Missing)
}

fn run_at(path: &Path, program: &Program<'_>) -> Result<Output, ProgramError> {
    let deadline = Instant::now() + program.within;
    let mut child = Command::new(path)
        .args(program.arguments)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .current_dir("/")
        .process_group(0)
        .spawn()
        .map_err(ProgramError::Failed)?;
    let outcome = take(&mut child, program, deadline);
    if outcome.is_err() {
        kill(&mut child);
    }
    outcome
}

fn take(child: &mut Child, program: &Program<'_>, deadline: Instant) -> Result<Output, ProgramError> {
    let too_slow = || ProgramError::TooSlow(program.within);
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || !is_readable(&stdout, left).map_err(ProgramError::Failed)? {
            return Err(too_slow());
        }
        match stdout.read(&mut piece) {
            Ok(0) => break,
            Ok(count) if text.len() + count > program.output_bytes_max => {
                return Err(ProgramError::TooMuch(program.output_bytes_max));
            }
            Ok(count) => text.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ProgramError::Failed(error)),
        }
    }
    loop {
        match child.try_wait().map_err(ProgramError::Failed)? {
            Some(status) => return Ok(Output { text, code: status.code() }),
            None if Instant::now() >= deadline => return Err(too_slow()),
            None => std::thread::sleep(END_EVERY),
        }
    }
}

fn is_readable(pipe: &impl rustix::fd::AsFd, within: Duration) -> io::Result<bool> {
    let time = Timespec { tv_sec: within.as_secs() as i64, tv_nsec: within.subsec_nanos().into() };
    match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&time)) {
        Ok(count) => Ok(count > 0),
        // The next read tells.
        Err(rustix::io::Errno::INTR) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Kills it with all it has started, and waits for its end. One that hangs in the kernel keeps the thread that waits.
fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests;
