//! A request at the HTTP port, taken to the door on its path: the same for servers and relays.

use ingest::{Doors, HttpPush};
use serve::{HeaderName, HeaderValue, Request, Response, StatusCode};

/// Samples in a body up to this length are taken within a millisecond or so. An agent of one host sends some KiB at a
/// time, remote write with 2,000 samples about 100.
pub const BRIEF_BODY_BYTES_MAX: usize = 128 << 10;

/// What the door answers; `None` where there is none on this path.
pub fn answer(doors: &Doors, request: &Request) -> Option<Response> {
    let push = HttpPush {
        method: request.method.as_str(),
        path: &request.path,
        query: &request.query,
        content_type: request.header("content-type").unwrap_or(""),
        body: &request.body,
        peer: Some(request.peer.ip()),
        header: &|name| request.header(name).map(str::to_owned),
    };
    let answer = doors.http(&push)?;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(status, answer.content_type, answer.body);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response = response.with(HeaderName::from_static(name), value);
        }
    }
    Some(response)
}
