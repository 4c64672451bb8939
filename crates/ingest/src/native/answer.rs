//! What the native door says back: a status and a line of JSON.

use super::{DEFERRED, MALFORMED, RESUMED};
use model::{PushError, Report};
use std::fmt::Write;

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// JSON, one object.
    pub body: String,
    /// What to put into `Retry-After`, in seconds.
    pub retry_after_s: Option<u32>,
}

/// How long a sender should leave a busy sink alone, in seconds.
const RETRY_BUSY_S: u32 = 1;
/// How long a sender should leave a failed sink alone, in seconds.
const RETRY_FAILED_S: u32 = 10;

impl Answer {
    fn new(status: u16, body: String) -> Self {
        Self { status, body, retry_after_s: None }
    }

    fn error(status: u16, why: &str) -> Self {
        let mut body = String::from("{\"error\":");
        write_json(&mut body, why);
        body.push('}');
        Self::new(status, body)
    }

    /// Everything before frame `next` is the sink's.
    pub(super) fn kept(next: u64, report: &Report) -> Self {
        let mut body = format!(
            "{{\"next\":{next},\"accepted\":{},\"rejected\":{},\"reasons\":[",
            report.accepted, report.rejected
        );
        for (i, rejection) in report.reasons.iter().enumerate() {
            body.push_str(if i == 0 { "" } else { "," });
            write_json(&mut body, &format!("{}: {}", rejection.position, rejection.reason));
        }
        body.push_str("]}");
        Self::new(200, body)
    }

    /// The answer to a body without frames that starts a stream.
    pub(super) fn nothing() -> Self {
        Self::kept(0, &Report::default())
    }

    /// Go on from frame `next`.
    pub(super) fn resume(next: u64, why: &str) -> Self {
        RESUMED.add(1);
        let mut body = format!("{{\"resume_from\":{next},\"error\":");
        write_json(&mut body, why);
        body.push('}');
        Self::new(409, body)
    }

    /// Send the same once more: nobody can tell which stream it was.
    pub(super) fn repeat(why: &str) -> Self {
        RESUMED.add(1);
        Self::error(409, why)
    }

    /// Start the stream again.
    pub(super) fn unknown_stream() -> Self {
        Self::resume(0, "this stream is not known here")
    }

    /// The sink did not take the samples.
    pub(super) fn refused(error: &PushError) -> Self {
        DEFERRED.add(1);
        let (status, retry_after_s) = match error {
            PushError::Busy(_) => (503, RETRY_BUSY_S),
            PushError::Failed(_) => (500, RETRY_FAILED_S),
        };
        Self { retry_after_s: Some(retry_after_s), ..Self::error(status, &error.to_string()) }
    }

    /// No agent writes such bytes: `byte` of the body, in frame `frame` of the stream.
    pub(super) fn malformed(frame: Option<u64>, byte: usize, why: &str) -> Self {
        MALFORMED.add(1);
        let mut body = String::from("{");
        if let Some(frame) = frame {
            let _ = write!(body, "\"frame\":{frame},");
        }
        let _ = write!(body, "\"byte\":{byte},\"error\":");
        write_json(&mut body, why);
        body.push('}');
        Self::new(400, body)
    }
}

/// Appends `text` as a JSON string.
fn write_json(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
