//! Life under an init system: readiness, watchdog, reload, and what the log says of bad input.

use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn systemd_is_told_of_readiness_life_and_end() {
    let folder = Folder::new("notify");
    let path = folder.path().join("notify.sock");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let mut command = Command::new(binary());
    command.args(["server", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    let running = Running::start(&mut command);
    let hear = || {
        let mut buffer = [0; 256];
        let len = socket.recv(&mut buffer).expect("a state in time");
        String::from_utf8_lossy(&buffer[..len]).into_owned()
    };
    assert_eq!(hear(), "READY=1");
    assert_eq!((hear(), hear()), ("WATCHDOG=1".into(), "WATCHDOG=1".into()));
    running.signal("HUP");
    until("a reload to be told", SOON, || (hear() == "RELOADING=1").then_some(()));
    until("readiness after it", SOON, || (hear() == "READY=1").then_some(()));
    let ended = std::thread::spawn(move || running.terminate());
    until("the end to be told", SOON, || (hear() == "STOPPING=1").then_some(()));
    assert!(ended.join().unwrap().success());
}

/// Asks as somebody elsewhere would: by another name than localhost.
fn status_for(server: &Server, token: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let head = format!(
        "GET /health HTTP/1.1\r\nHost: mon.example\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap_or("").to_owned()
}

#[test]
fn tokens_open_the_door_and_are_read_again_on_hup() {
    let folder = Folder::new("tokens");
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "first\n# a comment\n").unwrap();
    let server =
        Server::start("server", folder.path(), 0, &["--access-token-file", tokens.to_str().unwrap()]);
    assert_eq!((status_for(&server, "first"), status_for(&server, "second")), ("200".into(), "401".into()));
    std::fs::write(&tokens, "second\n").unwrap();
    server.process.signal("HUP");
    until("the new token to hold", SOON, || (status_for(&server, "second") == "200").then_some(()));
    assert_eq!(status_for(&server, "first"), "401");

    // Settings that are broken now change nothing.
    std::fs::write(&tokens, "").unwrap();
    server.process.signal("HUP");
    server.process.line_with("has no token in it");
    assert_eq!(status_for(&server, "second"), "200");
}

#[test]
fn an_agent_shows_its_token() {
    let (data, spool, port) = (Folder::new("token-server"), Folder::new("token-agent"), free_port());
    let token = spool.path().join("token");
    std::fs::write(&token, "s3cret\n").unwrap();
    let server =
        Server::start("server", data.path(), port, &["--access-token-file", token.to_str().unwrap()]);
    let mut command = Command::new(binary());
    command.args([
        "agent",
        "--host",
        "tokened",
        "--server",
        &server.url,
        "--token-file",
        token.to_str().unwrap(),
        "--data",
    ]);
    let _agent = Running::start(command.arg(spool.path()));
    until("the agent's host", SOON, || {
        let hosts = it::http::get(&server.at("/api/v1/label/host/values")).text;
        hosts.contains("tokened").then_some(())
    });
}

#[test]
fn bad_input_is_in_the_log_once_in_a_while() {
    let folder = Folder::new("refusals");
    let server = Server::start("server", folder.path(), 0, &[]);
    for _ in 0..50 {
        it::http::post(&server.at("/api/v1/probe"), "text/plain", "web1:load:much:GAUGE\n");
    }
    server.process.line_with("refused input");
    assert!(server.process.said().matches("refused input").count() <= 5, "{}", server.process.said());
}
