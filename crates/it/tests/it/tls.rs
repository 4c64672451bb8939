//! The server speaks https with a certificate that openssl made; curl and an agent believe it, others are told why not.

use it::http::{numbers, run};
use it::process::{Folder, Running, binary, free_port};
use it::wait::until;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn openssl(folder: &Path, line: &str) {
    let output = Command::new("openssl").args(line.split_whitespace()).current_dir(folder).output();
    let output = output.expect("openssl can be started");
    assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `ca.pem`, and `server.pem` with `server.key` for localhost.
fn papers(folder: &Path) {
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
    );
    openssl(folder, "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost");
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    openssl(
        folder,
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    );
}

fn curl(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20"]).args(arguments).current_dir(folder);
    command.output().expect("curl can be started")
}

#[test]
fn https_carries_pages_and_agents() {
    let folder = Folder::new("tls");
    papers(folder.path());
    std::fs::write(folder.path().join("token"), "sesame\n").unwrap();
    let port = free_port();
    let mut command = Command::new(binary());
    command.args(["server", "--data", "data", "--listen", &format!("127.0.0.1:{port}")]);
    command.args([
        "--tls-cert-file",
        "server.pem",
        "--tls-key-file",
        "server.key",
        "--access-token-file",
        "token",
    ]);
    let server = Running::start(command.current_dir(folder.path()));
    server.line_with(&format!("https://127.0.0.1:{port}/"));

    let health = format!("https://localhost:{port}/health");
    let believed = curl(folder.path(), &["--cacert", "ca.pem", &health]);
    assert!(believed.status.success(), "{}", String::from_utf8_lossy(&believed.stderr));
    let doubted = curl(folder.path(), &[&health]);
    assert!(!doubted.status.success(), "nobody vouches for this authority");

    let mut command = Command::new(binary());
    command.args(["agent", "--host", "merlin", "--data", "spool", "--ca-file", "ca.pem"]);
    command.args(["--token-file", "token", "--server", &format!("https://localhost:{port}")]);
    let agent = Running::start(command.current_dir(folder.path()));
    agent.line_with("watches");
    // From this machine the same port answers without TLS too.
    let url = format!("http://127.0.0.1:{port}");
    until("samples over TLS", SOON, || {
        let series = run(&url, ".es(q='host:merlin', metric='count:load1')", "now-1m", "now", "1s");
        series.first().map(numbers).filter(|counts| counts.iter().any(|n| *n > 0.0))
    });
    assert!(agent.terminate().success() && server.terminate().success());
}
