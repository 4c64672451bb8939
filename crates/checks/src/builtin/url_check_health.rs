//! Open-Falcon's `url.check.health`: 1 when a `HEAD` is answered with 200 in time, else 0, and nothing more. Its strategies
//! name the tags `url` and `timeout`, so these are as they were written; `src` is the host that asked.

use super::common::Common;
use super::{Check, Row};
use crate::{Given, Metric, Network, Outcome, State};
use net::probe::{Answer, Failure, Link, Peer, Question, Secure, Target, Watch};
use net::{Request, Tls, Url};
use std::time::Duration;

static HEALTH: Metric = Metric::new(
    "url.check.health",
    "",
    "health",
    "1 when the page answered a HEAD with 200 in time, else 0.",
);

/// The row in the table.
pub(super) static ROW: Row = Row {
    name: "url.check.health",
    summary: "Open-Falcon's check of a page: a HEAD is answered with 200 in time",
    target: "a URL",
    options: &[],
    metrics: &[&HEALTH],
    example: "url = \"http://shop.example/health\"\ntimeout = \"5s\"",
    open: |target, given| {
        whole_seconds(given)?;
        Ok(Box::new(Health { url: Url::parse_page(target)?, common: Common::read(given)? }))
    },
    labels: Some(|target, given, host| {
        let timeout = whole_seconds(given).unwrap_or_default().to_string();
        [("url", target), ("timeout", timeout.as_str()), ("src", host)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }),
};

/// Its timeout is a tag, in whole seconds.
fn whole_seconds(given: &dyn Given) -> Result<u64, String> {
    let timeout = given.duration("timeout").unwrap_or_default();
    match timeout.as_secs() {
        seconds if seconds > 0 && Duration::from_secs(seconds) == timeout => Ok(seconds),
        _ => Err("`timeout` must be whole seconds here, it is a tag".into()),
    }
}

struct Health {
    url: Url,
    common: Common,
}

impl Health {
    fn status(&self, network: &Network<'_>) -> Result<u16, Failure> {
        let tls = Tls::default();
        let secure = Secure { tls: &tls, server_name: &self.url.host, verify: true };
        let target =
            Target { host: &self.url.host, port: self.url.port, address: None, family: self.common.family };
        let mut watch = Watch::start(self.common.limits);
        let secure = self.url.tls.then_some(&secure);
        let mut link = Link::dial(network.surroundings(), &target, secure, &mut Peer::default(), &mut watch)?;
        let headers = [("Connection", "close"), ("Accept", "*/*"), ("User-Agent", super::http::USER_AGENT)];
        let request = Request { method: "HEAD", url: &self.url, headers: &headers, body: b"" };
        let mut answer = Answer::default();
        link.ask(&Question { request, body_bytes_max: 0, keep_body: false }, &mut answer, &mut watch)?;
        Ok(answer.status)
    }
}

impl Check for Health {
    fn run(&self, network: &Network<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        match self.status(network) {
            Ok(200) => outcome.text = "answered 200".into(),
            Ok(status) => {
                outcome.worsen(State::Critical, "status", format!("answered {status}, expected 200"));
            }
            Err(failure) => outcome.fail(&failure),
        }
        let is_healthy = outcome.state == State::Ok;
        outcome.read(&HEALTH, "", f64::from(u8::from(is_healthy)));
        outcome
    }
}
