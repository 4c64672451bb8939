//! A request at the service: who may, how its body is unpacked, what is answered when something is wrong.

use super::head::Head;
use super::known::shape;
use super::room::Taken;
use super::shared::Shared;
use super::turns::Lane;
use crate::body::{BodyError, inflate};
use crate::exchange::{Gone, Request, Response};
use crate::telemetry;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Who is at the other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) peer: SocketAddr,
    /// It showed a certificate that we trust.
    pub(super) is_known: bool,
}

/// A request whose body is still as it arrived.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
    pub(super) peer: SocketAddr,
    /// Until it is answered.
    pub(super) taken: Taken,
}

impl Received {
    /// What it is taken for, and its shape.
    pub(super) fn lane(&self, shared: &Shared) -> (Lane, u64) {
        let encoding = self.head.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        let stays_short = matches!(encoding, None | Some(b"snappy" | b"identity"));
        if stays_short && shared.service.is_brief(&self.head.path, self.body.len()) {
            return (Lane::Brief, 0);
        }
        let shape = shape(&self.head.path, &self.head.query, &self.body);
        (if shared.known.is_long(shape) { Lane::Long } else { Lane::Quick }, shape)
    }

    /// The answer of the service.
    pub(super) fn answer(self, shared: &Shared, gone: Gone) -> Response {
        let Self { head, body, peer, taken } = self;
        let answered = catch_unwind(AssertUnwindSafe(|| {
            let encoding = content_encoding(&head.headers);
            match inflate(&encoding, body, shared.options.inflated_bytes_max, &shared.bodies) {
                Ok(body) => shared.service.call(Request {
                    method: head.method,
                    path: head.path,
                    query: head.query,
                    headers: head.headers,
                    body,
                    peer,
                    gone,
                }),
                Err(error) => too_large(error),
            }
        }));
        drop(taken);
        answered.unwrap_or_else(|_| defect())
    }
}

fn content_encoding(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_ENCODING)
        .map_or(String::new(), |v| String::from_utf8_lossy(v.as_bytes()).into_owned())
}

pub(super) fn unauthorised() -> Response {
    telemetry::REFUSED_ACCESS.add(1);
    let text =
        "a token is needed: send `Authorization: Bearer TOKEN`, or the token as password of any user\n";
    Response::text(StatusCode::UNAUTHORIZED, text).with(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"Windhover\", charset=\"UTF-8\""),
    )
}

pub(super) fn no_room() -> Response {
    telemetry::REFUSED_ROOM.add(1);
    let text = "too many bodies at once; come again\n";
    Response::text(StatusCode::SERVICE_UNAVAILABLE, text)
        .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

pub(super) fn too_slow() -> Response {
    telemetry::REFUSED_SLOW.add(1);
    Response::text(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive\n")
}

pub(super) fn broken() -> Response {
    telemetry::REFUSED_BROKEN.add(1);
    Response::text(StatusCode::BAD_REQUEST, "the body broke off\n")
}

pub(super) fn too_large(error: BodyError) -> Response {
    let status = match error {
        BodyError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::UnknownEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        BodyError::Malformed(..) => StatusCode::BAD_REQUEST,
    };
    match error {
        BodyError::TooLarge(_) => telemetry::REFUSED_TOO_LARGE.add(1),
        _ => telemetry::REFUSED_MALFORMED.add(1),
    }
    Response::text(status, format!("{error}\n"))
}

pub(super) fn defect() -> Response {
    telemetry::PANICS.add(1);
    let text = "this request met a defect in Windhover; the log has the details\n";
    Response::text(StatusCode::INTERNAL_SERVER_ERROR, text)
}
