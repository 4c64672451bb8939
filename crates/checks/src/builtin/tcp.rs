//! A port: does somebody take the connection, and say what he should?

use super::common::{Common, Port, TlsOptions, conclude, contains, phase_limits};
use super::{Check, Row};
use crate::metric::{CERTIFICATE_EXPIRY, CERTIFICATE_TRUSTED, PHASE, TLS_VERSION};
use crate::{Given, Metric, Network, Outcome, State};
use net::probe::{Failure, Link, Peer, Target, Watch};

static ANSWER_RIGHT: Metric =
    Metric::new("check_tcp_answer_right", "", "", "1 when everything expected came back, 0 when not.");

/// The row in the table.
pub(super) static ROW: Row = Row {
    name: "tcp",
    summary: "Somebody takes the connection to a port, and says what is expected",
    target: "`host:port`",
    options: &[
        "dns_max",
        "connect_max",
        "tls_max",
        "first_byte_max",
        "transfer_max",
        "address",
        "send",
        "expect",
        "tls",
        "verify",
        "ca",
        "certificate",
        "key",
        "server_name",
        "certificate_warning",
        "certificate_critical",
    ],
    metrics: &[&PHASE, &ANSWER_RIGHT, &CERTIFICATE_EXPIRY, &CERTIFICATE_TRUSTED, &TLS_VERSION],
    example: "target = \"cache.example:6379\"\nsend = 'PING\\r\\n'\nexpect = [\"+PONG\"]",
    open: |target, given| Ok(Box::new(Tcp::open(target, given)?)),
    labels: None,
};

/// Most bytes of an answer in which the expected texts are looked for.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// How much of a wrong answer is told, in bytes.
const TOLD_BYTES_MAX: usize = 80;

/// A port to check.
struct Tcp {
    port: Port,
    common: Common,
    tls: Option<TlsOptions>,
    send: Vec<u8>,
    expect: Vec<String>,
}

impl Tcp {
    fn open(target: &str, given: &dyn Given) -> Result<Self, String> {
        let mut common = Common::read(given)?;
        common.limits.phases = phase_limits(given);
        Ok(Self {
            port: Port::parse(target, None, given)?,
            common,
            tls: given.switch("tls").then(|| TlsOptions::read(given)).transpose()?,
            send: unescaped(given.text("send"))?,
            expect: given.texts("expect"),
        })
    }

    fn talk(
        &self,
        network: &Network<'_>,
        watch: &mut Watch,
        peer: &mut Peer,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let target = Target { family: self.common.family, ..self.port.target() };
        let secure = self.tls.as_ref().map(|tls| tls.secure(&self.port.host));
        let mut link = Link::dial(network.surroundings(), &target, secure.as_ref(), peer, watch)?;
        if !self.send.is_empty() {
            link.send(&self.send, watch)?;
        }
        if self.expect.is_empty() {
            return Ok(());
        }
        let mut seen = Vec::new();
        let mut is_enough = |seen: &[u8]| self.lacking(seen).is_none();
        let result = link.expect(&mut seen, ANSWER_BYTES_MAX, watch, &mut is_enough);
        let lacking = self.lacking(&seen);
        outcome.read(&ANSWER_RIGHT, "", f64::from(u8::from(lacking.is_none())));
        match lacking {
            // Silence is a matter of time; words are a matter of what they say.
            Some(text) if !seen.is_empty() => {
                let said = String::from_utf8_lossy(&seen[..seen.len().min(TOLD_BYTES_MAX)]);
                let said = said.escape_debug();
                let text = text.escape_debug();
                outcome.worsen(State::Critical, "answer", format!("`{text}` did not come back but `{said}`"));
            }
            Some(text) if matches!(result, Ok(false)) => {
                let text = text.escape_debug();
                outcome.worsen(
                    State::Critical,
                    "answer",
                    format!("closed the connection instead of saying `{text}`"),
                );
            }
            _ => return result.map(drop),
        }
        Ok(())
    }

    /// The first text that has not come.
    fn lacking(&self, seen: &[u8]) -> Option<&str> {
        self.expect.iter().find(|text| !contains(seen, text)).map(String::as_str)
    }
}

impl Check for Tcp {
    fn run(&self, network: &Network<'_>) -> Outcome {
        let (mut outcome, mut peer) = (Outcome::default(), Peer::default());
        let mut watch = Watch::start(self.common.limits);
        if let Err(failure) = self.talk(network, &mut watch, &mut peer, &mut outcome) {
            outcome.fail(&failure);
        }
        if let Some(tls) = &self.tls {
            tls.judge(&peer, network, &mut outcome);
        }
        outcome.time(&watch, self.common.time);
        let seconds = watch.elapsed().as_secs_f64();
        let what = if self.expect.is_empty() { "connected" } else { "answered as expected" };
        conclude(outcome, || format!("{what} in {seconds:.3} s"))
    }
}

/// Bytes from a text with `\r`, `\n`, `\t`, `\0` and `\\`.
fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let byte = match c {
            '\\' => match chars.next() {
                Some('r') => '\r',
                Some('n') => '\n',
                Some('t') => '\t',
                Some('0') => '\0',
                Some('\\') => '\\',
                other => {
                    return Err(format!(
                        "`send`: `\\{}` means nothing",
                        other.map_or(String::new(), String::from)
                    ));
                }
            },
            c => c,
        };
        bytes.extend_from_slice(byte.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{closed, run, serve, value};
    use super::*;
    use crate::Outcome;
    use std::io::{Read, Write};

    #[track_caller]
    fn fails(outcome: &Outcome, reason: &str, words: &str) {
        assert_eq!((outcome.state, outcome.reason), (State::Critical, reason), "{}", outcome.text);
        assert!(outcome.text.contains(words), "{}", outcome.text);
    }

    #[test]
    fn what_is_said_and_expected_decides() {
        let echo = serve(|mut socket| {
            let mut some = [0; 100];
            let _ = socket.write_all(b"hello\r\n");
            while let Ok(len @ 1..) = socket.read(&mut some) {
                let _ = socket.write_all(&some[..len]);
            }
        });
        let target = echo.to_string();
        let outcome = run("tcp", &target, []);
        assert!(
            outcome.state == State::Ok && outcome.text.starts_with("connected in 0."),
            "{}",
            outcome.text
        );
        assert_eq!(value(&outcome, "check_phase_seconds", "first_byte"), None);
        let outcome = run(
            "tcp",
            &target,
            [("send", "PI\\nNG\\\\"), ("expect", "hello\r\nPI\nNG\\".split('\r').next().unwrap())],
        );
        assert_eq!((outcome.state, value(&outcome, "check_tcp_answer_right", "")), (State::Ok, Some(1.0)));
        assert!(value(&outcome, "check_phase_seconds", "first_byte").is_some());
        let outcome = run("tcp", &target, [("send", "abc"), ("expect", "xyz"), ("timeout", "700ms")]);
        fails(&outcome, "answer", "`xyz` did not come back but `hello\\r\\n");
    }

    #[test]
    fn silence_refusal_and_a_closed_door_are_told_apart() {
        fails(&run("tcp", &closed().to_string(), []), "connect", "refused");
        let silent = serve(|mut socket| drop(socket.read(&mut [0; 9])));
        let options = [("expect", "x"), ("timeout", "50ms")];
        fails(
            &run("tcp", &silent.to_string(), options),
            "timeout",
            "waited 0.050 s in vain for the first byte",
        );
        fails(&run("tcp", &serve(drop).to_string(), [("expect", "x")]), "answer", "closed the connection");
        fails(&run("tcp", "a.nowhere:1", []), "dns", "no address");
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(unescaped("a\\r\\n\\t\\0\\\\é").unwrap(), "a\r\n\t\0\\é".as_bytes());
        assert!(unescaped("a\\x").unwrap_err().contains("`\\x` means nothing"));
        assert!(unescaped("\\").is_err());
    }
}
