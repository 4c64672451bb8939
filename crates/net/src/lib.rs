//! The network for programs that own no async runtime: a blocking HTTP/1.1 client that notices a dead link within
//! seconds without limiting how long an honest answer may take, TLS below it, and a name resolver of its own. Knows
//! nothing of samples.
//!
//! A request has no timeout of its own. Connecting and the TLS handshake have one each; after that the link is watched
//! by TCP keepalive *and* `TCP_USER_TIMEOUT` (see [`socket`]), because keepalive is silent while data is unacknowledged.

pub mod client;
pub mod dns;
pub mod error;
pub mod interrupt;
pub mod over;
pub mod probe;
pub mod resolve;
mod response;
pub mod socket;
mod stream;
pub mod tls;
pub mod url;

pub use client::{Client, Options, Request, TELEMETRY};
pub use error::Error;
pub use interrupt::Interrupt;
pub use over::Exchange;
pub use resolve::{Patience, Resolve};
pub use response::Response;
pub use socket::Liveness;
pub use tls::Tls;
pub use url::Url;
