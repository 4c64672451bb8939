//! Listeners and the HTTP server: limits, access, decompression, draining. What it serves is an ordinary blocking
//! [`Service`], called by the thread that was woken by the request; `http/turns.rs` says how nobody waits for it.

pub mod access;
pub mod body;
pub mod exchange;
pub mod http;
pub mod telemetry;
pub mod tls;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use access::Access;
pub use exchange::{Body, Events, Gone, Request, Response, Service};
pub use http::{Options, Server, start};
pub use tls::Tls;
