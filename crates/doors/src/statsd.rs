//! The statsd door: lines by UDP, TCP or a socket in the file system, aggregated and told every few seconds.

mod aggregator;
mod naming;
mod options;
mod series;
mod table;
mod tally;
mod telemetry;
mod unique;

pub use aggregator::{Aggregator, Tell};
pub use options::{BOUNDS_MAX, Options, QUANTILES_MAX};
pub(crate) use telemetry::TELEMETRY;
pub use wire::protocols::statsd::Event;

use crate::lines::Lines;
use crate::service::{Limits, Next, Peer, Service, Told};
use model::Sink;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest line of a TCP connection, in bytes.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// The service behind the door.
pub(crate) struct Statsd {
    aggregator: Aggregator,
    sink: Arc<dyn Sink>,
    interval_ms: i64,
    next_ms: i64,
    told: Told,
}

impl Statsd {
    /// Begins with nothing known.
    pub(crate) fn new(options: Options, sink: Arc<dyn Sink>, tell: Tell, now_ms: i64) -> Self {
        let interval_ms = options.interval_ms();
        let aggregator = Aggregator::new(options, now_ms, tell);
        Self {
            aggregator,
            sink,
            interval_ms,
            next_ms: next_multiple(now_ms, interval_ms),
            told: Told::default(),
        }
    }

    fn flush(&mut self, time_ms: i64) {
        let started = Instant::now();
        self.aggregator.flush(time_ms, self.sink.as_ref());
        let took = started.elapsed();
        let tally = self.aggregator.tally();
        self.told.took_us = took.as_micros() as u64;
        self.told.samples = tally.rows;
        self.told.problem = tally.problem();
        tally.begin_interval();
        tally.publish();
        telemetry::FLUSH_SECONDS.set(took.as_secs_f64());
        telemetry::SERIES.set(self.aggregator.len() as f64);
        telemetry::MEMORY_BYTES.set(self.aggregator.memory_bytes() as f64);
    }
}

/// The next whole multiple after a time.
fn next_multiple(now_ms: i64, interval_ms: i64) -> i64 {
    now_ms.div_euclid(interval_ms).saturating_add(1).saturating_mul(interval_ms)
}

/// What is remembered of a connection.
pub(crate) struct Session {
    lines: Lines,
    peer: Peer,
}

impl Service for Statsd {
    type Session = Session;

    const LIMITS: Limits =
        Limits { connections_max: 256, idle: Duration::from_secs(3600), partial: Duration::from_secs(60) };

    fn open(&mut self, peer: Peer, _out: &mut Vec<u8>) -> Session {
        Session { lines: Lines::default(), peer }
    }

    fn input(&mut self, session: &mut Session, bytes: &[u8], _out: &mut Vec<u8>) -> Next {
        let (aggregator, peer) = (&mut self.aggregator, session.peer);
        let cut = session.lines.feed(bytes, LINE_BYTES_MAX, |lines| aggregator.take(lines, peer));
        for _ in 0..cut.too_long {
            aggregator.tally().refuse(1, peer, &format_args!("a line of more than {LINE_BYTES_MAX} bytes"));
        }
        if cut.is_partial { Next::Partial } else { Next::Idle }
    }

    fn close(&mut self, session: Session) {
        let last = session.lines.last();
        if !last.is_empty() {
            self.aggregator.take(last, session.peer);
        }
    }

    #[inline]
    fn datagram(&mut self, bytes: &[u8], peer: Peer) {
        self.aggregator.take(bytes, peer);
    }

    fn rest(&mut self, now_ms: i64) {
        self.told.last_ms = Some(now_ms);
        self.aggregator.tally().publish();
    }

    fn tick(&mut self, now_ms: i64) -> Option<i64> {
        // A clock that was set back leaves the next flush in a future far away.
        if now_ms >= self.next_ms || self.next_ms - now_ms > self.interval_ms {
            self.flush(now_ms.div_euclid(self.interval_ms) * self.interval_ms);
            self.next_ms = next_multiple(now_ms, self.interval_ms);
        }
        Some(self.next_ms)
    }

    /// Hands on what came since the last flush, the only one not on a whole multiple.
    fn stop(&mut self, now_ms: i64) {
        self.flush(now_ms);
    }

    fn told(&self) -> Told {
        self.told.clone()
    }
}
