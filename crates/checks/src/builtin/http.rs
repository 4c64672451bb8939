//! A page: does it answer, with the right status, in time, with the right words, under a certificate that holds?

mod body;
mod statuses;

use super::common::{Common, TlsOptions, conclude, ip, is_same_server, phase_limits};
use super::{Check, Row};
use crate::metric::{CERTIFICATE_EXPIRY, CERTIFICATE_TRUSTED, PHASE, TLS_VERSION};
use crate::{Given, Metric, Network, Outcome, State, telemetry};
use body::Body;
use net::probe::{Answer, Failure, Link, Peer, Question, Secure, Target, Watch};
use net::{Request, Tls, Url};
use statuses::Statuses;
use std::net::IpAddr;

static STATUS: Metric = Metric::new("check_http_status", "", "status", "Status of the last answer.");
static BODY_BYTES: Metric = Metric::new(
    "check_http_body_bytes",
    "bytes",
    "size",
    "Bytes of the body that were read, decoded from chunks.",
);
static REDIRECTS: Metric =
    Metric::new("check_http_redirects", "", "redirects", "Redirects that were followed.");
static BODY_RIGHT: Metric = Metric::new(
    "check_http_body_right",
    "",
    "",
    "1 when the body has what it should and nothing else, 0 when not.",
);

/// The row in the table.
pub(super) static ROW: Row = Row {
    name: "http",
    summary: "A page answers with the right status, in time, with the right words, under a certificate that holds",
    target: "a URL",
    options: &[
        "dns_max",
        "connect_max",
        "tls_max",
        "first_byte_max",
        "transfer_max",
        "address",
        "method",
        "headers",
        "body",
        "status",
        "redirects",
        "body_has",
        "body_lacks",
        "body_matches",
        "body_matches_not",
        "body_bytes_max",
        "verify",
        "ca",
        "certificate",
        "key",
        "server_name",
        "certificate_warning",
        "certificate_critical",
    ],
    metrics: &[
        &PHASE,
        &STATUS,
        &BODY_BYTES,
        &REDIRECTS,
        &BODY_RIGHT,
        &CERTIFICATE_EXPIRY,
        &CERTIFICATE_TRUSTED,
        &TLS_VERSION,
    ],
    example: "url = \"https://shop.example/health?full=1\"\ninterval = \"10s\"\nbody_has = [\"ready\"]\ntime_warning = \"500ms\"",
    open: |target, given| Ok(Box::new(Http::open(target, given)?)),
    labels: None,
};

/// Most redirects that may be followed.
const REDIRECTS_MAX: u64 = 20;
/// Most of a body that may be read, in bytes.
const BODY_BYTES_MAX: u64 = 64 << 20;
/// Who we say we are, unless told otherwise.
pub(super) const USER_AGENT: &str = concat!("windhover-check/", env!("CARGO_PKG_VERSION"));

/// A page to check.
#[derive(Debug)]
struct Http {
    url: Url,
    common: Common,
    tls: TlsOptions,
    address: Option<IpAddr>,
    method: String,
    headers: Vec<(String, String)>,
    send: String,
    statuses: Statuses,
    redirects_max: u64,
    body: Body,
    body_bytes_max: u64,
}

impl Http {
    fn open(target: &str, given: &dyn Given) -> Result<Self, String> {
        let mut common = Common::read(given)?;
        common.limits.phases = phase_limits(given);
        let method = given.text("method").to_ascii_uppercase();
        if method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-') {
            return Err(format!("`method`: `{method}` is not a method"));
        }
        let at_most =
            |name: &str, max: u64| match given.count(name).or_else(|| given.bytes(name)).unwrap_or(0) {
                n if n > max => Err(format!("`{name}` may be at most {max}")),
                n => Ok(n),
            };
        let headers = given.pairs("headers");
        if let Some((name, _)) = headers.iter().find(|(name, value)| !is_header(name, value)) {
            return Err(format!("`headers`: `{}` cannot be a header", name.escape_debug()));
        }
        Ok(Self {
            url: Url::parse_page(target)?,
            common,
            tls: TlsOptions::read(given)?,
            address: ip(given.text("address"), "address")?,
            method,
            headers,
            send: given.text("body").to_owned(),
            statuses: Statuses::parse(given.text("status"))?,
            redirects_max: at_most("redirects", REDIRECTS_MAX)?,
            body: Body::read(given)?,
            body_bytes_max: at_most("body_bytes_max", BODY_BYTES_MAX)?,
        })
    }

    /// Follows redirects to the last page; gives what was found there and how many there were.
    fn follow(
        &self,
        network: &Network<'_>,
        watch: &mut Watch,
        peer: &mut Peer,
        answer: &mut Answer,
    ) -> Followed {
        let mut hop = Hop { url: self.url.clone(), method: self.method.clone(), send: self.send.clone() };
        let mut count = 0;
        loop {
            if let Err(failure) = self.ask(&hop, network, watch, peer, answer) {
                return Followed { count, end: End::Failed(failure) };
            }
            let location = answer.response().header("location").unwrap_or("").to_owned();
            let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308) && !location.is_empty();
            if !is_redirect || self.redirects_max == 0 {
                return Followed { count, end: End::Page { location } };
            }
            if count == self.redirects_max {
                return Followed {
                    count,
                    end: End::Lost(format!("more than {count} redirects, the last to {location}")),
                };
            }
            count += 1;
            match hop.url.join(&location) {
                Ok(url) => hop.turn(url, answer.status),
                Err(why) => {
                    return Followed { count, end: End::Lost(format!("redirected to nowhere: {why}")) };
                }
            }
        }
    }

    /// One request and its answer.
    fn ask(
        &self,
        hop: &Hop,
        network: &Network<'_>,
        watch: &mut Watch,
        peer: &mut Peer,
        answer: &mut Answer,
    ) -> Result<(), Failure> {
        // What is meant for one server is not shown to another that it names.
        let is_own = is_same_server(&hop.url, &self.url);
        let stranger = Tls { identity: None, ..self.tls.tls.clone() };
        let secure = hop.url.tls.then(|| match is_own {
            true => self.tls.secure(&hop.url.host),
            false => Secure { tls: &stranger, server_name: &hop.url.host, verify: self.tls.verify },
        });
        let target = Target {
            host: &hop.url.host,
            port: hop.url.port,
            address: self.address.filter(|_| is_own),
            family: self.common.family,
        };
        let mut headers = vec![("Connection", "close"), ("Accept", "*/*")];
        let has = |name: &str| self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if !has("user-agent") {
            headers.push(("User-Agent", USER_AGENT));
        }
        if is_own {
            headers.retain(|(name, _)| !has(name));
            headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
        *peer = Peer::default();
        let mut link = Link::dial(network.surroundings(), &target, secure.as_ref(), peer, watch)?;
        let request =
            Request { method: &hop.method, url: &hop.url, headers: &headers, body: hop.send.as_bytes() };
        let question =
            Question { request, body_bytes_max: self.body_bytes_max, keep_body: self.body.is_looked_at() };
        link.ask(&question, answer, watch)
    }

    fn judge(&self, location: &str, answer: &Answer, outcome: &mut Outcome) {
        if !self.statuses.contain(answer.status) {
            let to = if location.is_empty() {
                String::new()
            } else {
                format!(" (redirects to {location}; `redirects` says how many to follow)")
            };
            let text = format!("answered {}{to}, expected {}", answer.status, self.statuses);
            outcome.worsen(State::Critical, "status", text);
        }
        if self.body.is_looked_at() {
            let problem = self.body.problem(answer.response().body, answer.is_cut);
            outcome.read(&BODY_RIGHT, "", f64::from(u8::from(problem.is_none())));
            if let Some(problem) = problem {
                outcome.worsen(State::Critical, "body", problem);
            }
        }
    }
}

impl Check for Http {
    fn run(&self, network: &Network<'_>) -> Outcome {
        let (mut peer, mut answer, mut outcome) = (Peer::default(), Answer::default(), Outcome::default());
        let mut watch = Watch::start(self.common.limits);
        let followed = self.follow(network, &mut watch, &mut peer, &mut answer);
        match &followed.end {
            End::Failed(failure) => outcome.fail(failure),
            End::Lost(why) => outcome.worsen(State::Critical, "redirect", why.clone()),
            End::Page { location } => self.judge(location, &answer, &mut outcome),
        }
        if answer.status > 0 {
            outcome.read(&STATUS, "", f64::from(answer.status));
            outcome.read(&BODY_BYTES, "", answer.body_bytes as f64);
            telemetry::BODIES_CUT.add(u64::from(answer.is_cut));
        }
        outcome.read(&REDIRECTS, "", followed.count as f64);
        self.tls.judge(&peer, network, &mut outcome);
        outcome.time(&watch, self.common.time);
        let seconds = watch.elapsed().as_secs_f64();
        conclude(outcome, || {
            format!("answered {} in {seconds:.3} s, {} bytes", answer.status, answer.body_bytes)
        })
    }
}

/// Where a redirect leads, and how it is asked for there.
struct Hop {
    url: Url,
    method: String,
    send: String,
}

impl Hop {
    // 303 asks for another page, and clients have long treated 301 and 302 after a POST the same (RFC 9110, 15.4).
    fn turn(&mut self, url: Url, status: u16) {
        self.url = url;
        if (status == 303 && self.method != "HEAD") || (matches!(status, 301 | 302) && self.method == "POST")
        {
            self.method = "GET".into();
            self.send.clear();
        }
    }
}

/// Where following redirects ended.
struct Followed {
    count: u64,
    end: End,
}

enum End {
    /// At a page; `location` is where it would redirect to.
    Page {
        location: String,
    },
    Lost(String),
    Failed(Failure),
}

fn is_header(name: &str, value: &str) -> bool {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(is_token) && !value.bytes().any(|b| b.is_ascii_control())
}

#[cfg(test)]
mod tests;
