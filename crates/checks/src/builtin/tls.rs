//! A certificate: is it trusted, does it name the host, how long does it hold?

use super::common::{Common, Port, TlsOptions, conclude, phase_limits};
use super::{Check, Row};
use crate::metric::{CERTIFICATE_EXPIRY, CERTIFICATE_TRUSTED, PHASE, TLS_VERSION};
use crate::{Given, Network, Outcome};
use net::probe::{Link, Peer, Target, Watch};

/// The row in the table.
pub(super) static ROW: Row = Row {
    name: "tls",
    summary: "The certificate behind a port is trusted, names the host, and holds for some time yet",
    target: "`host` or `host:port`; port 443 when it is not said",
    options: &[
        "dns_max",
        "connect_max",
        "tls_max",
        "address",
        "verify",
        "ca",
        "certificate",
        "key",
        "server_name",
        "certificate_warning",
        "certificate_critical",
    ],
    metrics: &[&PHASE, &CERTIFICATE_EXPIRY, &CERTIFICATE_TRUSTED, &TLS_VERSION],
    example: "targets = [\"shop.example\", \"mail.example:993\"]\ninterval = \"1h\"\ncertificate_warning = \"30d\"",
    open: |target, given| Ok(Box::new(Certificate::open(target, given)?)),
    labels: None,
};

/// A certificate to check.
struct Certificate {
    port: Port,
    common: Common,
    tls: TlsOptions,
}

impl Certificate {
    fn open(target: &str, given: &dyn Given) -> Result<Self, String> {
        let mut common = Common::read(given)?;
        common.limits.phases = phase_limits(given);
        Ok(Self { port: Port::parse(target, Some(443), given)?, common, tls: TlsOptions::read(given)? })
    }
}

impl Check for Certificate {
    fn run(&self, network: &Network<'_>) -> Outcome {
        let (mut outcome, mut peer) = (Outcome::default(), Peer::default());
        let mut watch = Watch::start(self.common.limits);
        let target = Target { family: self.common.family, ..self.port.target() };
        let secure = self.tls.secure(&self.port.host);
        let link = Link::dial(network.surroundings(), &target, Some(&secure), &mut peer, &mut watch);
        if let Err(failure) = link {
            outcome.fail(&failure);
        }
        self.tls.judge(&peer, network, &mut outcome);
        outcome.time(&watch, self.common.time);
        let issuer = peer.chain.first().map_or("", |own| own.issuer.as_str()).to_owned();
        let days = peer
            .expires_s()
            .map_or(0.0, |at| (at as f64 - network.clock.now_ms() as f64 / 1000.0) / 86_400.0);
        conclude(outcome, || {
            format!("TLS {:.1}, signed by `{issuer}`, runs out in {days:.1} days", peer.version)
        })
    }
}

#[cfg(test)]
mod tests;
