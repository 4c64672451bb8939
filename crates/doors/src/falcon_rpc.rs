//! Open-Falcon's JSON-RPC on a bare connection: the transfer's `Transfer.Update`, to which agents send, and the heartbeat
//! service's methods, which they ask what to do. One port has both.

mod heartbeat;

pub use heartbeat::Heartbeat;

use crate::framed::Messages;
use crate::intake::Intake;
use crate::service::Peer;
use model::{Batch, Position, Report};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wire::protocols::falcon;
use wire::protocols::falcon::rpc::{Request, Scanner};

/// Services that there are, by the name in front of the method's.
const SERVICES: [&str; 3] = ["Transfer", "Agent", "Hbs"];

/// See the module's text.
pub(crate) struct FalconRpc {
    heartbeat: Arc<Heartbeat>,
}

impl FalconRpc {
    pub(crate) fn new(heartbeat: Arc<Heartbeat>) -> Self {
        Self { heartbeat }
    }

    /// The result of a request as JSON, or an error in the words of Go's `net/rpc`.
    fn answer(&self, request: &Request<'_>, peer: Peer, intake: &mut Intake) -> Result<String, String> {
        let method = &*request.method;
        let (service, _) = method
            .rsplit_once('.')
            .ok_or_else(|| format!("rpc: service/method request ill-formed: {method}"))?;
        if !SERVICES.contains(&service) {
            return Err(format!("rpc: can't find service {method}"));
        }
        let param = || request.param.ok_or_else(|| "jsonrpc: request body missing params".to_owned());
        match method {
            "Transfer.Update" => update(param()?, peer, intake),
            "Transfer.Ping" => param().map(|_| "{\"code\":0}".to_owned()),
            _ => match self.heartbeat.answer(method, intake.now_ms()) {
                Some(answer) => answer(param()?),
                None => Err(format!("rpc: can't find method {method}")),
            },
        }
    }
}

impl Messages for FalconRpc {
    type Memory = Scanner;

    /// Agents keep their connection and send once a minute.
    const IDLE: Duration = Duration::from_secs(3600);

    fn greet(&mut self, _intake: &Intake, _out: &mut Vec<u8>) -> Scanner {
        Scanner::default()
    }

    fn measure(&self, scanner: &mut Scanner, bytes: &[u8]) -> Result<Option<usize>, String> {
        scanner.measure(bytes)
    }

    fn message(
        &mut self,
        _scanner: &mut Scanner,
        message: &[u8],
        peer: Peer,
        intake: &mut Intake,
        out: &mut Vec<u8>,
    ) -> bool {
        if message.trim_ascii().is_empty() {
            return true;
        }
        let request = match Request::read(message) {
            Ok(request) => request,
            Err(error) => {
                intake.refuse(
                    peer,
                    &format_args!("a request that cannot be read at byte {}: {error}", error.at),
                );
                return false;
            }
        };
        let answer = self.answer(&request, peer, intake);
        if let Err(why) = &answer {
            intake.refuse(peer, why);
        }
        write_answer(request.id, answer, out);
        true
    }
}

fn write_answer(id: &[u8], answer: Result<String, String>, out: &mut Vec<u8>) {
    let (result, error) = match answer {
        Ok(result) => (result, "null".to_owned()),
        Err(why) => {
            let mut error = String::new();
            stdx::json::write_string(&mut error, &why);
            ("null".to_owned(), error)
        }
    };
    out.extend_from_slice(b"{\"id\":");
    out.extend_from_slice(id);
    out.extend_from_slice(format!(",\"result\":{result},\"error\":{error}}}\n").as_bytes());
}

/// Takes a list of items. What cannot be read as one is refused whole, as it is there.
fn update(param: &[u8], peer: Peer, intake: &mut Intake) -> Result<String, String> {
    let (started, mut unreadable) = (Instant::now(), None);
    let report = intake.take(peer, |context, out: &mut Batch| {
        falcon::read(param, context, out).unwrap_or_else(|error| {
            let mut report = Report::default();
            report.reject(Position::Byte(error.at), &error);
            unreadable = Some(format!("byte {} of the items: {error}", error.at));
            report
        })
    });
    if let Some(why) = unreadable {
        return Err(why);
    }
    let mut answer = String::new();
    let (total, invalid) = (report.accepted + report.rejected, report.rejected);
    let latency_ms = started.elapsed().as_millis();
    let _infallible = write!(
        answer,
        "{{\"Message\":\"ok\",\"Total\":{total},\"Invalid\":{invalid},\"Latency\":{latency_ms}}}"
    );
    Ok(answer)
}

#[cfg(test)]
mod tests;
