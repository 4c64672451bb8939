//! All doors of one server.

use crate::admit::Options;
use crate::http::{Answer, HttpPush};
use crate::native::{Limits, Sessions};
use crate::route;
use crate::senders::Senders;
use crate::stats::{Door, DoorStats};
use crate::telemetry;
use model::{EventSink, Sink};
use std::sync::Arc;
use stdx::clock::Clock;

/// Takes what is pushed, and hands it to a sink. Shared by all connections.
pub struct Doors {
    pub(crate) sink: Arc<dyn Sink>,
    /// Where our own agents deliver: what they measured while no server was there is old by then, and wanted.
    pub(crate) backlog: Arc<dyn Sink>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: Options,
    pub(crate) agents: Sessions,
    pub(crate) events: Option<Arc<dyn EventSink>>,
    pub(crate) senders: Senders,
    doors: Vec<Door>,
}

impl Doors {
    /// Doors in front of a sink; `backlog` is the same store by an entrance that takes samples of any age.
    pub fn new(sink: Arc<dyn Sink>, backlog: Arc<dyn Sink>, clock: Arc<dyn Clock>, options: Options) -> Self {
        let doors = telemetry::ALL.into_iter().map(Door::new).collect();
        Self {
            sink,
            backlog,
            clock,
            options,
            agents: Sessions::new(Limits::default()),
            events: None,
            senders: Senders::default(),
            doors,
        }
    }

    /// The same, with a place for events.
    pub fn with_events(mut self, events: Arc<dyn EventSink>) -> Self {
        self.agents = self.agents.with_events(events.clone());
        self.events = Some(events);
        self
    }

    /// Answers a request; `None` when no door is on its path.
    pub fn http(&self, push: &HttpPush<'_>) -> Option<Answer> {
        let route = route::find(push.path)?;
        if !route.methods.is_empty() && !route.methods.contains(&push.method) {
            let reason = format!("{} takes {}\n", route.path, route.methods.join(", "));
            return Some(Answer::text(405, reason).with("allow", route.methods.join(", ")));
        }
        Some((route.answer)(self, push))
    }

    /// The streams of our own agents.
    pub fn agents(&self) -> &Sessions {
        &self.agents
    }

    /// What went through each door. The native door has its numbers in its telemetry.
    pub fn stats(&self) -> Vec<DoorStats> {
        self.doors.iter().map(Door::stats).collect()
    }

    pub(crate) fn door(&self, protocol: &str) -> Option<&Door> {
        self.doors.iter().find(|door| door.protocol == protocol)
    }
}
