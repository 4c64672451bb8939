//! TLS by rustls on the bare socket (its smallest form): whom to trust, and who we are.

#[cfg(feature = "tls")]
mod inspect;
#[cfg(feature = "tls")]
mod over;
#[cfg(feature = "tls")]
mod session;

#[cfg(feature = "tls")]
pub(crate) use inspect::inspect;
#[cfg(feature = "tls")]
pub use over::Secured;
#[cfg(feature = "tls")]
pub(crate) use session::Sessions;
pub use stdx::x509::Certificate;

use std::path::PathBuf;

/// Whom to trust and who we are.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// A PEM file with certificates of authorities to trust besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// Trust only `ca_file`, not the public authorities.
    pub only_ca_file: bool,
    /// PEM files with our own certificate chain and its key, for servers that ask for one.
    pub identity: Option<Identity>,
}

/// Who we are to a server that asks.
#[derive(Debug, Clone)]
pub struct Identity {
    /// PEM file with the certificate chain, our own first.
    pub certificate_file: PathBuf,
    /// PEM file with the private key.
    pub key_file: PathBuf,
}
