//! The server that the agents ship to, with and without TLS.

use crate::peer::{Peer, free_port, windhover};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to listen.
const SOON: Duration = Duration::from_secs(30);

/// A server, and how an agent finds it.
pub struct Server {
    peer: Peer,
    url: String,
    ca_file: Option<PathBuf>,
}

impl Server {
    /// Starts one that keeps its data in `folder`; where it `is_secure` it speaks TLS with a certificate made there.
    pub fn start(folder: &Path, is_secure: bool) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let port = free_port();
        let mut command = Command::new(windhover());
        command.args(["server", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(folder.join("data"));
        if is_secure {
            papers(folder)?;
            command.arg("--tls-cert-file").arg(folder.join("server.pem"));
            command.arg("--tls-key-file").arg(folder.join("server.key"));
        }
        let peer = Peer::start("server", &mut command)?;
        let end = Instant::now() + SOON;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > end {
                return Err("the server does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let scheme = if is_secure { "https" } else { "http" };
        let ca_file = is_secure.then(|| folder.join("ca.pem"));
        Ok(Self { peer, url: format!("{scheme}://localhost:{port}"), ca_file })
    }

    /// Tells an agent where it is.
    pub fn name_to(&self, agent: &mut Command) {
        agent.args(["--server", &self.url]);
        if let Some(file) = &self.ca_file {
            agent.arg("--ca-file").arg(file);
        }
    }

    /// Ends it.
    pub fn stop(self) {
        self.peer.stop();
    }
}

/// An authority and a certificate for `localhost`, for a day.
fn papers(folder: &Path) -> Result<(), String> {
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").map_err(|e| e.to_string())?;
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for arguments in [
        format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Bench -days 1"),
        format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile names -out server.pem"
            .to_owned(),
    ] {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().map_err(|e| format!("openssl: {e}"))?;
        if !status.success() {
            return Err(format!("openssl {arguments}: {status}"));
        }
    }
    Ok(())
}
