//! One connection taken step by step, each step timed and limited: what a check of a service does. A [`crate::Client`] gets
//! its request through whatever it takes; a probe wants to know what it took.
//!
//! ```text
//! Watch ── dns ── connect ── tls ── first byte ── transfer
//!          └───── Link::dial ────┘  └──── Link::ask ─────┘
//! ```
//!
//! A watch may have a limit for each phase beside that for all of it. Whoever stops the program ends a probe within a
//! moment through its [`Interrupt`].

mod ask;
mod dial;
mod follow;
mod link;
mod watch;

pub use ask::{Answer, Question};
pub use dial::{Family, Target};
pub use follow::{Following, Heard};
pub use link::Link;
pub use watch::{Failure, Limits, PHASES, Phase, Times, Watch};

use crate::tls::{Certificate, Tls};
use crate::{Interrupt, Resolve};

/// What a probe needs of its surroundings.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Who turns names into addresses.
    pub resolver: &'a dyn Resolve,
    /// How another thread gives the probe up.
    pub interrupt: &'a Interrupt,
}

/// How TLS is spoken.
#[derive(Debug, Clone, Copy)]
pub struct Secure<'a> {
    /// Whom to trust and who we are.
    pub tls: &'a Tls,
    /// The name that is asked for (SNI, unless it is an address) and that the certificate must have.
    pub server_name: &'a str,
    /// Whether a certificate that is not trusted ends the handshake.
    pub verify: bool,
}

/// What the other side of a TLS connection showed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Peer {
    /// The certificates it sent, its own first; those that cannot be read are left out.
    pub chain: Vec<Certificate>,
    /// Why the chain is not trusted, if it is not.
    pub problem: Option<String>,
    /// 1.2 or 1.3; 0 when the handshake did not get so far.
    pub version: f64,
}

impl Peer {
    /// When the first certificate of the chain runs out, in Unix seconds.
    pub fn expires_s(&self) -> Option<i64> {
        self.chain.iter().map(|certificate| certificate.not_after_s).min()
    }
}

#[cfg(test)]
mod tests;
