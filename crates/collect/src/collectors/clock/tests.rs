use super::*;
use std::net::UdpSocket;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// chronyd that keeps no clock and serves time by its own, on two ports of this machine.
struct Chronyd {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Chronyd {
    fn start(command_port: u16, time_port: u16, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        let settings = format!(
            "port {time_port}\ncmdport {command_port}\nallow 127.0.0.1\nbindaddress 127.0.0.1\nbindcmdaddress 127.0.0.1\n\
             bindcmdaddress {}\npidfile {}\nuser root\n{more}\n",
            file("sock"),
            file("pid")
        );
        std::fs::write(folder.path().join("conf"), settings).unwrap();
        let child = Command::new("chronyd").args(["-x", "-d", "-f", &file("conf")]).spawn().unwrap();
        Self { child, _folder: folder }
    }
}

impl Drop for Chronyd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn told(findings: &Findings, metric: usize, source: &str) -> Option<f64> {
    findings.value(metric, &[source])
}

#[test]
fn chronyd_is_asked_by_its_protocol_and_as_a_time_server() {
    let (command_port, time_port) = (free_port(), free_port());
    let _chronyd = Chronyd::start(command_port, time_port, "local stratum 5");
    let through: AskUdp = Arc::new(move |port, question| {
        assert_eq!(port, 323);
        crate::host::ask_udp(command_port, question)
    });
    let deadline = Instant::now() + Duration::from_secs(60);
    let findings = loop {
        let mut findings = Findings::default();
        chrony::ask(&through, &mut findings);
        if told(&findings, SYNCHRONIZED, "chrony") == Some(1.0) {
            break findings;
        }
        assert!(Instant::now() < deadline, "{findings:?}");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(told(&findings, STRATUM, "chrony"), Some(5.0));
    assert_eq!(told(&findings, OFFSET, "chrony"), Some(0.0));
    assert!(told(&findings, ERROR_MAX, "chrony").is_some_and(|error| (0.0..1.0).contains(&error)));
    assert!(told(&findings, FREQUENCY, "chrony").is_some_and(|ratio| ratio.abs() < 0.001));

    let server: SocketAddr = ([127, 0, 0, 1], time_port).into();
    let mut findings = Findings::default();
    sntp::ask(server, &mut findings);
    let label = server.to_string();
    assert_eq!(told(&findings, STRATUM, &label), Some(5.0), "{findings:?}");
    // Its clock is ours.
    assert!(told(&findings, OFFSET, &label).is_some_and(|offset| offset.abs() < 0.5), "{findings:?}");
    assert!(told(&findings, ERROR_MAX, &label).is_some_and(|error| error > 0.0));
}

#[test]
fn chronyd_that_knows_no_time_is_told() {
    let (command_port, time_port) = (free_port(), free_port());
    let _chronyd = Chronyd::start(command_port, time_port, "");
    let through: AskUdp = Arc::new(move |_, question| crate::host::ask_udp(command_port, question));
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let mut findings = Findings::default();
        chrony::ask(&through, &mut findings);
        match told(&findings, SYNCHRONIZED, "chrony") {
            Some(value) => {
                assert_eq!((value, told(&findings, OFFSET, "chrony")), (0.0, None));
                break;
            }
            None => assert!(Instant::now() < deadline),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let server: SocketAddr = ([127, 0, 0, 1], time_port).into();
    let mut findings = Findings::default();
    sntp::ask(server, &mut findings);
    assert_eq!(told(&findings, SYNCHRONIZED, &server.to_string()), Some(0.0));
    assert!(findings.remark.contains("does not know the time"), "{}", findings.remark);
}

#[test]
fn ntpd_is_read_in_milliseconds() {
    let text = b"leap=00, stratum=2, offset=-12.5,\r\nfrequency=-11.5, rootdelay=30.0, rootdisp=5.0\r\n";
    let mut answer = vec![0x16, 0x82, 0, 1, 6, 0, 0, 0, 0, 0, 0, text.len() as u8];
    answer.extend_from_slice(text);
    let ask = |answer: Vec<u8>| {
        let mut findings = Findings::default();
        let through: AskUdp = Arc::new(move |_, _| Ok(answer.clone()));
        ntpd::ask(&through, &mut findings);
        findings
    };
    let findings = ask(answer.clone());
    assert_eq!(told(&findings, OFFSET, "ntpd"), Some(0.0125));
    assert_eq!(told(&findings, ERROR_MAX, "ntpd"), Some(0.0125 + 0.020));
    assert_eq!(told(&findings, STRATUM, "ntpd"), Some(2.0));
    assert_eq!(told(&findings, SYNCHRONIZED, "ntpd"), Some(1.0));
    for length in 0..answer.len() {
        assert_eq!(ask(answer[..length].to_vec()), Findings::default());
    }
    answer[1] |= 0x40;
    assert_eq!(ask(answer), Findings::default());
}
