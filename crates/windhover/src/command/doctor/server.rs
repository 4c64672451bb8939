//! Each server: connection, TLS, token, clock, and whether it hears this host.

use super::{Finding, servers};
use crate::settings::Settings;
use net::url::encode;
use net::{Client, Interrupt, Options, Patience, Request, Tls, Url};
use std::net::TcpStream;
use std::time::{Duration, Instant, UNIX_EPOCH};
use stdx::clock::{Clock, SystemClock};

/// How long each address may take to answer.
const CONNECT: Duration = Duration::from_secs(5);
/// A difference that is told, in seconds: dates of HTTP are whole ones.
const CLOCKS_APART_S_MAX: i64 = 2;

pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let urls = servers(settings);
    urls.iter().filter_map(|url| Url::parse(url).ok()).flat_map(|url| ask(settings, &url)).collect()
}

fn ask(settings: &Settings, url: &Url) -> Vec<Finding> {
    let connected = connect(url);
    let is_reached = connected.iter().any(|finding| finding.verdict == super::Verdict::Fine);
    let mut findings = connected;
    if is_reached {
        findings.extend(speak(settings, url));
    }
    findings
}

fn connect(url: &Url) -> Vec<Finding> {
    let resolver = Options::default().resolver;
    let addresses =
        resolver.resolve(&url.host, url.port, Patience::usual(&Interrupt::default())).unwrap_or_default();
    let look = |address| {
        let start = Instant::now();
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(_) => {
                Finding::fine(format!("{address} takes connections ({} ms)", start.elapsed().as_millis()))
            }
            Err(e) => Finding::broken(
                format!("{address} takes no connection: {e}"),
                "is the server running and listening on that address, and does a firewall let us through?",
            ),
        }
    };
    addresses.into_iter().map(look).collect()
}

/// Asks for the one thing that needs a token, tells the time and knows this host.
fn speak(settings: &Settings, url: &Url) -> Vec<Finding> {
    let tls = Tls { ca_file: settings.path("agent.ca_file"), ..Tls::default() };
    let mut client = Client::new(Options { tls, ..Options::default() });
    let authorization = crate::role::token(settings).ok().flatten().map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
    let host = crate::role::host_name(settings);
    let asked = url.below(&format!("/api/v1/path/trace?name={}", encode(&host)));
    let request = Request { method: "GET", url: &asked, headers: &headers, body: b"" };
    match client.send(&request) {
        Err(e) => vec![Finding::broken(format!("{}: {e}", url.authority()), remedy(&e))],
        Ok(answer) => {
            let mut findings = vec![status(answer.status, url)];
            findings.extend(answer.header("Date").and_then(clock));
            findings.extend(heard(answer.status, answer.body));
            findings
        }
    }
}

fn remedy(error: &net::Error) -> &'static str {
    match error {
        net::Error::Tls(_) => "name the authority of the server's certificate with `agent.ca_file`",
        net::Error::Malformed(_) => "is this address the one of a Windhover server, and http or https?",
        _ => "look at the server's log",
    }
}

fn status(status: u16, url: &Url) -> Finding {
    let server = url.authority();
    match status {
        200 => Finding::fine(format!(
            "{server} answers and lets us in{}",
            if url.tls { ", over TLS" } else { "" }
        )),
        401 | 403 => Finding::broken(
            format!("{server} does not let us in ({status})"),
            "the token in `agent.token_file` must be one of the server's `access.token_file`",
        ),
        404 => Finding::broken(
            format!("{server} is no Windhover server (404)"),
            "check the address and the port",
        ),
        _ => Finding::broken(format!("{server} answered {status}"), "look at the server's log"),
    }
}

/// Compares our clock with the server's, which late samples are judged by.
fn clock(date: &str) -> Option<Finding> {
    let theirs = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let apart_s = SystemClock.now_ms().div_euclid(1000) - theirs.as_secs() as i64;
    Some(if apart_s.abs() > CLOCKS_APART_S_MAX {
        let (by, how) = (apart_s.abs(), if apart_s > 0 { "ahead of" } else { "behind" });
        Finding::doubtful(format!("our clock is {by} s {how} the server's"), "let both follow a time server")
    } else {
        Finding::fine("our clock and the server's agree")
    })
}

/// What the server says of this host, in its own words.
fn heard(status: u16, body: &[u8]) -> Option<Finding> {
    let text = std::str::from_utf8(body).ok().filter(|_| status == 200)?;
    let (_, verdict) = text.split_once("\"verdict\":\"")?;
    let verdict = verdict.split_once('"')?.0;
    Some(if verdict.contains("arrives") {
        Finding::fine(format!("it says: {verdict}"))
    } else {
        Finding::doubtful(
            format!("it says: {verdict}"),
            "is the agent running? (`systemctl status windhover-agent`)",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::Verdict;

    #[test]
    fn answers_become_findings() {
        let url = Url::parse("http://mon:9463").unwrap();
        assert_eq!(status(200, &url).verdict, Verdict::Fine);
        assert!(status(401, &url).remedy.contains("token"));
        assert_eq!(status(500, &url).verdict, Verdict::Broken);
        let body = br#"{"name":"a","verdict":"The host a arrives and is stored."}"#;
        assert_eq!(heard(200, body).unwrap().verdict, Verdict::Fine);
        assert_eq!(heard(200, br#"{"verdict":"Nobody knows a."}"#).unwrap().verdict, Verdict::Doubtful);
    }

    #[test]
    fn a_clock_that_is_off_is_told() {
        assert_eq!(clock("Sun, 06 Nov 1994 08:49:37 GMT").unwrap().verdict, Verdict::Doubtful);
        assert_eq!(clock("yesterday"), None);
    }
}
