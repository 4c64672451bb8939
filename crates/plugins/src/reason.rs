//! Why a plugin gives less than it should, in words.

use crate::formats::Manner;
use crate::run::{Cut, Ended};
use model::Report;
use std::fmt::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// Longest text of a problem, in bytes.
const BYTES_MAX: usize = 600;

/// Sentences that become one text.
#[derive(Debug, Default)]
pub(crate) struct Reasons(String);

impl Reasons {
    /// Adds one, unless it says nothing.
    pub(crate) fn add(&mut self, reason: &str) {
        if !reason.is_empty() {
            self.0.push_str(if self.0.is_empty() { "" } else { "; " });
            self.0.push_str(reason);
        }
    }

    /// The text, bounded.
    pub(crate) fn text(mut self) -> String {
        if self.0.len() > BYTES_MAX {
            self.0.truncate(self.0.floor_char_boundary(BYTES_MAX));
            self.0.push('…');
        }
        self.0
    }
}

/// How a run ended, "" when as it should.
pub(crate) fn of_end(ended: &Ended, manner: Option<Manner>, stays: bool) -> String {
    let seconds = ended.took.as_secs_f64();
    let how = match ended.cut {
        Some(Cut::TooLong) => format!("killed after {seconds:.1} s"),
        Some(Cut::TooMuch) => {
            format!("ended because it printed more than {}", size(8 * ended.out.limit() as u64))
        }
        Some(Cut::Closed) => "ended because it closed its output".to_owned(),
        Some(Cut::Unwanted) => String::new(),
        None => of_status(ended.status, manner, stays, seconds),
    };
    let last = ended.err.last_line();
    match (how.is_empty(), last.is_empty()) {
        (true, _) => String::new(),
        (false, true) => how,
        (false, false) => format!("{how}: {last}"),
    }
}

fn of_status(status: ExitStatus, manner: Option<Manner>, stays: bool, seconds: f64) -> String {
    let mut how = String::new();
    let _infallible = match (status.code(), status.signal()) {
        (Some(0), _) if stays => write!(how, "should stay and ended after {seconds:.1} s"),
        (Some(0), _) => Ok(()),
        (Some(1..=3), _) if manner == Some(Manner::Monitoring) => Ok(()),
        (Some(code), _) => write!(how, "ended with exit code {code}"),
        (None, Some(signal)) => write!(how, "was ended by signal {signal}"),
        (None, None) => write!(how, "ended with {status}"),
    };
    if manner == Some(Manner::Document) && !status.success() {
        how.push_str(", so what it printed does not count");
    }
    how
}

/// What was cut off.
pub(crate) fn of_cut(ended: &Ended) -> String {
    let (discarded, limit) = (ended.out.discarded(), ended.out.limit() as u64);
    match discarded {
        0 => String::new(),
        _ => format!("printed {} and was cut to {}", size(limit + discarded), size(limit)),
    }
}

/// What could not be read.
pub(crate) fn of_report(format: &str, report: &Report) -> String {
    match report.reasons.first() {
        None => String::new(),
        Some(first) => {
            let all = report.accepted + report.rejected + report.skipped;
            let (refused, place, why) = (report.rejected, first.position, &first.reason);
            format!("read as {format}, {refused} of {all} refused; {place}: {why}")
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}
