//! What a new connection turns out to be: plain, or TLS and then maybe from somebody with a certificate.

use super::connection::{self, Caller, Shared};
use crate::telemetry;
use crate::tls::Tls;
use hyper_util::server::graceful::Watcher;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// First byte of a TLS handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

/// What somebody is told who speaks plain HTTP to an https address. People type addresses without their scheme.
const SPEAKS_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
    this address speaks https\n";

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, watcher: Watcher) {
    // Small answers must not wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let tls = shared.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
    let caller = Caller { peer, is_known: false };
    match tls {
        None => plain(stream, caller, shared, watcher).await,
        Some(tls) => match first_byte(&stream, &shared).await {
            Some(HANDSHAKE) => secured(stream, tls, caller, shared, watcher).await,
            // The commands of this machine's own users need no certificate that says 127.0.0.1.
            Some(_) if peer.ip().to_canonical().is_loopback() => plain(stream, caller, shared, watcher).await,
            Some(_) => refuse(stream).await,
            None => {}
        },
    }
}

async fn first_byte(stream: &TcpStream, shared: &Shared) -> Option<u8> {
    let mut byte = [0];
    match timeout(shared.options.head_timeout, stream.peek(&mut byte)).await {
        Ok(Ok(1)) => Some(byte[0]),
        _ => None,
    }
}

async fn plain(stream: TcpStream, caller: Caller, shared: Arc<Shared>, watcher: Watcher) {
    ended(watcher.watch(connection::serve(stream, caller, shared)).await);
}

/// An error here is the client's: it left, was too slow, or did not speak HTTP.
fn ended(served: Result<(), hyper::Error>) {
    match served {
        Err(e) if e.is_timeout() => telemetry::IDLE.add(1),
        Err(e) if e.is_parse() => telemetry::REFUSED_HEADS.add(1),
        _ => {}
    }
}

async fn secured(stream: TcpStream, tls: Tls, caller: Caller, shared: Arc<Shared>, watcher: Watcher) {
    let handshake = timeout(shared.options.head_timeout, TlsAcceptor::from(tls.0).accept(stream));
    let Ok(Ok(stream)) = handshake.await else {
        telemetry::REFUSED_HANDSHAKES.add(1);
        return;
    };
    // The verifier let nobody through whose certificate is not of one of our authorities.
    let is_known = stream.get_ref().1.peer_certificates().is_some_and(|chain| !chain.is_empty());
    ended(watcher.watch(connection::serve(stream, Caller { is_known, ..caller }, shared)).await);
}

async fn refuse(mut stream: TcpStream) {
    telemetry::REFUSED_HANDSHAKES.add(1);
    let _ = stream.write_all(SPEAKS_TLS).await;
    let _ = stream.shutdown().await;
}
