use super::*;
use std::process::Command;
use stdx::random::Random;

/// A certificate made by openssl, as DER.
fn made(folder: &Path, subject: &str, more: &[&str]) -> Vec<u8> {
    let out = folder.join("made.der");
    let status = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-keyout", "/dev/null", "-outform", "DER", "-subj", subject, "-out"])
        .arg(&out)
        .args(more)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::read(out).unwrap()
}

fn now() -> i64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64
}

#[test]
fn certificates_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let der = made(folder.path(), "/O=Acme/CN=www.example.org", &["-days", "10"]);
    let certificate = Certificate::from_der(&der).unwrap();
    assert_eq!(certificate.subject, "www.example.org");
    assert_eq!(certificate.not_after_s - certificate.not_before_s, 10 * 86_400);
    assert!((now() - certificate.not_before_s).abs() < 600);

    let names = ["-addext", "subjectAltName=IP:192.0.2.1,DNS:api.example.org,DNS:b", "-days", "20000"];
    let certificate = Certificate::from_der(&made(folder.path(), "/O=Acme", &names)).unwrap();
    assert_eq!(certificate.subject, "api.example.org");
    // Its end is written in the longer form.
    assert_eq!(certificate.not_after_s - certificate.not_before_s, 20_000 * 86_400);
    assert_eq!(Certificate::from_der(&made(folder.path(), "/O=Acme", &[])).unwrap().subject, "Acme");
}

#[test]
fn spoiled_certificates_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let der = made(folder.path(), "/CN=x", &["-addext", "subjectAltName=DNS:y"]);
    let mut random = Random::from_seed(3);
    for _ in 0..20_000 {
        let mut spoiled = der.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(spoiled.len() as u64) as usize;
            spoiled[at] = random.below(256) as u8;
        }
        spoiled.truncate(random.below(1 + spoiled.len() as u64) as usize);
        let _ = certificates(&spoiled);
    }
}

#[test]
fn what_may_not_be_read_is_told_and_roots_of_trust_are_left_out() {
    let root = tempfile::tempdir().unwrap();
    let der = made(root.path(), "/CN=mail", &[]);
    let put = |path: &str, bytes: &[u8]| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    };
    put("etc/postfix/mail.crt", &der);
    put("etc/postfix/notes.txt", &der);
    let trusted = put("usr/share/ca-certificates/x.crt", &der);
    std::fs::create_dir_all(root.path().join("etc/ssl/certs")).unwrap();
    std::os::unix::fs::symlink(trusted, root.path().join("etc/ssl/certs/x.pem")).unwrap();
    let findings = look(root.path());
    let expiry = findings.value(EXPIRY, &["/etc/postfix/mail.crt", "mail"]);
    assert_eq!(expiry, Certificate::from_der(&der).map(|certificate| certificate.not_after_s as f64));
    assert_eq!(findings.value(UNREADABLE, &[]), Some(0.0));
    assert_eq!(findings.value(EXPIRY, &["/etc/ssl/certs/x.pem", "mail"]), None);
    assert_eq!(findings.remark, "");
}
