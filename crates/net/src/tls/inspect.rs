//! A handshake for its own sake: what the server shows is written down whether it is trusted or not, so that a certificate
//! that has run out still tells when it did.

use super::session::{roots, shake_hands, with_identity};
use super::{Certificate, Tls};
use crate::Error;
use crate::probe::{Peer, Secure};
use crate::stream::Stream;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ProtocolVersion, SignatureScheme, StreamOwned,
};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Most certificates of a chain that are looked at.
const CERTIFICATES_MAX: usize = 16;

/// Shakes hands over `socket` until `deadline`. What the server showed goes into `peer` also when the handshake fails.
/// `Ok(None)` means that time ran out.
pub(crate) fn inspect(
    mut socket: TcpStream,
    secure: &Secure<'_>,
    deadline: Instant,
    peer: &mut Peer,
) -> Result<Option<Stream>, Error> {
    let witness = Arc::new(Witness::new(secure.tls, secure.verify)?);
    let name = ServerName::try_from(secure.server_name.to_owned())
        .map_err(|_| Error::Tls(format!("`{}` cannot stand in a certificate", secure.server_name)))?;
    let config = config(secure.tls, witness.clone())?;
    let mut connection = ClientConnection::new(config, name).map_err(|e| Error::Tls(e.to_string()))?;
    let result = shake_hands(&mut connection, &mut socket, deadline);
    witness.tell(peer);
    peer.version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => 1.3,
        Some(ProtocolVersion::TLSv1_2) => 1.2,
        _ => 0.0,
    };
    match result {
        Ok(true) => Ok(Some(Stream::Tls(Box::new(StreamOwned::new(connection, socket))))),
        Ok(false) => Ok(None),
        Err(e) => Err(Error::Tls(format!("no handshake with {}: {e}", secure.server_name))),
    }
}

fn config(tls: &Tls, witness: Arc<Witness>) -> Result<Arc<ClientConfig>, Error> {
    let builder = ClientConfig::builder_with_provider(witness.provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Tls(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(witness);
    let mut config = match &tls.identity {
        Some(identity) => with_identity(builder, identity)?,
        None => builder.with_no_client_auth(),
    };
    // Every handshake is a whole one: a resumed one would show no certificate.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(Arc::new(config))
}

/// Writes down what it is shown, then judges as webpki does, or lets everything pass.
#[derive(Debug)]
struct Witness {
    provider: Arc<rustls::crypto::CryptoProvider>,
    judge: Arc<WebPkiServerVerifier>,
    verify: bool,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    chain: Vec<Certificate>,
    problem: Option<String>,
}

impl Witness {
    fn new(tls: &Tls, verify: bool) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(tls)?), provider.clone());
        let judge = judge.build().map_err(|e| Error::Tls(e.to_string()))?;
        Ok(Self { provider, judge, verify, seen: Mutex::default() })
    }

    fn tell(&self, peer: &mut Peer) {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        peer.chain = seen.chain;
        peer.problem = seen.problem;
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict =
            self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let shown = std::iter::once(end_entity).chain(intermediates).take(CERTIFICATES_MAX);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen {
            chain: shown.filter_map(|der| Certificate::from_der(der)).collect(),
            problem: verdict.as_ref().err().map(ToString::to_string),
        };
        if self.verify { verdict } else { Ok(ServerCertVerified::assertion()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match self.verify {
            true => self.judge.verify_tls12_signature(message, cert, dss),
            false => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match self.verify {
            true => self.judge.verify_tls13_signature(message, cert, dss),
            false => Ok(HandshakeSignatureValid::assertion()),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
