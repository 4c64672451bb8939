//! One request to a target, within one deadline for all of it.

use crate::Job;
use crate::Target;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use net::probe::{Answer, Family, Limits, Link, Peer, Question, Secure, Surroundings, Watch};
use net::{Interrupt, Request, Resolve, Url};
use std::io::Read;
use std::path::PathBuf;

/// What we take, best first. Prometheus' protobuf is not among it: its text says the same.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
/// Who we say we are.
const USER_AGENT: &str = concat!("windhover/", env!("CARGO_PKG_VERSION"));
/// Most redirects that are followed for one page, as Go's client has it.
const REDIRECTS_MAX: usize = 10;
/// Longest secret in a file, in bytes.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// Who we are to a target. Files are read at every scrape, so that a new secret counts at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A user with the password in a file.
    Basic {
        /// The user.
        user: String,
        /// Where the password is.
        password_file: PathBuf,
    },
    /// A token in a file.
    Bearer {
        /// Where the token is.
        token_file: PathBuf,
    },
}

impl Login {
    /// The header `Authorization`.
    pub(crate) fn header(&self) -> Result<String, String> {
        match self {
            Self::Basic { user, password_file } => {
                let pair = format!("{user}:{}", secret(password_file)?);
                Ok(format!("Basic {}", BASE64_STANDARD.encode(pair)))
            }
            Self::Bearer { token_file } => Ok(format!("Bearer {}", secret(token_file)?)),
        }
    }
}

fn secret(file: &PathBuf) -> Result<String, String> {
    let mut text = String::new();
    let read = std::fs::File::open(file).and_then(|f| f.take(SECRET_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// What a target said.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) body: Vec<u8>,
    pub(crate) is_open_metrics: bool,
}

/// Asks a target; the error is for people.
pub(crate) fn ask(
    job: &Job,
    target: &Target,
    resolver: &dyn Resolve,
    interrupt: &Interrupt,
) -> Result<Said, String> {
    let mut watch = Watch::start(Limits::total(target.timeout));
    let around = Surroundings { resolver, interrupt };
    let mut url = target.url.clone();
    for _ in 0..=REDIRECTS_MAX {
        let answer = page(job, target, &url, around, &mut watch)?;
        let Some(to) = redirect(&answer).filter(|_| job.follow_redirects) else {
            return take(&answer, job.limits.body_bytes_max);
        };
        url = url.join(to).map_err(|why| format!("redirected to `{to}`: {why}"))?;
    }
    Err(format!("more than {REDIRECTS_MAX} redirects, the last to {}{}", url.authority(), url.path))
}

/// Asks for one page: the target's, or one that it sent us to. Only the target itself is told who we are.
fn page(
    job: &Job,
    target: &Target,
    url: &Url,
    around: Surroundings<'_>,
    watch: &mut Watch,
) -> Result<Answer, String> {
    let own = &target.url;
    let is_own = (url.tls, &url.host, url.port) == (own.tls, &own.host, own.port);
    let whom = net::probe::Target { host: &url.host, port: url.port, address: None, family: Family::Any };
    let name = if is_own && !job.server_name.is_empty() { &job.server_name } else { &url.host };
    let secure = url.tls.then_some(Secure { tls: &job.tls, server_name: name, verify: job.verify });
    let login = job.login.as_ref().filter(|_| is_own).map(Login::header).transpose()?;
    let timeout_s = target.timeout.as_secs_f64().to_string();
    let mut headers = vec![
        ("Accept", ACCEPT),
        ("Accept-Encoding", "gzip"),
        ("User-Agent", USER_AGENT),
        ("X-Prometheus-Scrape-Timeout-Seconds", &timeout_s),
        ("Connection", "close"),
    ];
    headers.extend(login.as_deref().map(|login| ("Authorization", login)));
    let request = Request { method: "GET", url, headers: &headers, body: &[] };
    let mut answer = Answer::default();
    let mut link = Link::dial(around, &whom, secure.as_ref(), &mut Peer::default(), watch)
        .map_err(|failure| failure.to_string())?;
    let question = Question { request, body_bytes_max: job.limits.body_bytes_max, keep_body: true };
    link.ask(&question, &mut answer, watch).map_err(|failure| failure.to_string())?;
    Ok(answer)
}

/// Where an answer sends us, if it does.
fn redirect(answer: &Answer) -> Option<&str> {
    matches!(answer.status, 301 | 302 | 303 | 307 | 308).then(|| answer.response().header("location"))?
}

fn take(answer: &Answer, body_bytes_max: u64) -> Result<Said, String> {
    let response = answer.response();
    if answer.status != 200 {
        let to = response.header("location").map(|to| format!(", {to}")).unwrap_or_default();
        return Err(format!("answered {}{to}, expected 200", answer.status));
    }
    if answer.is_cut {
        return Err(too_long(body_bytes_max));
    }
    let kind = response.header("content-type").unwrap_or_default();
    let is_open_metrics = kind.trim_start().starts_with("application/openmetrics-text");
    let body = match response.header("content-encoding").unwrap_or("identity") {
        "gzip" => unpack(response.body, body_bytes_max)?,
        "identity" | "" => response.body.to_vec(),
        other => return Err(format!("the page is packed as `{other}`, which was not asked for")),
    };
    Ok(Said { body, is_open_metrics })
}

fn unpack(packed: &[u8], max: u64) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut unpacked = GzDecoder::new(packed).take(max.saturating_add(1));
    unpacked.read_to_end(&mut body).map_err(|e| format!("the page is not packed as it says: {e}"))?;
    if body.len() as u64 > max { Err(too_long(max)) } else { Ok(body) }
}

fn too_long(max: u64) -> String {
    format!("the page is longer than {max} bytes (`body_max`)")
}
