//! The program's own log: one line an event, on standard error, and into a ring from which it is shipped or kept.

mod ring;
mod thinning;

pub use ring::{Ring, TELEMETRY};

use crate::settings::Settings;
use std::sync::Arc;
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. Called once, before anything that may log. `source` is what the events in the ring are called.
pub fn start(settings: &Settings, source: &'static str) -> Arc<Ring> {
    let ring = Arc::new(Ring::new(source));
    let shipped = match settings.text("agent.log_level_shipped") {
        "off" => LevelFilter::OFF,
        text => LevelFilter::from_level(level(text)),
    };
    let printed = LevelFilter::from_level(level(settings.text("log.level")));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let kept = ring::RingLayer(ring.clone()).with_filter(shipped);
    let registry = tracing_subscriber::registry().with(kept);
    match settings.text("log.format") {
        "json" => registry.with(lines.json().flatten_event(true).with_filter(printed)).init(),
        _ => {
            let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
            registry.with(lines.with_ansi(colours).with_filter(printed)).init();
        }
    }
    ring
}

fn level(text: &str) -> Level {
    match text {
        "error" => Level::ERROR,
        "warn" => Level::WARN,
        "debug" => Level::DEBUG,
        "trace" => Level::TRACE,
        _ => Level::INFO,
    }
}
