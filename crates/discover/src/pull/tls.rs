//! TLS to services.
//!
//! A service of this host shows whatever certificate it has: one made at its installation, one of a company's own
//! authority, one for the name of a page and not for 127.0.0.1. To refuse these would leave most services unasked, and
//! to no gain: what goes to the host itself passes no wire. Whoever can take the place of a local service is on the host
//! already. So there nobody has to vouch, unless an authority is named; elsewhere somebody must.

use super::link::Wire;
use super::{Address, Error, Target};
use net::tls::{Identity, Secured};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// What to do about a service that lets in only those it can tell by a certificate.
pub(super) const NO_PAPERS: &str = "it wants a certificate from those who ask (TLS): name one it accepts, with its key, as \
                                    certificate_file and key_file of this service";

/// With whom hands are to be shaken, and until when.
pub struct Secure<'a> {
    /// The service.
    pub target: &'a Target,
    /// Where it is.
    pub address: &'a Address,
    /// When the handshake must be over.
    pub deadline: Instant,
}

impl Secure<'_> {
    fn is_at_home(&self) -> bool {
        let is_here = match self.address {
            Address::Path(_) => true,
            Address::Tcp(host, _) => {
                host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            }
        };
        is_here || self.target.papers.is_at_home
    }

    fn host(&self) -> &str {
        match (self.target.host.as_str(), self.address) {
            ("", Address::Tcp(host, _)) => host,
            ("", Address::Path(_)) => "localhost",
            (host, _) => host,
        }
    }
}

/// TLS over a wire, as the target says.
pub(super) fn over(wire: Box<dyn Wire>, how: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
    let papers = &how.target.papers;
    let has_authority = !papers.ca_file.as_os_str().is_empty();
    let identity = papers.identity.clone();
    let tls = net::Tls {
        ca_file: has_authority.then(|| papers.ca_file.clone()),
        only_ca_file: has_authority,
        identity: identity.map(|(certificate_file, key_file)| Identity { certificate_file, key_file }),
    };
    let timed = Timed { wire, deadline: how.deadline };
    let verify = has_authority || !how.is_at_home();
    Ok(Box::new(Encrypted(tls.over(timed, how.host(), verify)?)))
}

/// What a handshake failed of, with what helps.
pub(super) fn failed(why: &str) -> Error {
    let remedy = match why {
        _ if why.contains("CertificateRequired") => return Error::Denied(NO_PAPERS.to_owned()),
        _ if why.contains("UnknownIssuer") || why.contains("BadSignature") => {
            "; name the authority that vouches for it as ca_file of this service"
        }
        _ if why.contains("NotValidForName") => "; ask it by the name its certificate is for",
        // What answers to a greeting of TLS in its own words.
        _ if why.contains("InvalidContentType") || why.contains("corrupt message") => {
            "; does it speak TLS there?"
        }
        _ => "",
    };
    Error::Connect(format!("TLS: {why}{remedy}"))
}

/// A wire whose every read and write ends at a deadline.
struct Timed {
    wire: Box<dyn Wire>,
    deadline: Instant,
}

impl Timed {
    fn limit(&mut self) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.wire.limit(left.max(Duration::from_millis(1)))
    }
}

impl Read for Timed {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.limit()?;
        self.wire.read(to)
    }
}

impl Write for Timed {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.limit()?;
        self.wire.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wire.flush()
    }
}

struct Encrypted(Secured<Timed>);

impl Read for Encrypted {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl Write for Encrypted {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.0.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Wire for Encrypted {
    fn limit(&mut self, within: Duration) -> io::Result<()> {
        self.0.get_mut().deadline = Instant::now() + within;
        Ok(())
    }

    fn secure(self: Box<Self>, _: &Secure<'_>) -> Result<Box<dyn Wire>, Error> {
        Err(Error::malformed("TLS within TLS"))
    }
}
