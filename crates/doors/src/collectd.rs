//! The door of collectd's network plugin: packets by UDP, in the clear, signed or encrypted, to this host or to a group.

mod security;
mod users;

pub use security::Security;

use crate::intake::Intake;
use crate::service::{Limits, Next, Peer, Service, Told};
use security::Opener;
use std::path::PathBuf;
use std::time::Duration;
use wire::protocols::collectd::Decoder;

pub use wire::protocols::collectd::Types;

/// What is to be known of collectd's packets.
#[derive(Debug, Clone, Default)]
pub struct Collectd {
    /// What a packet must be at least.
    pub security: Security,
    /// Lines `user: password`; without it nothing signed can be proved, and nothing encrypted be read.
    pub auth_file: Option<PathBuf>,
    /// Types that collectd does not bring along.
    pub types: Types,
}

/// See the module's text.
pub(crate) struct Packets {
    opener: Opener,
    decoder: Decoder,
    intake: Intake,
}

impl Packets {
    pub(crate) fn new(collectd: &Collectd, intake: Intake) -> Self {
        let Collectd { security, auth_file, types } = collectd.clone();
        Self { opener: Opener::new(security, auth_file), decoder: Decoder::new(types), intake }
    }
}

impl Service for Packets {
    type Session = ();

    const LIMITS: Limits = Limits { connections_max: 0, idle: Duration::ZERO, partial: Duration::ZERO };

    fn open(&mut self, _peer: Peer, _out: &mut Vec<u8>) {}

    fn input(&mut self, _session: &mut (), _bytes: &[u8], _out: &mut Vec<u8>) -> Next {
        Next::Close
    }

    fn close(&mut self, (): ()) {}

    fn datagram(&mut self, bytes: &[u8], peer: Peer) {
        match self.opener.open(bytes) {
            Ok(packet) => {
                self.intake.take(peer, |context, out| self.decoder.packet(&packet, context, out));
            }
            Err(why) => self.intake.refuse(peer, &why),
        }
    }

    fn rest(&mut self, _now_ms: i64) {}

    fn tick(&mut self, now_ms: i64) -> Option<i64> {
        if let Err(why) = self.opener.refresh(now_ms) {
            self.intake.refuse(None, &why);
        }
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

#[cfg(test)]
mod tests;
