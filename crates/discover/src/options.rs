//! What a caller decides. Reading settings is the binary's business.

use crate::Sniffed;
use crate::plan::{Address, Ask};
use sniff::ring::Reach;
use std::path::PathBuf;

/// Choices of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Services that are followed, by name; all when empty.
    pub only: Vec<String>,
    /// Services that are not followed.
    pub without: Vec<String>,
    /// What administrators know of instances.
    pub known: Vec<Known>,
    /// Whose traffic is read off the wire.
    pub sniffed: Sniffed,
    /// How far the right to read traffic goes.
    pub reach: Reach,
}

/// What an administrator says of an instance, or of all instances of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Which service.
    pub service: String,
    /// The port it is asked at; of any when `None`.
    pub port: Option<u16>,
    /// The socket it is asked at; of any when empty.
    pub socket: String,
    /// User to be.
    pub user: String,
    /// File with the password.
    pub password_file: String,
    /// Not followed at all.
    pub is_left_out: bool,
    /// Whether TLS is spoken; as found when `None`.
    pub tls: Option<bool>,
    /// File of the authorities that vouch for it.
    pub ca_file: String,
    /// Files of our certificate and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Whether its traffic is read off the wire; as for other services when `None`.
    pub sniff: Option<bool>,
}

impl Options {
    /// Whether a service is wanted.
    pub fn wants(&self, service: &str) -> bool {
        let is_in = |names: &[String]| names.iter().any(|name| name == service);
        (self.only.is_empty() || is_in(&self.only)) && !is_in(&self.without)
    }

    /// What is known of how to ask this, if anything: the first that fits.
    pub fn known(&self, service: &str, ask: &Ask) -> Option<&Known> {
        self.known.iter().find(|known| known.service == service && known.fits(&ask.address))
    }
}

impl Known {
    /// Whether it speaks of the instance that listens at this port.
    pub(crate) fn has_port(&self, port: u16) -> bool {
        self.socket.is_empty() && self.port.is_none_or(|own| own == port)
    }

    fn fits(&self, address: &Address) -> bool {
        match address {
            Address::Tcp(address) => {
                self.port.is_none_or(|port| port == address.port()) && self.socket.is_empty()
            }
            Address::Unix(path) => {
                (self.socket.is_empty() || path.to_str() == Some(&self.socket)) && self.port.is_none()
            }
        }
    }
}
