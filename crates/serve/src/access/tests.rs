use super::*;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(n, v)| (http::HeaderName::from_static(n), v.parse().unwrap())).collect()
}

#[test]
fn loopback_passes_only_when_all_signs_agree() {
    let access = Access { tokens: vec!["s3cret".into()], open: false };
    let (near, far): (SocketAddr, SocketAddr) =
        ("127.0.0.1:5".parse().unwrap(), "10.0.0.9:5".parse().unwrap());
    let mapped: SocketAddr = "[::ffff:127.0.0.1]:5".parse().unwrap();
    let cases = [
        (near, vec![("host", "127.0.0.1:9463")], true),
        (near, vec![("host", "localhost:9463")], true),
        (near, vec![("host", "[::1]:9463")], true),
        (mapped, vec![("host", "localhost")], true),
        (near, vec![], false),
        (near, vec![("host", "mon.example.org")], false),
        (near, vec![("host", "127.0.0.1.example.org")], false),
        (near, vec![("host", "localhost"), ("x-forwarded-for", "1.2.3.4")], false),
        (near, vec![("host", "localhost:9463"), ("origin", "http://localhost:9463")], true),
        (near, vec![("host", "127.0.0.1:9463"), ("origin", "http://[::1]:9463")], true),
        (near, vec![("host", "127.0.0.1:9463"), ("origin", "https://example.org")], false),
        (near, vec![("host", "127.0.0.1:9463"), ("origin", "http://127.0.0.1.example.org")], false),
        (near, vec![("host", "127.0.0.1:9463"), ("origin", "null")], false),
        (far, vec![("host", "localhost")], false),
        (far, vec![("host", "mon"), ("authorization", "Bearer s3cret")], true),
        (far, vec![("host", "mon"), ("authorization", "bearer wrong!")], false),
        (far, vec![("host", "mon"), ("authorization", "Basic YW55Ym9keTpzM2NyZXQ=")], true),
        (far, vec![("host", "mon"), ("authorization", "Basic YW55Ym9keQ==")], false),
        (far, vec![("host", "mon"), ("authorization", "Basic ***")], false),
    ];
    for (peer, fields, wanted) in cases {
        assert_eq!(access.allows(peer, &headers(&fields)), wanted, "{peer} {fields:?}");
    }
}
