//! Speaking https ourselves: certificates, and whom we trust to be an agent by its own certificate.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoClientAuth, WebPkiClientVerifier, danger::ClientCertVerifier};
use rustls::{RootCertStore, ServerConfig};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// PEM file with our certificate and those that lead from it to an authority, in this order.
    pub certificate: PathBuf,
    /// PEM file with its private key.
    pub key: PathBuf,
    /// PEM file with authorities: a client that shows a certificate of theirs needs no token.
    pub client_authorities: Option<PathBuf>,
}

/// Certificate and key, read and found to belong together.
#[derive(Debug, Clone)]
pub struct Tls(pub(crate) Arc<ServerConfig>);

impl Tls {
    /// Reads the files. The error names the file.
    pub fn read(files: &Files) -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = match &files.client_authorities {
            Some(path) => verifier(path, &provider)?,
            None => Arc::new(NoClientAuth),
        };
        let chain = certificates(&files.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| in_file(&files.key, &e))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .map_err(|e| in_file(&files.certificate, &e))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// Who shows no certificate may come in with a token; who shows a wrong one may not.
fn verifier(
    path: &Path,
    provider: &Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|e| in_file(path, &e))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .allow_unauthenticated()
        .build()
        .map_err(|e| in_file(path, &e))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found: Vec<_> = found.map_err(|e| in_file(path, &e))?;
    if found.is_empty() { Err(in_file(path, &"no certificate in it")) } else { Ok(found) }
}

fn in_file(path: &Path, why: &dyn Display) -> String {
    format!("{}: {why}", path.display())
}

#[cfg(test)]
mod tests;
