//! Graphite's door: carbon's lines by TCP and UDP. As carbon's, it never answers.

use crate::intake::Intake;
use crate::service::Peer;
use crate::text::Dialect;
use wire::protocols::graphite::Decoder;

/// See the module's text.
pub(crate) struct Graphite(Decoder);

impl Graphite {
    pub(crate) fn new() -> Self {
        Self(Decoder::of_streams())
    }
}

impl Dialect for Graphite {
    fn lines(&mut self, lines: &[u8], peer: Peer, intake: &mut Intake, _out: &mut Vec<u8>) -> bool {
        intake.take(peer, |context, out| self.0.decode(lines, context, out));
        true
    }
}

#[cfg(test)]
mod tests;
