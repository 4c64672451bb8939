//! OpenTelemetry's manners: 200 with an empty message when all was taken, else with how many points were not and why (a
//! *partial success*); 400 for what can never be read and 503 for "not now", both with a `Status` message. The answer is in
//! the encoding of the request.

use super::{asking_to_retry, reasons, refusal};
use crate::{Answer, Doors, HttpPush};
use model::Position;
use std::fmt::Write;
use stdx::varint;
use wire::TimeUnit;
use wire::json::write_string;
use wire::protocols::otlp::{PROTOCOL, is_json};

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";

/// Codes of gRPC that stand in a `Status`.
const INVALID_ARGUMENT: u64 = 3;
const INTERNAL: u64 = 13;
const UNAVAILABLE: u64 = 14;

/// `POST /v1/metrics`
pub(crate) fn push(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let kind = push.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let form = Form { is_json: is_json(push.body) || kind == JSON };
    if !matches!(kind.as_str(), "" | JSON | PROTOBUF) {
        return Answer::text(415, format!("{kind} is not taken, {PROTOBUF} and {JSON} are\n"));
    }
    match doors.admit(&PROTOCOL, push, TimeUnit::default()) {
        Ok(admitted) => {
            let report = admitted.total();
            let is_broken = report.reasons.iter().any(|r| matches!(r.position, Position::Byte(_)));
            if is_broken && report.accepted == 0 {
                return form.status(400, INVALID_ARGUMENT, &reasons(&report));
            }
            let why = if report.is_clean() { String::new() } else { reasons(&report) };
            form.success(report.rejected, &why)
        }
        Err(refused) => {
            let (status, reason) = refusal(&refused);
            let code = match status {
                400 => INVALID_ARGUMENT,
                503 => UNAVAILABLE,
                _ => INTERNAL,
            };
            asking_to_retry(form.status(status, code, &reason))
        }
    }
}

/// How the answer is written.
#[derive(Clone, Copy)]
struct Form {
    is_json: bool,
}

impl Form {
    /// `ExportMetricsServiceResponse { 1: partial_success { 1: rejected  2: message } }`
    fn success(self, rejected: u64, why: &str) -> Answer {
        if self.is_json {
            let mut body = "{".to_owned();
            if rejected > 0 {
                let _infallible = write!(
                    body,
                    "\"partialSuccess\":{{\"rejectedDataPoints\":\"{rejected}\",\"errorMessage\":"
                );
                write_string(&mut body, why);
                body.push('}');
            }
            return Answer::json(200, body + "}");
        }
        let mut body = Vec::new();
        if rejected > 0 {
            let mut inner = vec![1 << 3];
            varint::write_u64(&mut inner, rejected);
            text(2, why, &mut inner);
            body.push(1 << 3 | 2);
            varint::write_bytes(&mut body, &inner);
        }
        Answer { content_type: PROTOBUF, body, ..Answer::text(200, "") }
    }

    /// `Status { 1: code  2: message }`
    fn status(self, status: u16, code: u64, why: &str) -> Answer {
        if self.is_json {
            let mut body = format!("{{\"code\":{code},\"message\":");
            write_string(&mut body, why);
            return Answer::json(status, body + "}");
        }
        let mut body = vec![1 << 3];
        varint::write_u64(&mut body, code);
        text(2, why, &mut body);
        Answer { content_type: PROTOBUF, body, ..Answer::text(status, "") }
    }
}

fn text(number: u8, text: &str, out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    varint::write_bytes(out, text.as_bytes());
}
