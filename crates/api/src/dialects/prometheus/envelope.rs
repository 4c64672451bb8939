//! What every answer of Prometheus' interface is wrapped in.

use super::ask::Refused;
use crate::json::{Put, list, object};
use crate::respond;
use serve::{Response, StatusCode};

/// Why there is no answer, as Prometheus classes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request makes no sense.
    BadData,
    /// The expression cannot be evaluated.
    Execution,
    /// It took too long.
    Timeout,
    /// Nobody waits any more.
    Canceled,
    /// The fault is ours.
    Internal,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::BadData => "bad_data",
            Self::Execution => "execution",
            Self::Timeout => "timeout",
            Self::Canceled => "canceled",
            Self::Internal => "internal",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::BadData => StatusCode::BAD_REQUEST,
            Self::Execution => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::Canceled => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// What is said beside an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remarks {
    /// The answer is probably not what is wanted.
    pub warnings: Vec<String>,
    /// Everything else.
    pub infos: Vec<String>,
    /// Why the answer is empty. Prometheus does not know it; its clients pass over what they do not know.
    pub reasons: Vec<String>,
}

/// What an answer of one series takes.
const ANSWER_BYTES: usize = 2 << 10;

/// An answer whose `data` is written by `data`.
pub fn success(remarks: &Remarks, data: impl FnOnce(&mut Vec<u8>)) -> Response {
    let mut out = Vec::with_capacity(ANSWER_BYTES);
    object(&mut out, |o| {
        o.put("status", "success");
        data(o.member("data"));
        let remarks =
            [("warnings", &remarks.warnings), ("infos", &remarks.infos), ("reasons", &remarks.reasons)];
        for (name, texts) in remarks {
            if !texts.is_empty() {
                list(o.member(name), texts, |out, text| text.put(out));
            }
        }
    });
    respond::json_text(out)
}

/// An answer without remarks of which only the data differ.
pub fn data(value: &serde_json::Value) -> Response {
    success(&Remarks::default(), |out| value.put(out))
}

/// No answer.
pub fn failure(refused: &Refused) -> Response {
    let Refused { fault, error } = refused;
    super::failure(fault.status(), fault.name(), error)
}
