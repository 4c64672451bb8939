//! Doors that speak lines: by TCP, with answers or without, and several in a datagram.

use crate::intake::Intake;
use crate::lines::Lines;
use crate::service::{Limits, Next, Peer, Service, Told};
use std::time::Duration;
use wire::LINE_BYTES_MAX;

/// Most that the half lines of all connections may hold together, in bytes.
const HELD_BYTES_MAX: usize = 64 << 20;

/// What is said in lines.
pub(crate) trait Dialect {
    /// Takes whole lines, with their ends, and appends answers to `out`; `false` ends the connection.
    fn lines(&mut self, lines: &[u8], peer: Peer, intake: &mut Intake, out: &mut Vec<u8>) -> bool;
}

/// A door that speaks lines.
pub(crate) struct Text<D> {
    dialect: D,
    intake: Intake,
    /// Bytes of half lines.
    held_bytes: usize,
}

impl<D: Dialect> Text<D> {
    pub(crate) fn new(dialect: D, intake: Intake) -> Self {
        Self { dialect, intake, held_bytes: 0 }
    }
}

/// What is remembered of a connection.
pub(crate) struct Session {
    lines: Lines,
    peer: Peer,
}

impl<D: Dialect> Service for Text<D> {
    type Session = Session;

    // Connections are as patient as carbon's, which are for ever: what collects by the hour must find its connection, and
    // what is written in blocks ends in half a line. They cost what they hold, and that has a limit.
    const LIMITS: Limits = Limits {
        connections_max: 32_768,
        idle: Duration::from_secs(24 * 3600),
        partial: Duration::from_secs(600),
    };

    fn open(&mut self, peer: Peer, _out: &mut Vec<u8>) -> Session {
        Session { lines: Lines::default(), peer }
    }

    fn input(&mut self, session: &mut Session, bytes: &[u8], out: &mut Vec<u8>) -> Next {
        let Self { dialect, intake, held_bytes } = self;
        *held_bytes -= session.lines.held_bytes();
        let (peer, mut goes_on) = (session.peer, true);
        let cut = session.lines.feed(bytes, LINE_BYTES_MAX, |lines| {
            goes_on = goes_on && dialect.lines(lines, peer, intake, out);
        });
        *held_bytes += session.lines.held_bytes();
        for _ in 0..cut.too_long {
            intake.refuse(peer, &format_args!("a line of more than {LINE_BYTES_MAX} bytes"));
        }
        if goes_on && *held_bytes > HELD_BYTES_MAX {
            intake.refuse(
                peer,
                &format_args!("half lines of all connections hold more than {HELD_BYTES_MAX} bytes"),
            );
            goes_on = false;
        }
        match (goes_on, cut.is_partial) {
            (false, _) => Next::Close,
            (true, true) => Next::Partial,
            (true, false) => Next::Idle,
        }
    }

    /// A last line without an end is not taken: nobody knows whether it is all there.
    fn close(&mut self, session: Session) {
        let half = session.lines.last();
        self.held_bytes -= session.lines.held_bytes();
        if !half.is_empty() {
            self.intake
                .refuse(session.peer, &format_args!("a last line of {} bytes without an end", half.len()));
        }
    }

    fn datagram(&mut self, bytes: &[u8], peer: Peer) {
        self.dialect.lines(bytes, peer, &mut self.intake, &mut Vec::new());
    }

    fn rest(&mut self, _now_ms: i64) {}

    fn tick(&mut self, now_ms: i64) -> Option<i64> {
        self.intake.tick(now_ms)
    }

    fn is_full(&self) -> bool {
        self.intake.is_full()
    }

    fn stop(&mut self, now_ms: i64) {
        self.intake.stop(now_ms);
    }

    fn told(&self) -> Told {
        self.intake.told()
    }
}
