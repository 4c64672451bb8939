use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// NUT's daemon with one supply, which its own driver for tests plays.
struct Nut(Vec<Child>);

impl Nut {
    fn start(folder: &Path, port: u16) -> Self {
        let put = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        };
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        put("ups.conf", "[rack]\ndriver = dummy-ups\nport = rack.dev\ndesc = \"The one in the rack\"\n");
        put("upsd.conf", &format!("LISTEN 127.0.0.1 {port}\n"));
        put("upsd.users", "");
        put(
            "rack.dev",
            "ups.status: OB LB\nups.model: Back-UPS 700\nbattery.charge: 42.5\nbattery.runtime: 600\nups.load: 30\ninput.voltage: 0.0\n",
        );
        let start = |program: &str, arguments: &[&str]| {
            Command::new(program)
                .args(arguments)
                .env("NUT_CONFPATH", folder)
                .env("NUT_STATEPATH", folder)
                .env("NUT_ALTPIDPATH", folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let driver = start("/lib/nut/dummy-ups", &["-a", "rack", "-D", "-u", "root"]);
        Self(vec![driver, start("/lib/nut/upsd", &["-D", "-u", "root"])])
    }
}

impl Drop for Nut {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn upsd_tells_of_its_supply() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _nut = Nut::start(folder.path(), port);
    let deadline = Instant::now() + Duration::from_secs(60);
    let findings = loop {
        let mut findings = Findings::default();
        let outcome = connect(port).and_then(|mut stream| nut::ask(&mut stream, &mut findings));
        if findings.value(CHARGE, &["rack"]).is_some() {
            break findings;
        }
        assert!(Instant::now() < deadline, "{outcome:?} {findings:?}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let value = |metric| findings.value(metric, &["rack"]);
    assert_eq!((value(CHARGE), value(RUNTIME), value(LOAD)), (Some(0.425), Some(600.0), Some(0.3)));
    assert_eq!((value(STATUS), value(STATUS + 1), value(STATUS + 2)), (Some(0.0), Some(1.0), Some(1.0)));
    assert_eq!(findings.value(INFO, &["rack", "Back-UPS 700"]), Some(1.0), "{findings:?}");
}

/// Answers with these bytes.
struct Says(&'static [u8]);

impl io::Read for Says {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.read(to)
    }
}

impl io::Write for Says {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nonsense_is_an_error() {
    for bytes in [&b""[..], b"HELLO\n", b"BEGIN LIST UPS\nUPS a \"x\"\n", b"\xff\xff\n"] {
        assert!(nut::ask(&mut Says(bytes), &mut Findings::default()).is_err());
    }
    for bytes in [&b""[..], b"\0", b"\0\x05abc", b"\0\0"] {
        assert!(apcupsd::ask(&mut Says(bytes), &mut Findings::default()).is_err());
    }
}
