//! Frames that say nothing of samples: events and standings.

use super::Answer;
use model::{EventSink, Origin, Position, PushError, Report};
use stdx::telemetry::Counter;
use wire::protocols::native::Malformed;
use wire::protocols::native::events::{Said, decode};

pub(super) static EVENTS: Counter =
    Counter::new("windhover_ingest_events_total", "Events that agents sent and the event log took.");
pub(super) static EVENTS_LOST: Counter = Counter::new(
    "windhover_ingest_events_lost_total",
    "Events and standings that agents sent and that could not be written; samples go on without them.",
);
pub(super) static FRAMES_UNKNOWN: Counter = Counter::new(
    "windhover_ingest_native_frames_unknown_total",
    "Frames passed over because a newer agent says something in them that is not known here.",
);

/// Why a frame was not taken.
#[derive(Debug)]
pub(super) enum Untaken {
    /// The event log is busy.
    Busy(PushError),
    /// No agent writes such bytes.
    Malformed(Malformed),
}

impl Untaken {
    /// What to say of frame `frame` of the stream, whose payload is at `byte` of the body.
    pub(super) fn answer(self, frame: u64, byte: usize) -> Answer {
        match self {
            Self::Busy(error) => Answer::refused(&error),
            Self::Malformed(e) => Answer::malformed(Some(frame), byte + e.byte, e.reason),
        }
    }
}

/// Hands a frame on. An event log that failed costs what it was to keep, never the samples behind it.
pub(super) fn take(
    payload: &[u8],
    sink: Option<&dyn EventSink>,
    origin: Origin,
    report: &mut Report,
) -> Result<(), Untaken> {
    let Some(said) = decode(payload) else {
        FRAMES_UNKNOWN.add(1);
        return Ok(());
    };
    let said = said.map_err(Untaken::Malformed)?;
    let count = match &said {
        Said::Events { events, .. } => events.len() as u64,
        Said::Standings { .. } => 1,
    };
    let told = sink.map_or(Ok(()), |sink| match &said {
        Said::Events { host, events } => sink.tell(host, events, Some(origin)),
        Said::Standings { host, time_ms, parts } => sink.stand(host, *time_ms, parts),
    });
    match told {
        Ok(()) if matches!(said, Said::Events { .. }) => EVENTS.add(count),
        Ok(()) => {}
        Err(busy @ PushError::Busy(_)) => return Err(Untaken::Busy(busy)),
        Err(failed @ PushError::Failed(_)) => {
            EVENTS_LOST.add(count);
            report.reject(Position::Whole, format!("events of frame {}: {failed}", origin.frame));
        }
    }
    Ok(())
}
