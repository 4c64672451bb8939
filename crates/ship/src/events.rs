//! Events and standings go the way of the samples: into the same spool, in the same order.

use crate::Outbox;
use model::{Event, EventSink, Origin, PushError, Stand};
use wire::protocols::native::events::{encode_events, encode_standings};

// An origin is what this outbox gives; one given to it would be another's, and is not sent.
impl EventSink for Outbox {
    fn tell(&self, host: &str, events: &[Event], _origin: Option<Origin>) -> Result<(), PushError> {
        if events.is_empty() {
            return Ok(());
        }
        self.push_apart(|out| encode_events(host, events, out))
    }

    fn stand(&self, host: &str, time_ms: i64, parts: &[Stand<'_>]) -> Result<(), PushError> {
        self.push_apart(|out| {
            encode_standings(host, time_ms, parts, out);
            1
        })
    }
}
