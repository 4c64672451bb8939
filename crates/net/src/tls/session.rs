//! Handshakes. The configuration is read from its files once and shared by all connections, so that sessions resume.

use super::{Identity, Tls};
use crate::stream::Stream;
use crate::{Error, socket};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Makes TLS connections.
#[derive(Debug)]
pub(crate) struct Sessions {
    config: Arc<ClientConfig>,
}

impl Sessions {
    /// Reads certificates and keys.
    pub(crate) fn new(tls: &Tls) -> Result<Self, Error> {
        let roots = roots(tls)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::Tls(e.to_string()))?
            .with_root_certificates(roots);
        let mut config = match &tls.identity {
            Some(identity) => with_identity(builder, identity)?,
            None => builder.with_no_client_auth(),
        };
        // One server is spoken to at a time; the default keeps 256 sessions.
        config.resumption = rustls::client::Resumption::in_memory_sessions(4);
        Ok(Self { config: Arc::new(config) })
    }

    /// Shakes hands within `timeout`, then leaves reads and writes to the limit that the socket had.
    pub(crate) fn connect(
        &self,
        mut socket: TcpStream,
        host: &str,
        timeout: Duration,
    ) -> Result<Stream, Error> {
        let transfer = socket.read_timeout()?.unwrap_or(timeout);
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Error::Tls(format!("`{host}` cannot stand in a certificate")))?;
        let failed = |e: &dyn std::fmt::Display| Error::Tls(format!("no handshake with {host}: {e}"));
        let mut connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(|e| failed(&e))?;
        let deadline = Instant::now() + timeout;
        if !shake_hands(&mut connection, &mut socket, deadline).map_err(|e| failed(&e))? {
            return Err(failed(&"it takes too long"));
        }
        socket::limit(&socket, transfer)?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, socket))))
    }
}

/// The authorities to trust.
pub(super) fn roots(tls: &Tls) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if !tls.only_ca_file {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(path) = &tls.ca_file {
        for certificate in certificates(path)? {
            roots.add(certificate).map_err(|e| in_file(path, &e))?;
        }
    }
    Ok(roots)
}

/// Brings a handshake to its end; `false` when that is not reached before `deadline`.
pub(super) fn shake_hands(
    connection: &mut ClientConnection,
    socket: &mut TcpStream,
    deadline: Instant,
) -> std::io::Result<bool> {
    while connection.is_handshaking() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        socket::limit(socket, left)?;
        match step(connection, socket) {
            Err(e)
                if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted) => {}
            other => other?,
        }
    }
    Ok(true)
}

/// One write or read of a handshake.
fn step(connection: &mut ClientConnection, socket: &mut TcpStream) -> std::io::Result<()> {
    use std::io::{Error, ErrorKind};
    if connection.wants_write() {
        connection.write_tls(socket)?;
    } else {
        if connection.read_tls(socket)? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection"));
        }
        if let Err(e) = connection.process_new_packets() {
            // Tells the server why; that it may be gone already changes nothing.
            let _ = connection.write_tls(socket);
            return Err(Error::new(ErrorKind::InvalidData, e));
        }
    }
    Ok(())
}

pub(super) type WithRoots = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

pub(super) fn with_identity(builder: WithRoots, identity: &Identity) -> Result<ClientConfig, Error> {
    let chain = certificates(&identity.certificate_file)?;
    let key =
        PrivateKeyDer::from_pem_file(&identity.key_file).map_err(|e| in_file(&identity.key_file, &e))?;
    builder.with_client_auth_cert(chain, key).map_err(|e| in_file(&identity.certificate_file, &e))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let certificates: Vec<_> = found.map_err(|e| in_file(path, &e))?;
    if certificates.is_empty() { Err(in_file(path, &"no certificate in it")) } else { Ok(certificates) }
}

fn in_file(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Tls(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests;
