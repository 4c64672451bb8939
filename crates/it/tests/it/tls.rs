//! The server speaks https with a certificate that openssl made; curl and an agent believe it, others are told why not.

use it::http::{numbers, run};
use it::network::{Network, Side};
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
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:10.77.0.1\n").unwrap();
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

#[test]
fn a_certificate_of_the_agents_own_opens_the_door_without_a_token() {
    // On the same machine nobody needs a token.
    let Some(network) = Network::new() else { return };
    let folder = Folder::new("client-certificate");
    papers(folder.path());
    std::fs::write(folder.path().join("token"), "sesame\n").unwrap();
    openssl(folder.path(), "req -newkey rsa:2048 -nodes -keyout agent.key -out agent.csr -subj /CN=merlin");
    openssl(
        folder.path(),
        "x509 -req -in agent.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out agent.pem",
    );
    let here = format!("cd {}", folder.path().display());
    let server = [
        &["server", "--data", "data", "--listen", "0.0.0.0:9463"][..],
        &["--tls-cert-file", "server.pem", "--tls-key-file", "server.key"],
        &["--tls-client-ca-file", "ca.pem", "--access-token-file", "token"],
    ];
    let server = network.start(Side::Server, &here, &server.concat());
    server.line_with("INFO ready");

    let agent = |more: &[&str]| {
        let address = format!("https://{}:9463", it::network::SERVER);
        let arguments = ["agent", "--host", "merlin", "--data", "spool", "--ca-file", "ca.pem", "--server"];
        network.start(Side::Agent, &here, &[&arguments[..], &[address.as_str()], more].concat())
    };
    let stranger = agent(&[]);
    stranger.line_with("401");
    assert!(stranger.terminate().success());
    agent(&["--cert-file", "agent.pem"]).line_with("`agent.cert_file` needs `agent.key_file`");
    let known = agent(&["--cert-file", "agent.pem", "--key-file", "agent.key"]);
    until("samples under our own certificate", SOON, || {
        let expr = ".es(q='host:merlin', metric='count:load1')";
        let series = network.on(Side::Server, || run("http://127.0.0.1:9463", expr, "now-1m", "now", "1s"));
        series.first().map(numbers).filter(|counts| counts.iter().any(|n| *n > 0.0))
    });
    assert!(known.terminate().success() && server.terminate().success());
}
