//! Zabbix' trapper port: what `zabbix_sender` and active agents send, and what active agents ask.

mod items;

pub use items::Items;

use crate::framed::Messages;
use crate::intake::Intake;
use crate::service::Peer;
use flate2::read::ZlibDecoder;
use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wire::protocols::zabbix::{Head, Request, head, write};

/// Largest message, packed or not, in bytes.
const MESSAGE_BYTES_MAX: u64 = 16 << 20;

/// See the module's text.
pub(crate) struct Zabbix {
    items: Arc<Items>,
}

impl Zabbix {
    pub(crate) fn new(items: Arc<Items>) -> Self {
        Self { items }
    }

    /// What is answered; `None` where nothing is expected.
    fn answer(&self, json: &[u8], peer: Peer, intake: &mut Intake) -> Result<Option<String>, String> {
        let request =
            Request::read(json).map_err(|error| format!("byte {} of the JSON: {error}", error.at))?;
        match &*request.request {
            "sender data" | "agent data" => {
                let started = Instant::now();
                let report = intake.take(peer, |context, out| request.samples(context, out));
                let (processed, failed) = (report.accepted, report.rejected + report.skipped);
                let (total, seconds) = (processed + failed, started.elapsed().as_secs_f64());
                Ok(Some(format!(
                    "{{\"response\":\"success\",\"info\":\"processed: {processed}; failed: {failed}; total: {total}; seconds spent: {seconds:.6}\"}}"
                )))
            }
            "active checks" => Ok(Some(self.items.answer())),
            "active check heartbeat" => Ok(None),
            other => Err(format!("request `{other}` is not taken here")),
        }
    }
}

fn unpack(head: Head, body: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let Some(unpacked_bytes) = head.unpacked_bytes else { return Ok(body.into()) };
    if unpacked_bytes > MESSAGE_BYTES_MAX {
        return Err(format!(
            "a message of {unpacked_bytes} bytes unpacked, at most {MESSAGE_BYTES_MAX} are allowed"
        ));
    }
    let mut unpacked = Vec::new();
    // One more than said, so that it is seen when there is more.
    let read = ZlibDecoder::new(body).take(unpacked_bytes + 1).read_to_end(&mut unpacked);
    match read {
        Ok(len) if len as u64 == unpacked_bytes => Ok(unpacked.into()),
        Ok(_) => Err("a packed message that is not as long as it says".to_owned()),
        Err(e) => Err(format!("a packed message that cannot be unpacked: {e}")),
    }
}

impl Messages for Zabbix {
    type Memory = ();

    const IDLE: Duration = Duration::from_secs(300);

    fn greet(&mut self, _intake: &Intake, _out: &mut Vec<u8>) {}

    fn measure(&self, _memory: &mut (), bytes: &[u8]) -> Result<Option<usize>, String> {
        match head(bytes)? {
            Some(head) if head.body_bytes > MESSAGE_BYTES_MAX => Err(format!(
                "a message of {} bytes, at most {MESSAGE_BYTES_MAX} are allowed",
                head.body_bytes
            )),
            Some(head) => Ok(Some(head.head_bytes + head.body_bytes as usize)),
            None => Ok(None),
        }
    }

    /// Who has sent one message and been answered is done, as there.
    fn message(
        &mut self,
        _memory: &mut (),
        message: &[u8],
        peer: Peer,
        intake: &mut Intake,
        out: &mut Vec<u8>,
    ) -> bool {
        let Ok(Some(head)) = head(message) else { return false };
        let json = unpack(head, &message[head.head_bytes..]);
        match json.and_then(|json| self.answer(&json, peer, intake)) {
            Ok(Some(answer)) => write(&answer, out),
            Ok(None) => {}
            Err(why) => {
                intake.refuse(peer, &why);
                let mut info = String::new();
                stdx::json::write_string(&mut info, &why);
                write(&format!("{{\"response\":\"failed\",\"info\":{info}}}"), out);
            }
        }
        false
    }
}

#[cfg(test)]
mod tests;
