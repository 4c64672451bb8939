//! One connection: from bytes to a call of the service and back.

use super::Options;
use super::room::{Room, Taken};
use crate::access::Access;
use crate::body::pool::Pool;
use crate::body::{BodyError, inflate};
use crate::exchange::{Body, Events, Gone, Request, Response, Service};
use crate::telemetry;
use crate::tls::Tls;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc, watch};

type Outgoing = hyper::Response<BoxBody<Bytes, Infallible>>;
type Connection<S> = hyper::server::conn::http1::Connection<TokioIo<S>, Calls>;

/// Who is at the other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) peer: SocketAddr,
    /// It showed a certificate that we trust.
    pub(super) is_known: bool,
}

/// What all connections share.
pub(super) struct Shared {
    service: Arc<dyn Service>,
    pub(super) options: Options,
    bodies: Arc<Pool>,
    room: Arc<Room>,
    access: Arc<RwLock<Access>>,
    pub(super) tls: Arc<RwLock<Option<Tls>>>,
    calls: Arc<Semaphore>,
    /// Held by the one brief call that is answered on a thread that moves bytes; see [`super::MOVERS`].
    brief: Mutex<()>,
    stopped: watch::Receiver<bool>,
}

impl Shared {
    pub(super) fn new(
        service: Arc<dyn Service>,
        options: Options,
        access: Arc<RwLock<Access>>,
        tls: Arc<RwLock<Option<Tls>>>,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let calls = Arc::new(Semaphore::new(options.calls_max));
        let (brief, room) = (Mutex::default(), Room::new(options.bodies_bytes_max));
        Self { service, options, bodies: Arc::default(), room, access, tls, calls, brief, stopped }
    }

    fn allows(&self, caller: Caller, headers: &HeaderMap) -> bool {
        caller.is_known
            || self.access.read().unwrap_or_else(PoisonError::into_inner).allows(caller.peer, headers)
    }
}

/// The requests of one connection.
pub(super) struct Calls {
    caller: Caller,
    shared: Arc<Shared>,
}

impl hyper::service::Service<hyper::Request<Incoming>> for Calls {
    type Response = Outgoing;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Outgoing, Infallible>> + Send>>;

    fn call(&self, request: hyper::Request<Incoming>) -> Self::Future {
        let (caller, shared) = (self.caller, self.shared.clone());
        Box::pin(async move { Ok(answer(request, caller, &shared).await) })
    }
}

/// The future that serves one connection to its end.
pub(super) fn serve<S>(stream: S, caller: Caller, shared: Arc<Shared>) -> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.options.head_timeout)
        .serve_connection(TokioIo::new(stream), Calls { caller, shared })
}

async fn answer(request: hyper::Request<Incoming>, caller: Caller, shared: &Arc<Shared>) -> Outgoing {
    telemetry::REQUESTS.add(1);
    if !shared.allows(caller, request.headers()) {
        telemetry::REFUSED_ACCESS.add(1);
        return send(unauthorised(), shared);
    }
    match receive(request, caller.peer, shared).await {
        Ok(received) => send(call(received, shared).await, shared),
        Err(response) => send(response, shared),
    }
}

fn unauthorised() -> Response {
    let text =
        "a token is needed: send `Authorization: Bearer TOKEN`, or the token as password of any user\n";
    Response::text(StatusCode::UNAUTHORIZED, text).with(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"Windhover\", charset=\"UTF-8\""),
    )
}

/// A request whose body is still as it arrived.
struct Received {
    head: Parts,
    body: Bytes,
    peer: SocketAddr,
    /// Until it is answered.
    taken: Taken,
}

async fn receive(
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    shared: &Shared,
) -> Result<Received, Response> {
    let (head, body) = request.into_parts();
    let mut taken = Taken::nothing(&shared.room);
    let body = collect(body, shared.options.body_bytes_max, &mut taken);
    let body = match tokio::time::timeout(shared.options.body_timeout, body).await {
        Ok(body) => body?,
        Err(_) => {
            telemetry::REFUSED_SLOW.add(1);
            return Err(Response::text(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive\n"));
        }
    };
    telemetry::REQUEST_BYTES.add(body.len() as u64);
    Ok(Received { head, body, peer, taken })
}

/// A body as it arrives: bounded by itself, and together with all others.
async fn collect(body: Incoming, bytes_max: usize, taken: &mut Taken) -> Result<Bytes, Response> {
    let (mut body, mut first, mut whole) = (Limited::new(body, bytes_max), Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let piece = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(e) if e.is::<LengthLimitError>() => return Err(too_large(BodyError::TooLarge(bytes_max))),
            Err(_) => {
                telemetry::REFUSED_BROKEN.add(1);
                return Err(Response::text(StatusCode::BAD_REQUEST, "the body broke off\n"));
            }
        };
        if !taken.more(piece.len()) {
            return Err(no_room());
        }
        // Most bodies come in one piece, which is not copied. Of many, none is kept: the smallest would cost as much as a
        // large one.
        if first.is_empty() && whole.is_empty() {
            first = piece;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&piece);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

fn no_room() -> Response {
    telemetry::REFUSED_ROOM.add(1);
    let text = "too many bodies at once; come again\n";
    Response::text(StatusCode::SERVICE_UNAVAILABLE, text)
        .with(header::RETRY_AFTER, HeaderValue::from_static("5"))
}

impl Received {
    /// Whether it may be answered where it arrived: it is short, and stays so when it is unpacked.
    fn is_brief(&self, service: &dyn Service) -> bool {
        let encoding = self.head.headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        matches!(encoding, None | Some(b"snappy" | b"identity"))
            && service.is_brief(self.head.uri.path(), self.body.len())
    }

    /// Undoes the compression. This takes its time, and is not for the threads that move bytes.
    fn unpack(self, shared: &Shared) -> Result<Request, BodyError> {
        let Self { head, body, peer, .. } = self;
        let encoding = content_encoding(&head.headers);
        let body = inflate(&encoding, body, shared.options.inflated_bytes_max, &shared.bodies);
        Ok(Request {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or("").to_owned(),
            headers: head.headers,
            body: body?,
            peer,
            gone: Gone::default(),
        })
    }
}

fn content_encoding(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_ENCODING)
        .map_or(String::new(), |v| String::from_utf8_lossy(v.as_bytes()).into_owned())
}

fn too_large(error: BodyError) -> Response {
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

async fn call(received: Received, shared: &Arc<Shared>) -> Response {
    if received.is_brief(&*shared.service)
        && let Ok(_turn) = shared.brief.try_lock()
    {
        telemetry::BRIEF.add(1);
        return std::panic::catch_unwind(AssertUnwindSafe(|| work(received, shared, Gone::default())))
            .unwrap_or_else(|_| defect());
    }
    let permit = shared.calls.clone().acquire_owned().await;
    let with = shared.clone();
    // A client that closes its connection has this future dropped where it waits; the thread can only be told.
    let gone = Gone::default();
    let _leaving = gone.on_drop();
    let called = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work(received, &with, gone)
    });
    called.await.unwrap_or_else(|_| defect())
}

fn work(mut received: Received, shared: &Shared, gone: Gone) -> Response {
    let _until_answered = std::mem::replace(&mut received.taken, Taken::nothing(&shared.room));
    let request = received.unpack(shared).map(|request| Request { gone, ..request });
    request.map_or_else(too_large, |request| shared.service.call(request))
}

fn defect() -> Response {
    telemetry::PANICS.add(1);
    let text = "this request met a defect in Windhover; the log has the details\n";
    Response::text(StatusCode::INTERNAL_SERVER_ERROR, text)
}

fn send(response: Response, shared: &Arc<Shared>) -> Outgoing {
    let body = match response.body {
        Body::Full(bytes) => Full::new(Bytes::from(bytes)).boxed(),
        Body::Static(bytes) => Full::new(Bytes::from_static(bytes)).boxed(),
        Body::Events(events) => stream(events, shared),
    };
    let mut outgoing = hyper::Response::new(body);
    *outgoing.status_mut() = response.status;
    *outgoing.headers_mut() = response.headers;
    outgoing
}

/// Pieces wait here when the client reads slowly; a full channel skips a beat instead of growing.
const PIECES_WAITING_MAX: usize = 2;

fn stream(events: Events, shared: &Arc<Shared>) -> BoxBody<Bytes, Infallible> {
    let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, Infallible>>(PIECES_WAITING_MAX);
    let (calls, mut stopped) = (shared.calls.clone(), shared.stopped.clone());
    tokio::spawn(async move {
        let Events { every, mut next } = events;
        let mut beat = tokio::time::interval(every);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                _ = beat.tick() => {}
                _ = stopped.changed() => return,
                () = sender.closed() => return,
            }
            let Ok(permit) = calls.clone().acquire_owned().await else { return };
            let made = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let piece = next();
                (next, piece)
            });
            let Ok((returned, Some(piece))) = made.await else { return };
            next = returned;
            if !piece.is_empty() && sender.send(Ok(Frame::data(Bytes::from(piece)))).await.is_err() {
                return;
            }
        }
    });
    StreamBody::new(Receiving(receiver)).boxed()
}

/// The receiving end as a stream, which saves a dependency for four lines.
struct Receiving(mpsc::Receiver<Result<Frame<Bytes>, Infallible>>);

impl futures_core::Stream for Receiving {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
