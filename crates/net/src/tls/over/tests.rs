use super::*;
use rcgen::generate_simple_self_signed;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};
use std::os::unix::net::UnixStream;

/// Says what it hears, behind a certificate that nobody vouches for.
fn echo(mut theirs: UnixStream) -> std::thread::JoinHandle<io::Result<()>> {
    let own = generate_simple_self_signed(vec!["shop.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    std::thread::spawn(move || {
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::Stream::new(&mut connection, &mut theirs);
        let mut heard = [0; 5];
        stream.read_exact(&mut heard)?;
        stream.write_all(&heard)
    })
}

#[test]
fn whoever_needs_no_voucher_is_spoken_with() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = echo(theirs);
    let mut stream = Tls::default().over(ours, "127.0.0.1", false).unwrap();
    stream.write_all(b"hello").unwrap();
    let mut heard = [0; 5];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"hello");
    server.join().unwrap().unwrap();
}

#[test]
fn a_stranger_is_refused_where_somebody_has_to_vouch() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = echo(theirs);
    let error = Tls::default().over(ours, "shop.example", true).err().unwrap();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(server.join().unwrap().is_err());
}

#[test]
fn a_stream_that_says_nothing_ends_at_its_own_deadline() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    ours.set_read_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
    assert!(matches!(Tls::default().over(ours, "localhost", false), Err(Error::Broken(_))));
}
