//! The doors: which protocol speaks on which path, what is admitted, and what is answered. Ends in `&dyn Sink`.
//!
//! A request comes as an [`HttpPush`] whose body is already unpacked; [`Doors::http`] finds the row in
//! [`route::ROUTES`], has `wire` decode the body, gives the batch to the sink and answers in the manners of the
//! protocol: a good sample is kept even when its neighbour is bad, a bad one is counted and told, and "not now" is
//! said so that the sender comes again.

mod admit;
mod answer;
mod doors;
mod http;
pub mod native;
mod query;
pub mod route;
mod senders;
mod stats;
mod telemetry;

pub use admit::Options;
pub use doors::Doors;
pub use http::{Answer, HttpPush};
pub use query::EXTRA_LABELS_MAX;
pub use stats::{BAD_INPUTS_MAX, BadInput, DoorStats};
pub use telemetry::TELEMETRY;

#[cfg(test)]
mod tests;
