//! From bytes to a request.

use super::{Phase, Step, Then};
use crate::body::BodyError;
use crate::exchange::Response;
use crate::http::answer::{Manner, Outgoing};
use crate::http::call::{Received, broken, no_room, too_large, unauthorised};
use crate::http::connection::{Connection, Inner};
use crate::http::head::Framing;
use crate::http::receiver::{Come, Receiver};
use crate::http::room::Taken;
use crate::http::shared::Shared;
use crate::http::socket::Got;
use crate::http::turns::Hand;
use crate::telemetry;
use http::Method;
use rustls::ServerConnection;
use std::sync::{Arc, PoisonError};

/// First byte of a TLS handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;
/// What somebody is told who speaks plain HTTP to an https address. People type addresses without their scheme.
const SPEAKS_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
    this address speaks https\n";
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

impl Inner {
    pub(super) fn greet(&mut self, shared: &Shared) -> Step {
        if !self.can_read {
            return Step::Wait;
        }
        let tls = shared.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
        match (self.socket.first_byte(), tls) {
            (Ok(Some(HANDSHAKE)), Some(tls)) => {
                let Ok(session) = ServerConnection::new(tls.0) else { return Step::End };
                self.socket.secure(session);
                self.phase = Phase::Shaking;
            }
            // The commands of this machine's own users need no certificate that says 127.0.0.1.
            (Ok(Some(_)), tls) if tls.is_none() || self.caller.peer.ip().to_canonical().is_loopback() => {
                self.phase = Phase::Receiving;
            }
            (Ok(Some(_)), _) => {
                telemetry::REFUSED_HANDSHAKES.add(1);
                self.outgoing = Outgoing::raw(SPEAKS_TLS.to_vec());
                self.phase = Phase::Sending(Then::Linger);
            }
            (Err(e), _) if e.kind() == std::io::ErrorKind::WouldBlock => {
                self.can_read = false;
                return Step::Wait;
            }
            _ => return Step::End,
        }
        Step::Go
    }

    pub(super) fn shake(&mut self) -> Step {
        match self.socket.shake() {
            // The verifier let nobody through whose certificate is not of one of our authorities.
            Ok(Some(session)) => {
                self.caller.is_known = session.peer_certificates().is_some_and(|chain| !chain.is_empty());
                self.can_read = true;
                self.phase = Phase::Receiving;
                Step::Go
            }
            Ok(None) => Step::Wait,
            Err(_) => {
                telemetry::REFUSED_HANDSHAKES.add(1);
                Step::End
            }
        }
    }

    pub(super) fn receive(
        &mut self,
        connection: &Arc<Connection>,
        shared: &Arc<Shared>,
        hand: &mut Hand,
        reads: &mut usize,
    ) -> Step {
        match self.receiver.next(shared.options.body_bytes_max) {
            Come::Nothing if !self.taken.up_to(self.receiver.body_bytes()) => {
                self.refuse(no_room(), connection, shared, hand);
            }
            Come::Nothing => return self.read(shared, hand, reads),
            Come::Head => self.look(connection, shared, hand),
            Come::Whole(_, body) if !self.taken.up_to(body.len()) => {
                self.refuse(no_room(), connection, shared, hand);
            }
            Come::Whole(head, body) => {
                telemetry::REQUEST_BYTES.add(body.len() as u64);
                let taken = std::mem::replace(&mut self.taken, Taken::nothing(&shared.room));
                let received = Received { head, body, peer: self.caller.peer, taken };
                return self.begin(received, connection, shared, hand);
            }
            Come::TooLarge => {
                let error = BodyError::TooLarge(shared.options.body_bytes_max);
                self.refuse(too_large(error), connection, shared, hand);
            }
            Come::Broken => self.refuse(broken(), connection, shared, hand),
            Come::Wrong(wrong) => {
                telemetry::REFUSED_HEADS.add(1);
                let response = Response::text(wrong.status, format!("{}\n", wrong.sentence));
                self.refuse(response, connection, shared, hand);
            }
        }
        Step::Go
    }

    pub(super) fn read(&mut self, shared: &Shared, hand: &mut Hand, reads: &mut usize) -> Step {
        if shared.is_stopping() && !self.receiver.is_within() {
            return Step::End;
        }
        if !self.can_read {
            return Step::Wait;
        }
        if *reads == 0 {
            return Step::Again;
        }
        *reads -= 1;
        self.receiver.borrow(&mut hand.scratch);
        match self.socket.read(self.receiver.room()) {
            Ok(Got::Bytes(_, is_all)) => {
                self.can_read = self.is_hung_up || !is_all;
                Step::Go
            }
            Ok(Got::Nothing) => {
                self.can_read = false;
                Step::Wait
            }
            Ok(Got::End) | Err(_) => {
                if self.receiver.is_within_body() {
                    telemetry::REFUSED_BROKEN.add(1);
                }
                Step::End
            }
        }
    }

    /// A head has come: who may not, or wants too much, is told before the body.
    pub(super) fn look(&mut self, connection: &Arc<Connection>, shared: &Shared, hand: &Hand) {
        telemetry::REQUESTS.add(1);
        let Some(head) = self.receiver.head() else { return };
        if !self.caller.is_known && !shared.allows(self.caller.peer, &head.headers) {
            return self.refuse(unauthorised(), connection, shared, hand);
        }
        let is_wanted = match head.framing {
            Framing::Length(0) => return,
            Framing::Length(length) => length <= shared.options.body_bytes_max as u64,
            Framing::Chunked => true,
        };
        let waits = head.expects_continue && self.receiver.is_at_body();
        connection.limit(Some(shared.options.body_timeout), shared, hand);
        if waits && is_wanted {
            self.outgoing = Outgoing::raw(CONTINUE.to_vec());
            self.phase = Phase::Sending(Then::Receive);
        }
    }

    /// Answers instead of the service, and has nothing more of this connection.
    pub(super) fn refuse(
        &mut self,
        response: Response,
        connection: &Connection,
        shared: &Shared,
        hand: &Hand,
    ) {
        let head = self.receiver.head();
        let manner = Manner {
            stays: false,
            is_old: head.is_some_and(|head| head.is_old),
            is_head_only: head.is_some_and(|head| head.method == Method::HEAD),
        };
        self.outgoing = Outgoing::of(response, manner);
        self.receiver = Receiver::default();
        self.taken = Taken::nothing(&shared.room);
        connection.limit(Some(shared.options.body_timeout), shared, hand);
        self.phase = Phase::Sending(Then::Linger);
    }
}
