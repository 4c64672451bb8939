//! The child that looks at its parent, from both sides.

use profile::{Error, Options, Report};
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

/// First argument of the child. It is for this program only and stands in no help; the command line's tables would
/// cost more than all that the child does.
pub const COMMAND: &str = "look-at-parent";
/// How much longer than asked a child may take, for the names.
const LONGER: Duration = Duration::from_secs(60);
/// Most that is read of what a child says, in bytes.
const SAID_BYTES_MAX: u64 = 64 << 10;

/// What the child does: looks at its parent, and says what it saw.
pub fn run(arguments: &[String]) -> ExitCode {
    let [seconds, frequency_hz] = arguments else { return ExitCode::from(2) };
    let (Ok(seconds), Ok(frequency_hz)) = (seconds.parse(), frequency_hz.parse()) else {
        return ExitCode::from(2);
    };
    let options = Options { duration: Duration::from_secs(seconds), frequency_hz };
    let report = profile::record(std::os::unix::process::parent_id(), options).unwrap_or_else(|error| {
        let mut report = Report::default();
        if let Error::Refused(why) = &error {
            report.tell("refused", why);
        }
        report.tell("problem", error);
        report
    });
    print!("{report}");
    ExitCode::SUCCESS
}

/// The file of this very program, by its name where that still is it, and not one that took its place.
fn program() -> PathBuf {
    let own = PathBuf::from("/proc/self/exe");
    let named = std::fs::read_link(&own).ok().filter(|path| !path.to_string_lossy().ends_with(" (deleted)"));
    named.unwrap_or(own)
}

/// A child at work. Dropping it ends it.
pub struct Child {
    process: std::process::Child,
    give_up: Instant,
    /// Who wanted it.
    pub why: &'static str,
}

impl Child {
    /// Starts it.
    pub fn start(duration: Duration, frequency_hz: u64, why: &'static str) -> io::Result<Self> {
        let process = std::process::Command::new(program())
            .args([COMMAND, &duration.as_secs().max(1).to_string(), &frequency_hz.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { process, give_up: Instant::now() + duration + LONGER, why })
    }

    /// What it said, once it has ended. All of it fits into the pipe, so that it never waits for us.
    pub fn poll(&mut self) -> Option<Result<Report, String>> {
        match self.process.try_wait() {
            Ok(None) if Instant::now() < self.give_up => None,
            Ok(None) => Some(Err("the child that looks did not end in time".to_owned())),
            Err(e) => Some(Err(format!("the child that looks: {e}"))),
            Ok(Some(status)) => {
                Some(self.said().ok_or_else(|| format!("the child that looks failed: {status}")))
            }
        }
    }

    fn said(&mut self) -> Option<Report> {
        let mut text = String::new();
        self.process.stdout.take()?.take(SAID_BYTES_MAX).read_to_string(&mut text).ok()?;
        Report::parse(&text)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
