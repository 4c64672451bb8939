use super::*;
use crate::exchange::{Request, Response, Service};
use crate::{Access, Options, Server, StatusCode, start};
use net::tls::{Identity, Tls as Trust};
use net::{Client, Url};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, Issuer, KeyPair};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use tempfile::TempDir;

struct Hello;

impl Service for Hello {
    fn call(&self, _: Request) -> Response {
        Response::text(StatusCode::OK, "hello")
    }
}

/// A folder with certificates of an authority: `NAME.pem` and `NAME.key`.
fn papers() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    for name in ["localhost", "agent"] {
        issue(folder.path(), name, &authority);
    }
    folder
}

fn issue(folder: &Path, name: &str, authority: &Issuer<'_, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
    std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
}

fn files(folder: &Path) -> Files {
    Files {
        certificate: folder.join("localhost.pem"),
        key: folder.join("localhost.key"),
        client_authorities: Some(folder.join("ca.pem")),
    }
}

fn server(folder: &Path) -> Server {
    // Nobody is let in for being local: the name that is asked for is, but it says that it was forwarded.
    let mut options = Options::new(Access::default());
    options.tls = Some(Tls::read(&files(folder)).unwrap());
    start(TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(Hello), options).unwrap()
}

fn ask(server: &Server, folder: &Path, identity: Option<&str>) -> u16 {
    let ca_file = Some(folder.join("ca.pem"));
    let identity = identity.map(|name| Identity {
        certificate_file: folder.join(format!("{name}.pem")),
        key_file: folder.join(format!("{name}.key")),
    });
    let tls = Trust { ca_file, only_ca_file: true, identity };
    let mut client = Client::new(net::Options { tls, ..net::Options::default() });
    let url = Url::parse(&format!("https://localhost:{}", server.addr().port())).unwrap();
    let headers = [("X-Forwarded-For", "192.0.2.1")];
    client.send(&net::Request { method: "GET", url: &url, headers: &headers, body: b"" }).unwrap().status
}

#[test]
fn a_certificate_of_our_authority_opens_the_door_and_none_does_not() {
    let folder = papers();
    let server = server(folder.path());
    assert_eq!(ask(&server, folder.path(), Some("agent")), 200);
    assert_eq!(ask(&server, folder.path(), None), 401);
}

#[test]
fn plain_http_from_this_machine_is_answered_too() {
    let folder = papers();
    let server = server(folder.path());
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[test]
fn another_certificate_holds_for_the_next_connection() {
    let (old, new) = (papers(), papers());
    let server = server(old.path());
    assert_eq!(ask(&server, old.path(), Some("agent")), 200);
    server.set_tls(Some(Tls::read(&files(new.path())).unwrap()));
    assert_eq!(ask(&server, new.path(), Some("agent")), 200);
}

#[test]
fn mistakes_name_the_file() {
    let folder = papers();
    let error = |change: &dyn Fn(&mut Files)| {
        let mut files = files(folder.path());
        change(&mut files);
        Tls::read(&files).unwrap_err()
    };
    assert!(error(&|f| f.key = "/nowhere".into()).starts_with("/nowhere: "));
    assert!(error(&|f| f.key = folder.path().join("agent.key")).contains("localhost.pem: "));
    assert!(error(&|f| f.certificate = folder.path().join("agent.key")).contains("no certificate in it"));
}
