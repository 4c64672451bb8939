//! Requests to Icinga's API.

use super::{Icinga, Stop};
use net::probe::{Answer, Family, Limits, Link, Peer, Question, Secure, Surroundings, Target, Watch};
use net::{Interrupt, Liveness, Request, Resolve};
use std::fmt;
use stdx::json::write_string;

/// Who we say we are.
const USER_AGENT: &str = concat!("windhover/", env!("CARGO_PKG_VERSION"));
/// Longest part of a refusal that is told, in bytes.
const REFUSAL_BYTES_MAX: usize = 300;

/// Why a question has no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// Icinga answered that it will not.
    Refused(String),
    /// There was no answer.
    Unanswered(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) | Self::Unanswered(why) => f.write_str(why),
        }
    }
}

/// Opens the stream of events.
pub(super) fn follow(
    icinga: &Icinga,
    resolver: &dyn Resolve,
    stop: &Stop,
) -> Result<net::probe::Following, String> {
    let mut watch = Watch::start(Limits::total(icinga.timeout));
    let link = dial(icinga, resolver, &stop.stream, &mut watch)?;
    let (body, login) = (subscription(icinga), login(icinga)?);
    let mut headers = headers(login.as_deref());
    headers.push(("Content-Type", "application/json"));
    let url = icinga.url.below("/v1/events");
    let request = Request { method: "POST", url: &url, headers: &headers, body: body.as_bytes() };
    let mut following =
        link.follow(&request, &Liveness::default(), &mut watch).map_err(|failure| failure.to_string())?;
    match following.response().status {
        200 => Ok(following),
        status => {
            let mut body = Vec::new();
            // What it says is nice to know, and no more.
            let _ = following.read(&mut body, watch.deadline());
            Err(refusal("/v1/events", status, &body))
        }
    }
}

/// Asks for objects that a filter of Icinga's picks, or for the status.
pub(super) fn ask(
    icinga: &Icinga,
    resolver: &dyn Resolve,
    stop: &Stop,
    path: &str,
    body: &str,
) -> Result<Vec<u8>, Failure> {
    let mut watch = Watch::start(Limits::total(icinga.timeout));
    let mut link = dial(icinga, resolver, &stop.questions, &mut watch).map_err(Failure::Unanswered)?;
    let login = login(icinga).map_err(Failure::Unanswered)?;
    let mut headers = headers(login.as_deref());
    headers.push(("Connection", "close"));
    if !body.is_empty() {
        // So a question may have a body.
        headers.extend([("X-HTTP-Method-Override", "GET"), ("Content-Type", "application/json")]);
    }
    let method = if body.is_empty() { "GET" } else { "POST" };
    let url = icinga.url.below(path);
    let request = Request { method, url: &url, headers: &headers, body: body.as_bytes() };
    let mut answer = Answer::default();
    let question = Question { request, body_bytes_max: icinga.body_bytes_max, keep_body: true };
    link.ask(&question, &mut answer, &mut watch)
        .map_err(|failure| Failure::Unanswered(format!("{path}: {failure}")))?;
    match answer.status {
        200 if answer.is_cut => Err(Failure::Refused(format!(
            "{path}: the answer is longer than {} bytes",
            icinga.body_bytes_max
        ))),
        200 => Ok(answer.response().body.to_vec()),
        status => Err(Failure::Refused(refusal(path, status, answer.response().body))),
    }
}

fn dial(
    icinga: &Icinga,
    resolver: &dyn Resolve,
    interrupt: &Interrupt,
    watch: &mut Watch,
) -> Result<Link, String> {
    let (around, url) = (Surroundings { resolver, interrupt }, &icinga.url);
    let whom = Target { host: &url.host, port: url.port, address: None, family: Family::Any };
    let server_name = if icinga.server_name.is_empty() { &url.host } else { &icinga.server_name };
    let secure = url.tls.then_some(Secure { tls: &icinga.tls, server_name, verify: icinga.verify });
    Link::dial(around, &whom, secure.as_ref(), &mut Peer::default(), watch)
        .map_err(|failure| failure.to_string())
}

/// The header that proves who we are; its files are read each time, so that a new secret counts at once.
fn login(icinga: &Icinga) -> Result<Option<String>, String> {
    icinga.login.as_ref().map(crate::Login::header).transpose()
}

fn headers(login: Option<&str>) -> Vec<(&str, &str)> {
    let mut headers = vec![("Accept", "application/json"), ("User-Agent", USER_AGENT)];
    headers.extend(login.map(|login| ("Authorization", login)));
    headers
}

fn subscription(icinga: &Icinga) -> String {
    let mut body = String::from("{\"queue\":");
    write_string(&mut body, &icinga.queue);
    body.push_str(",\"types\":[");
    for (at, kind) in icinga.types.iter().enumerate() {
        body.push_str(if at > 0 { "," } else { "" });
        write_string(&mut body, kind);
    }
    body.push(']');
    if !icinga.filter.is_empty() {
        body.push_str(",\"filter\":");
        write_string(&mut body, &icinga.filter);
    }
    body.push('}');
    body
}

fn refusal(path: &str, status: u16, body: &[u8]) -> String {
    let body = String::from_utf8_lossy(&body[..body.len().min(REFUSAL_BYTES_MAX)]);
    format!("{path}: answered {status}, expected 200: {}", body.trim())
}
