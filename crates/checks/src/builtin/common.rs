//! Options that several checks have, and what these find.

use crate::metric::{CERTIFICATE_EXPIRY, CERTIFICATE_TRUSTED, TLS_VERSION};
use crate::outcome::Bounds;
use crate::{Given, Network, Outcome, State};
use net::probe::{Family, Limits, Peer, Secure, Target};
use net::tls::Identity;
use net::{Tls, Url};
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Longest time a check may be given.
const TIMEOUT_MAX: Duration = Duration::from_secs(600);

/// What every check is told.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) limits: Limits,
    pub(super) family: Family,
    /// When it takes too long, in seconds.
    pub(super) time: Bounds,
}

impl Common {
    pub(super) fn read(given: &dyn Given) -> Result<Self, String> {
        let total = given.duration("timeout").unwrap_or_default();
        if total.is_zero() || total > TIMEOUT_MAX {
            return Err(format!("`timeout` must be more than 0 and at most {} s", TIMEOUT_MAX.as_secs()));
        }
        let family = match given.text("family") {
            "4" => Family::V4,
            "6" => Family::V6,
            _ => Family::Any,
        };
        let seconds = |name: &str| given.duration(name).map(|time| time.as_secs_f64());
        let time =
            Bounds { warning: seconds("time_warning"), critical: seconds("time_critical"), is_floor: false };
        Ok(Self { limits: Limits::total(total), family, time })
    }
}

/// The limits of the single phases.
pub(super) const PHASES_MAX: [&str; 5] =
    ["dns_max", "connect_max", "tls_max", "first_byte_max", "transfer_max"];

pub(super) fn phase_limits(given: &dyn Given) -> [Option<Duration>; 5] {
    PHASES_MAX.map(|name| given.duration(name))
}

/// How TLS is spoken and judged.
#[derive(Debug, Clone)]
pub(super) struct TlsOptions {
    pub(super) tls: Tls,
    pub(super) verify: bool,
    /// "" stands for the host.
    server_name: String,
    /// How long a certificate must still be valid, in seconds.
    expiry: Bounds,
}

impl TlsOptions {
    pub(super) fn read(given: &dyn Given) -> Result<Self, String> {
        let path = |name: &str| Some(given.text(name)).filter(|text| !text.is_empty()).map(PathBuf::from);
        let identity = match (path("certificate"), path("key")) {
            (Some(certificate_file), Some(key_file)) => Some(Identity { certificate_file, key_file }),
            (None, None) => None,
            _ => return Err("`certificate` and `key` go together".into()),
        };
        let seconds = |name: &str| given.duration(name).map(|time| time.as_secs_f64());
        Ok(Self {
            tls: Tls { ca_file: path("ca"), only_ca_file: false, identity },
            verify: given.switch("verify"),
            server_name: given.text("server_name").to_owned(),
            expiry: Bounds {
                warning: seconds("certificate_warning"),
                critical: Some(seconds("certificate_critical").unwrap_or(0.0)),
                is_floor: true,
            },
        })
    }

    pub(super) fn secure<'a>(&'a self, host: &'a str) -> Secure<'a> {
        let server_name = if self.server_name.is_empty() { host } else { &self.server_name };
        Secure { tls: &self.tls, server_name, verify: self.verify }
    }

    /// Adds what the server showed, and what to think of it.
    pub(super) fn judge(&self, peer: &Peer, network: &Network<'_>, outcome: &mut Outcome) {
        if peer.version > 0.0 {
            outcome.read(&TLS_VERSION, "", peer.version);
        }
        if peer.chain.is_empty() && peer.problem.is_none() {
            return;
        }
        outcome.read(&CERTIFICATE_TRUSTED, "", f64::from(u8::from(peer.problem.is_none())));
        let Some(expires_s) = peer.expires_s() else { return };
        let left_s = expires_s as f64 - network.clock.now_ms() as f64 / 1000.0;
        let first = peer.chain.iter().find(|certificate| certificate.not_after_s == expires_s);
        let whose = first.map_or("", |certificate| certificate.subject.as_str());
        let text = if left_s < 0.0 {
            format!("the certificate of `{whose}` ran out {:.1} days ago", -left_s / 86_400.0)
        } else {
            format!("the certificate of `{whose}` runs out in {:.1} days", left_s / 86_400.0)
        };
        // Who looks away from trust looks away from expiry too, unless asked to warn.
        let bounds = if self.verify { self.expiry } else { Bounds { critical: None, ..self.expiry } };
        outcome.judge(&CERTIFICATE_EXPIRY, left_s, bounds, "certificate", text);
    }
}

/// A port of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) host: String,
    port: u16,
    address: Option<IpAddr>,
}

impl Port {
    /// Reads `host:port`, `host` where a port goes without saying, or an IPv6 address in brackets.
    pub(super) fn parse(target: &str, default: Option<u16>, given: &dyn Given) -> Result<Self, String> {
        let refuse = || match default {
            Some(_) => {
                format!("`{target}` is neither `host` nor `host:port` (IPv6 addresses go into brackets)")
            }
            None => format!("`{target}` is not `host:port` (IPv6 addresses go into brackets)"),
        };
        // The host of a page's address is the same thing.
        let has_port =
            target.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let url = Url::parse(&format!("http://{target}")).ok().filter(|url| url.path == "/");
        let url = url.filter(|_| !target.ends_with('/')).ok_or_else(refuse)?;
        let port = if has_port { url.port } else { default.ok_or_else(refuse)? };
        Ok(Self { host: url.host, port, address: ip(given.text("address"), "address")? })
    }

    pub(super) fn target(&self) -> Target<'_> {
        Target { host: &self.host, port: self.port, address: self.address, family: Family::Any }
    }
}

/// Whether `text` is found in `bytes`.
pub(super) fn contains(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// Whether two addresses lead to the same server.
pub(super) fn is_same_server(a: &Url, b: &Url) -> bool {
    (a.tls, &a.host, a.port) == (b.tls, &b.host, b.port)
}

/// Reads an IP address; `None` for "".
pub(super) fn ip(text: &str, name: &str) -> Result<Option<IpAddr>, String> {
    match text.trim_matches(['[', ']']) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("`{name}`: `{text}` is not an IP address")),
    }
}

/// What a state is said to be in a sentence: the first one that went wrong, or `good`.
pub(super) fn conclude(mut outcome: Outcome, good: impl FnOnce() -> String) -> Outcome {
    if outcome.state == State::Ok {
        outcome.text = good();
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::super::tests::Options;
    use super::*;

    #[test]
    fn ports_of_hosts_are_read() {
        let read = |target: &str, default| {
            Port::parse(target, default, &Options::default()).ok().map(|port| (port.host, port.port))
        };
        let some = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read("A.example:25", None), some("a.example", 25));
        assert_eq!(read("[::1]:25", None), some("::1", 25));
        assert_eq!(read("a:80", Some(443)), some("a", 80));
        assert_eq!(read("a", Some(443)), some("a", 443));
        assert_eq!(read("[::1]", Some(443)), some("::1", 443));
        for wrong in ["", "a", "a:", "a:0", "a:65536", "a:b", "a:25/", "a:25/x", "u@a:25", "::1:25"] {
            assert_eq!(read(wrong, None), None, "{wrong}");
        }
    }
}
