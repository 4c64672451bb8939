use super::*;
use crate::{Client, Options, Request, Url};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread::JoinHandle;

/// A folder with the certificates of an authority, a server and a client; removed at the end.
struct Papers {
    folder: PathBuf,
    server: (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
}

impl Papers {
    fn issue(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("windhover-net-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let issue = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            (params.signed_by(&key, &authority).unwrap(), key)
        };
        let (client, client_key) = issue("agent");
        let (server, server_key) = issue("localhost");
        std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
        std::fs::write(folder.join("agent.pem"), client.pem()).unwrap();
        std::fs::write(folder.join("agent.key"), client_key.serialize_pem()).unwrap();
        let key = PrivateKeyDer::try_from(server_key.serialize_der()).unwrap();
        Self { folder, server: (vec![server.der().clone()], key) }
    }

    fn trust(&self) -> Tls {
        Tls { ca_file: Some(self.folder.join("ca.pem")), only_ca_file: true, identity: None }
    }

    fn identity(&self) -> Identity {
        Identity { certificate_file: self.folder.join("agent.pem"), key_file: self.folder.join("agent.key") }
    }

    /// A server for one connection that asks for a client certificate and answers requests of one packet.
    fn serve(&self, requests: usize) -> (Url, JoinHandle<std::io::Result<()>>) {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        certificates(&self.folder.join("ca.pem")).unwrap().into_iter().for_each(|c| roots.add(c).unwrap());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(self.server.0.clone(), self.server.1.clone_key())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let server = std::thread::spawn(move || {
            let socket = listener.accept()?.0;
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut stream = StreamOwned::new(connection, socket);
            for _ in 0..requests {
                let mut seen = Vec::new();
                while !seen.ends_with(b"\r\n\r\nhello") {
                    let mut some = [0; 1024];
                    let len = stream.read(&mut some)?;
                    assert!(len > 0);
                    seen.extend_from_slice(&some[..len]);
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
            }
            Ok(())
        });
        (Url::parse(&url).unwrap(), server)
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `localhost` may have two addresses; the test server has one.
struct Loopback;

impl crate::Resolve for Loopback {
    fn resolve(
        &self,
        _: &str,
        port: u16,
        _: crate::Patience<'_>,
    ) -> Result<Vec<std::net::SocketAddr>, Error> {
        Ok(vec![([127, 0, 0, 1], port).into()])
    }
}

fn send(client: &mut Client, url: &Url) -> Result<u16, Error> {
    let request = Request { method: "POST", url, headers: &[], body: b"hello" };
    client.send(&request).map(|r| r.status)
}

fn client(tls: Tls) -> Client {
    Client::new(Options { tls, resolver: Arc::new(Loopback), ..Options::default() })
}

#[test]
fn who_shows_a_certificate_of_the_right_authority_is_served() {
    let papers = Papers::issue("good");
    let (url, server) = papers.serve(2);
    let mut client = client(Tls { identity: Some(papers.identity()), ..papers.trust() });
    assert_eq!(send(&mut client, &url).unwrap(), 200);
    assert_eq!(send(&mut client, &url).unwrap(), 200);
    server.join().unwrap().unwrap();
}

#[test]
fn an_unknown_authority_ends_the_handshake() {
    let papers = Papers::issue("unknown");
    let (url, server) = papers.serve(1);
    let error = send(&mut client(Tls::default()), &url).unwrap_err();
    assert!(matches!(error, Error::Tls(_)), "{error}");
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(server.join().unwrap().is_err());
}

#[test]
fn who_shows_no_certificate_is_not_served() {
    let papers = Papers::issue("nobody");
    let (url, server) = papers.serve(1);
    assert!(send(&mut client(papers.trust()), &url).is_err());
    assert!(server.join().unwrap().is_err());
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let tls = Tls { ca_file: Some("/nonexistent/ca.pem".into()), ..Tls::default() };
    assert!(Sessions::new(&tls).unwrap_err().to_string().contains("/nonexistent/ca.pem"));
}

#[test]
fn a_server_that_never_shakes_hands_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("https://localhost:{}", listener.local_addr().unwrap().port())).unwrap();
    let options = Options {
        handshake_timeout: Duration::from_millis(20),
        resolver: Arc::new(Loopback),
        ..Options::default()
    };
    assert!(matches!(send(&mut Client::new(options), &url), Err(Error::Tls(_))));
}
