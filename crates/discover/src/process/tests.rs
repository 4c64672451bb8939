use super::listeners::Listener;
use super::*;
use collect::Host;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

fn this() -> Process {
    let machine = Machine::of(&Host::this());
    Process::read(&machine, std::process::id(), 1, 0, "discover").unwrap()
}

#[test]
fn this_process_is_seen_as_it_is() {
    let process = this();
    assert_eq!(process.program.as_deref(), std::env::current_exe().unwrap().to_str());
    assert_eq!(process.arguments, std::env::args().collect::<Vec<_>>());
    assert_eq!(process.folder.as_deref(), std::env::current_dir().unwrap().to_str());
    assert_eq!(process.user, Some(rustix::process::geteuid().as_raw()));
    assert!(!process.has_own_mounts && !process.is_hidden && process.network.is_none());
    assert_eq!(process.root.folder(), std::path::Path::new("/"));
    assert!(process.environment().iter().any(|(name, _)| name == "PATH"));
    assert!(process.open_program().is_some());
}

#[test]
fn its_sockets_are_found_by_where_they_listen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.sock");
    let (tcp, tcp6) = (TcpListener::bind("127.0.0.1:0").unwrap(), TcpListener::bind("[::1]:0"));
    let _unix = UnixListener::bind(&path).unwrap();
    let found = listeners::read(&this());
    assert!(found.contains(&Listener::Tcp(tcp.local_addr().unwrap())), "{found:?}");
    assert!(found.contains(&Listener::Unix(path.to_str().unwrap().to_owned())), "{found:?}");
    // Not every machine has IPv6.
    if let Ok(tcp6) = tcp6 {
        assert!(found.contains(&Listener::Tcp(tcp6.local_addr().unwrap())), "{found:?}");
    }
}

#[test]
fn options_are_found_in_every_way_they_are_written() {
    let arguments = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for (line, wanted) in [
        ("x -p 1", Some("1")),
        ("x -p1", Some("1")),
        ("x --port=1", Some("1")),
        ("x --port 1", Some("1")),
        ("x --port=2 -p 1", Some("1")),
        ("x --portable=2", None),
        ("x -p", None),
        ("x", None),
    ] {
        assert_eq!(option(&arguments(line), &["-p", "--port"]).as_deref(), wanted, "{line}");
    }
}

#[test]
fn paths_are_told_as_the_process_sees_them() {
    assert_eq!(below("/srv/jail", "/srv/jail/bin/x"), "/bin/x");
    assert_eq!(below("/srv/jail", "/srv/jailer/x"), "/srv/jailer/x");
    assert_eq!(below("/srv/jail", "/srv/jail"), "/");
    assert_eq!(below("/", "/bin/x"), "/bin/x");
    assert_eq!(without_mark("/bin/x (deleted)".to_owned()), "/bin/x");
    assert_eq!(arguments("nginx: master process nginx\0\0\0"), ["nginx: master process nginx"]);
    assert_eq!(arguments("a\0\0b\0"), ["a", "", "b"]);
}
