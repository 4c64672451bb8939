//! The door for Graphite's pickles, as carbon's relays send them. It never answers.

use crate::framed::Messages;
use crate::intake::Intake;
use crate::service::Peer;
use std::time::Duration;
use wire::protocols::pickle::{Decoder, HEAD_BYTES, MESSAGE_BYTES_MAX, too_long};

/// See the module's text.
#[derive(Default)]
pub(crate) struct Pickle(Decoder);

impl Messages for Pickle {
    type Memory = ();

    const IDLE: Duration = Duration::from_secs(24 * 3600);

    fn greet(&mut self, _intake: &Intake, _out: &mut Vec<u8>) {}

    fn measure(&self, _memory: &mut (), bytes: &[u8]) -> Result<Option<usize>, String> {
        let Some(head) = bytes.first_chunk() else { return Ok(None) };
        match u32::from_be_bytes(*head) as usize {
            len if len > MESSAGE_BYTES_MAX => Err(too_long(len)),
            len => Ok(Some(HEAD_BYTES + len)),
        }
    }

    fn message(
        &mut self,
        _memory: &mut (),
        message: &[u8],
        peer: Peer,
        intake: &mut Intake,
        _out: &mut Vec<u8>,
    ) -> bool {
        intake.take(peer, |context, out| self.0.message(&message[HEAD_BYTES..], context, out));
        true
    }
}
