//! TLS over a stream that somebody else opened: a unix socket, a connection made in another network namespace, one on
//! which both sides agreed to go on encrypted.

use super::Tls;
use super::session::{roots, with_identity};
use crate::Error;
use rustls::client::WantsClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, ConfigBuilder, DigitallySignedStruct, SignatureScheme, StreamOwned,
};
use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

/// A stream with TLS over it.
pub struct Secured<S: Read + Write>(StreamOwned<ClientConnection, S>);

impl<S: Read + Write> Secured<S> {
    /// The stream below.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.0.sock
    }
}

impl<S: Read + Write> Read for Secured<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

impl<S: Read + Write> Write for Secured<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Tls {
    /// Shakes hands over `stream` with `host`, a name or an address. Without `verify` any certificate will do; that its
    /// owner has the key is seen to in any case. Deadlines are the stream's business.
    ///
    /// # Errors
    /// When a file cannot be used, the other side is not trusted, or the stream fails.
    pub fn over<S: Read + Write>(
        &self,
        mut stream: S,
        host: &str,
        verify: bool,
    ) -> Result<Secured<S>, Error> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Error::Tls(format!("`{host}` cannot stand in a certificate")))?;
        let mut connection =
            ClientConnection::new(self.config(verify)?, name).map_err(|e| Error::Tls(e.to_string()))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).map_err(|e| match e.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Broken(e),
                _ => Error::Tls(format!("no handshake with {host}: {e}")),
            })?;
        }
        Ok(Secured(StreamOwned::new(connection, stream)))
    }

    fn config(&self, verify: bool) -> Result<Arc<ClientConfig>, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::Tls(e.to_string()))?;
        let builder: ConfigBuilder<ClientConfig, WantsClientCert> = match verify {
            true => builder.with_root_certificates(roots(self)?),
            false => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))),
        };
        let mut config = match &self.identity {
            Some(identity) => with_identity(builder, identity)?,
            None => builder.with_no_client_auth(),
        };
        // It lives as long as one connection.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Arc::new(config))
    }
}

/// Trusts whoever has the key of the certificate that is shown.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
