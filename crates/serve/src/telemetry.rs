//! What the server counts about itself.

use stdx::telemetry::{Counter, Gauge, Item, Labels};

pub(crate) static REQUESTS: Counter = Counter::new("windhover_serve_requests_total", "Requests answered.");
pub(crate) static REQUEST_BYTES: Counter =
    Counter::new("windhover_serve_request_bytes_total", "Body bytes received, before decompression.");
pub(crate) static LONG: Counter = Counter::new(
    "windhover_serve_requests_long_total",
    "Requests that took so long that another thread went on receiving meanwhile.",
);
pub(crate) static CONNECTIONS: Gauge = Gauge::new("windhover_serve_connections", "Connections open now.");
pub(crate) static REFUSED_CONNECTIONS: Counter = refused(&[("reason", "too many connections")]);
pub(crate) static REFUSED_ACCESS: Counter = refused(&[("reason", "not authorised")]);
pub(crate) static REFUSED_HANDSHAKES: Counter = refused(&[("reason", "no TLS handshake")]);
pub(crate) static REFUSED_TOO_LARGE: Counter = refused(&[("reason", "body too large")]);
pub(crate) static REFUSED_MALFORMED: Counter = refused(&[("reason", "body not decodable")]);
pub(crate) static REFUSED_SLOW: Counter = refused(&[("reason", "body too slow")]);
pub(crate) static REFUSED_BROKEN: Counter = refused(&[("reason", "body broke off")]);
pub(crate) static REFUSED_ROOM: Counter = refused(&[("reason", "too many bodies at once")]);
pub(crate) static REFUSED_HEADS: Counter = refused(&[("reason", "no HTTP")]);
pub(crate) static IDLE: Counter = Counter::new(
    "windhover_serve_idle_total",
    "Connections ended because no whole head of a request came in time.",
);
pub(crate) static UNREAD: Counter = Counter::new(
    "windhover_serve_unread_total",
    "Connections ended because the client did not take its answer.",
);
pub(crate) static PANICS: Counter =
    Counter::new("windhover_serve_panics_total", "Requests that failed by a defect in the program.");

const fn refused(labels: Labels) -> Counter {
    Counter::labelled("windhover_serve_refused_total", "Requests or connections turned away.", labels)
}

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&REQUESTS),
    Item::Counter(&REQUEST_BYTES),
    Item::Counter(&LONG),
    Item::Gauge(&CONNECTIONS),
    Item::Counter(&REFUSED_CONNECTIONS),
    Item::Counter(&REFUSED_ACCESS),
    Item::Counter(&REFUSED_HANDSHAKES),
    Item::Counter(&REFUSED_TOO_LARGE),
    Item::Counter(&REFUSED_MALFORMED),
    Item::Counter(&REFUSED_SLOW),
    Item::Counter(&REFUSED_BROKEN),
    Item::Counter(&REFUSED_ROOM),
    Item::Counter(&REFUSED_HEADS),
    Item::Counter(&IDLE),
    Item::Counter(&UNREAD),
    Item::Counter(&PANICS),
];
