//! Prometheus' manners. A sender repeats a request after 5xx and drops it after 4xx. In version 1, 400 is only said when
//! nothing of it can ever be taken; a request that is good in part is a success (what was refused is counted and shown).
//! Version 2 wants 400 also for a request that is good in part, because its headers tell how much was written.

use super::{asking_to_retry, reasons, refusal};
use crate::admit::{Admitted, Refused};
use crate::{Answer, Doors, HttpPush};
use std::cell::Cell;
use wire::TimeUnit;
use wire::protocols::remote_write_v2::{self, Written};

/// What the media type of a request says its message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    V1,
    V2,
}

impl Message {
    /// By the parameter `proto` of the media type; version 1 had none.
    fn of(content_type: &str) -> Result<Self, String> {
        let mut parts = content_type.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        // Version 1 never looked at it, and clients send what they like.
        let is_protobuf = kind.is_empty() || kind.eq_ignore_ascii_case("application/x-protobuf");
        let named = parts.filter_map(|part| part.split_once('='));
        let proto = named.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("proto"));
        match proto.map(|(_, value)| value.trim().trim_matches('"')) {
            None | Some("prometheus.WriteRequest") => Ok(Self::V1),
            Some("io.prometheus.write.v2.Request") if is_protobuf => Ok(Self::V2),
            Some(other) => Err(other.to_owned()),
        }
    }
}

/// `POST /api/v1/write`
pub(crate) fn push(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    match Message::of(push.content_type) {
        Ok(Message::V1) => v1(doors, push),
        Ok(Message::V2) => v2(doors, push),
        Err(other) => {
            let known = "prometheus.WriteRequest and io.prometheus.write.v2.Request";
            Answer::text(415, format!("the message `{other}` is not known here, {known} are\n"))
        }
    }
}

fn v1(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    match doors.admit_remembering(push) {
        Ok(admitted) => {
            let report = admitted.total();
            if report.accepted == 0 && !report.is_clean() {
                return Answer::text(400, reasons(&report) + "\n");
            }
            Answer::no_content()
        }
        Err(refused) => refused_answer(&refused),
    }
}

fn v2(doors: &Doors, push: &HttpPush<'_>) -> Answer {
    let written = Cell::new(Written::default());
    let decode = |body: &[u8], context: &wire::Context<'_>, out: &mut model::Batch| {
        let (report, counts) = remote_write_v2::decode_counting(body, context, out);
        written.set(counts);
        report
    };
    match doors.admit_by(&decode, &remote_write_v2::PROTOCOL, push, TimeUnit::default()) {
        Ok(admitted) => {
            let report = admitted.total();
            let answer = match report.is_clean() {
                true => Answer::no_content(),
                false => Answer::text(400, reasons(&report) + "\n"),
            };
            telling(answer, kept(written.get(), &admitted))
        }
        Err(refused) => telling(refused_answer(&refused), Written::default()),
    }
}

/// What was written in the end. A sink does not say whose samples it refused: plain ones count as refused first, so that
/// never more is claimed than there is.
fn kept(decoded: Written, admitted: &Admitted) -> Written {
    let refused = admitted.stored.rejected;
    let samples = decoded.samples.saturating_sub(refused);
    let histograms = if refused > decoded.samples { 0 } else { decoded.histograms };
    Written { samples, histograms }
}

fn telling(answer: Answer, written: Written) -> Answer {
    answer
        .with("x-prometheus-remote-write-samples-written", written.samples.to_string())
        .with("x-prometheus-remote-write-histograms-written", written.histograms.to_string())
        .with("x-prometheus-remote-write-exemplars-written", "0")
}

fn refused_answer(refused: &Refused) -> Answer {
    let (status, reason) = refusal(refused);
    asking_to_retry(Answer::text(status, reason + "\n"))
}
