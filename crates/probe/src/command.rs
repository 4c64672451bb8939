//! One run of the probe's command, within bounds of time and size.

use crate::guard::SOURCE_BYTES_MAX;
use crate::telemetry;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Most that a command may print, in bytes: more would be refused by the monitor.
pub(crate) const OUTPUT_BYTES_MAX: usize = SOURCE_BYTES_MAX;

/// Runs a line of shell and gives what it printed, whole lines only, with what went wrong. When it takes longer than
/// `time`, it and all it started are ended, and what it had printed counts.
pub(crate) fn run(line: &str, time: Duration) -> (Vec<u8>, Option<String>) {
    match start(line) {
        Ok((child, output)) => finish(child, output, time),
        Err(e) => failed(Vec::new(), format!("the command cannot be started: {e}")),
    }
}

fn failed(output: Vec<u8>, why: String) -> (Vec<u8>, Option<String>) {
    telemetry::COMMAND_FAILED.add(1);
    (output, Some(why))
}

fn start(line: &str) -> io::Result<(Child, ChildStdout)> {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line).stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
    let mut child = command.spawn()?;
    let output = child.stdout.take().ok_or_else(|| io::Error::other("no pipe to it"))?;
    Ok((child, output))
}

fn finish(mut child: Child, mut output: ChildStdout, time: Duration) -> (Vec<u8>, Option<String>) {
    let mut bytes = Vec::new();
    let read = read(&mut output, &mut bytes, Instant::now() + time);
    // Whatever it left behind goes too: the next run would find it.
    end(&mut child);
    let status = child.wait();
    let why = match (read, status) {
        (Ok(Read::Late), _) => format!("the command took longer than {} s and was ended", time.as_secs_f64()),
        (Ok(Read::TooMuch), _) => {
            format!("the command printed more than {OUTPUT_BYTES_MAX} bytes and was ended")
        }
        (Err(e), _) | (_, Err(e)) => format!("the command cannot be followed: {e}"),
        // Without a code it was ended after its output, which is as it should be.
        (Ok(Read::All), Ok(status)) if status.success() || status.code().is_none() => return (bytes, None),
        (Ok(Read::All), Ok(status)) => format!("the command failed with {status}"),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(whole);
    failed(bytes, why)
}

/// How reading ended.
enum Read {
    All,
    Late,
    TooMuch,
}

fn read(output: &mut ChildStdout, bytes: &mut Vec<u8>, until: Instant) -> io::Result<Read> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let ready = poll(&mut [PollFd::new(&*output, PollFlags::IN)], Some(&timeout));
        match ready {
            Ok(0) => return Ok(Read::Late),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(e) => return Err(e.into()),
        }
        let len = output.read(&mut buffer)?;
        if len == 0 {
            return Ok(Read::All);
        }
        let room = OUTPUT_BYTES_MAX - bytes.len();
        bytes.extend_from_slice(&buffer[..len.min(room)]);
        if len > room {
            return Ok(Read::TooMuch);
        }
    }
}

/// Ends all of its group that is left.
fn end(child: &mut Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_a_command_prints() {
        assert_eq!(run("echo a; echo b", LONG), (b"a\nb\n".to_vec(), None));
        let (output, problem) = run("echo a; exit 3", LONG);
        assert_eq!(output, b"a\n");
        assert!(problem.unwrap().contains("exit status: 3"));
        assert!(run("no-such-program 2>/dev/null", LONG).1.unwrap().contains("127"));
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_it_started() {
        let started = Instant::now();
        let (output, problem) = run("echo a; printf half; sleep 100 & sleep 100", Duration::from_millis(300));
        assert!(started.elapsed() < LONG);
        assert_eq!(output, b"a\n");
        assert!(problem.unwrap().contains("longer than 0.3 s"));
    }

    #[test]
    fn one_that_never_stops_printing_is_cut_at_a_line() {
        let (output, problem) = run("yes web:load:1:GAUGE", LONG);
        assert!(output.len() <= OUTPUT_BYTES_MAX && output.ends_with(b"GAUGE\n"));
        assert!(problem.unwrap().contains("more than"));
    }
}
