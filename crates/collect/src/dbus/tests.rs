use super::*;
use std::os::unix::net::UnixListener;
use std::path::Path;

fn host(root: &Path) -> Host {
    Host { has_kernel: true, ..Host::recorded(root) }
}

#[test]
fn a_bus_that_is_silent_is_left_when_the_time_is_up() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("run/dbus")).unwrap();
    let _listener = UnixListener::bind(root.path().join(BUS)).unwrap();
    let error = Bus::connect(&host(root.path()), Duration::from_millis(50)).unwrap_err();
    assert_eq!(error.to_string(), "no answer in time");
}

#[test]
fn who_is_not_let_in_is_told() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("run/systemd")).unwrap();
    let listener = UnixListener::bind(root.path().join(PRIVATE)).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = [0; 16];
        stream.read_exact(&mut line).unwrap();
        stream.write_all(b"REJECTED EXTERNAL\r\n").unwrap();
        line
    });
    let error = Bus::connect(&host(root.path()), Duration::from_secs(60)).unwrap_err();
    assert_eq!(error.to_string(), "refused: REJECTED EXTERNAL");
    assert_eq!(&server.join().unwrap(), b"\0AUTH EXTERNAL 3");
}
