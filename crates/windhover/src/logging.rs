//! The program's own log: one line an event, on standard error, and into a ring from which it is shipped or kept.
//!
//! The subscriber is our own, because there are no spans here: one that can keep spans holds 32 KB for them, which an
//! agent that is to hold a megabyte in all does not have.

mod line;
mod ring;
mod thinning;

pub use ring::{Ring, TELEMETRY};

use crate::settings::Settings;
use line::Shape;
use std::io::Write;
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};
use tracing::level_filters::LevelFilter;
use tracing::span;
use tracing::{Event, Metadata, Subscriber};

/// Starts logging. Called once, before anything that may log. `source` is what the events in the ring are called.
pub fn start(settings: &Settings, source: &'static str) -> Arc<Ring> {
    let ring = Arc::new(Ring::new(source));
    let journal = Journal {
        printed: level(settings.text("log.level")),
        shipped: level(settings.text("agent.log_level_shipped")),
        shape: match settings.text("log.format") {
            "json" => Shape::Json,
            _ if std::io::IsTerminal::is_terminal(&std::io::stderr()) => Shape::Coloured,
            _ => Shape::Plain,
        },
        ..Journal::of(ring.clone())
    };
    tracing::subscriber::set_global_default(journal).expect("logging is started once");
    ring
}

fn level(text: &str) -> LevelFilter {
    match text {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => LevelFilter::INFO,
    }
}

/// Takes every event there is.
struct Journal {
    printed: LevelFilter,
    shipped: LevelFilter,
    shape: Shape,
    ring: Arc<Ring>,
}

impl Journal {
    fn of(ring: Arc<Ring>) -> Self {
        Self { printed: LevelFilter::INFO, shipped: LevelFilter::INFO, shape: Shape::Plain, ring }
    }

    fn level_max(&self) -> LevelFilter {
        self.printed.max(self.shipped)
    }
}

impl Subscriber for Journal {
    fn enabled(&self, meta: &Metadata<'_>) -> bool {
        meta.is_event() && *meta.level() <= self.level_max()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level_max())
    }

    fn event(&self, event: &Event<'_>) {
        let level = event.metadata().level();
        if *level <= self.printed {
            let line = line::write(self.shape, std::time::SystemTime::now(), event);
            // In one piece, so that lines of several threads do not mix. Who closed standard error wants no log.
            let _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
        if *level <= self.shipped {
            self.ring.hear(SystemClock.now_ms(), event);
        }
    }

    // Spans are not enabled, so none of these is asked for one.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
