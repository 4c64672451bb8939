use super::super::tests::{run, serve, value};
use crate::{Outcome, State};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// An authority in a folder.
struct Authority {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Kestrel Authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { folder, issuer }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ca(&self) -> String {
        self.path("ca.pem").display().to_string()
    }

    /// A certificate that runs out `days` from now.
    fn issue(&self, name: &str, days: i64) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        params.not_before = date_time_ymd(2020, 1, 1);
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_after = epoch + std::time::Duration::from_secs((now_s + days * 86_400) as u64);
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    /// A server that shows such a certificate and answers as a web server, after it was asked.
    fn serve(&self, name: &str, days: i64, asks_client: bool) -> SocketAddr {
        let (certificate, key) = self.issue(name, days);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let builder = if asks_client {
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = Arc::new(builder.with_single_cert(vec![certificate.der().clone()], key).unwrap());
        serve(move |socket| {
            let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), socket);
            if super::super::tests::head(&mut stream).is_empty() {
                return;
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            stream.conn.send_close_notify();
            let _ = stream.flush();
        })
    }
}

fn expiry_days(outcome: &Outcome) -> f64 {
    (value(outcome, "check_certificate_expiry_seconds", "").unwrap() / 86_400.0).round()
}

#[test]
fn a_good_certificate_tells_how_long_it_holds() {
    let authority = Authority::new();
    let address = authority.serve("shop.example", 60, false);
    let target = format!("shop.example:{}", address.port());
    let outcome = run("tls", &target, [("ca", &authority.ca())]);
    assert_eq!(outcome.state, State::Ok, "{}", outcome.text);
    assert!(
        outcome.text.starts_with("TLS 1.3, signed by `Kestrel Authority`, runs out in 60.0 days"),
        "{}",
        outcome.text
    );
    assert_eq!((expiry_days(&outcome), value(&outcome, "check_certificate_trusted", "")), (60.0, Some(1.0)));
    assert_eq!(value(&outcome, "check_tls_version", ""), Some(1.3));
    for phase in ["dns", "connect", "tls"] {
        assert!(value(&outcome, "check_phase_seconds", phase).unwrap() > 0.0, "{phase}");
    }
    let url = format!("https://{target}/");
    let outcome = run("http", &url, [("ca", &authority.ca())]);
    assert_eq!((outcome.state, expiry_days(&outcome)), (State::Ok, 60.0), "{}", outcome.text);
    let options = [
        ("ca", authority.ca()),
        ("certificate_warning", "61s".into()),
        ("certificate_critical", "1s".into()),
    ];
    let options = options.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(run("http", &url, options).state, State::Ok);
    let health = run("url.check.health", &url, []);
    assert_eq!(value(&health, "url.check.health", ""), Some(0.0), "it trusts public authorities only");
}

#[test]
fn certificates_that_run_out_are_told_by_degree() {
    let authority = Authority::new();
    let state = |days: i64, options: [(&'static str, &str); 2]| {
        let address = authority.serve("shop.example", days, false);
        let ca = authority.ca();
        let [a, b] = options;
        let outcome = run("tls", &format!("shop.example:{}", address.port()), [("ca", ca.as_str()), a, b]);
        (outcome.state, outcome.reason, expiry_days(&outcome), outcome.text)
    };
    let none = [("timeout", "5s"), ("verify", "true")];
    let (now, reason, days, text) = state(10, none);
    assert_eq!((now, reason, days), (State::Warning, "certificate", 10.0), "{text}");
    assert!(text.contains("the certificate of `shop.example` runs out in 10.0 days"), "{text}");
    let (now, reason, ..) = state(10, [("certificate_warning", "30d"), ("certificate_critical", "11d")]);
    assert_eq!((now, reason), (State::Critical, "certificate"));
    assert_eq!(state(20, none).0, State::Ok);
    // One that has run out ends the handshake, and still tells when it did.
    let (now, reason, days, text) = state(-3, none);
    assert_eq!((now, reason, days), (State::Critical, "tls", -3.0), "{text}");
    assert!(text.contains("expired"), "{text}");
    let (now, reason, days, text) = state(-3, [("verify", "false"), ("timeout", "5s")]);
    assert_eq!((now, reason, days), (State::Warning, "certificate", -3.0), "{text}");
    assert!(text.contains("ran out 3.0 days ago"), "{text}");
}

#[test]
fn wrong_names_and_strange_authorities_are_not_trusted() {
    let authority = Authority::new();
    let address = authority.serve("shop.example", 60, false);
    let outcome = run("tls", &format!("other.example:{}", address.port()), [("ca", &authority.ca())]);
    assert_eq!((outcome.state, outcome.reason), (State::Critical, "tls"), "{}", outcome.text);
    assert!(outcome.text.contains("not valid for name"), "{}", outcome.text);
    let target = format!("other.example:{}", address.port());
    let options = [("ca", authority.ca()), ("server_name", "shop.example".into())];
    let outcome = run("tls", &target, options.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!(outcome.state, State::Ok, "{}", outcome.text);
    let outcome = run("http", &format!("https://{target}/"), []);
    assert_eq!((outcome.reason, value(&outcome, "check_certificate_trusted", "")), ("tls", Some(0.0)));
    assert!(outcome.text.contains("UnknownIssuer"), "{}", outcome.text);
    let outcome = run("http", &format!("https://{target}/"), [("verify", "false")]);
    assert_eq!((outcome.state, value(&outcome, "check_certificate_trusted", "")), (State::Ok, Some(0.0)));
}

#[test]
fn a_server_that_asks_who_we_are_is_told() {
    let authority = Authority::new();
    let (certificate, key) = authority.issue("agent", 10);
    std::fs::write(authority.path("agent.pem"), certificate.pem()).unwrap();
    std::fs::write(authority.path("agent.key"), key.serialize_pem()).unwrap();
    let url = format!("https://shop.example:{}/", authority.serve("shop.example", 60, true).port());
    let ca = authority.ca();
    let outcome = run("http", &url, [("ca", ca.as_str())]);
    assert_eq!(outcome.state, State::Critical, "{}", outcome.text);
    let (certificate, key) = (authority.path("agent.pem"), authority.path("agent.key"));
    let options =
        [("ca", ca.as_str()), ("certificate", certificate.to_str().unwrap()), ("key", key.to_str().unwrap())];
    let outcome = run("http", &url, options);
    assert_eq!(outcome.state, State::Ok, "{}", outcome.text);
    let outcome = run("http", &url, [("ca", "/nonexistent/ca.pem")]);
    assert!(outcome.text.contains("/nonexistent/ca.pem"), "{}", outcome.text);
}

#[test]
fn a_port_that_speaks_no_tls_says_so() {
    let address = serve(|mut socket| {
        let _ = socket.write_all(b"220 mail.example ESMTP\r\n");
        let _ = std::io::copy(&mut socket, &mut std::io::sink());
    });
    let outcome = run("tls", &format!("shop.example:{}", address.port()), [("timeout", "5s")]);
    assert_eq!((outcome.state, outcome.reason), (State::Critical, "tls"), "{}", outcome.text);
    let silent = serve(|mut socket| drop(std::io::copy(&mut socket, &mut std::io::sink())));
    let outcome = run("tls", &format!("shop.example:{}", silent.port()), [("tls_max", "50ms")]);
    assert_eq!(
        (outcome.reason, outcome.text.as_str()),
        ("timeout", "waited 0.050 s in vain for the TLS handshake")
    );
}
