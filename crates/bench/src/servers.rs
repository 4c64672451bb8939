//! Servers that take remote write, started on an empty folder.

use crate::peer::{Peer, free_port, ready, windhover};
use crate::victoria::Victoria;
use std::path::Path;
use std::process::Command;

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Ours.
    Windhover,
    /// `apt install victoria-metrics`
    Victoria,
    /// `apt install prometheus`
    Prometheus,
}

impl Server {
    /// Starts one; gives its port too.
    pub fn start(self, data: &Path) -> Result<(Peer, u16), String> {
        let port = free_port();
        let address = format!("127.0.0.1:{port}");
        let (peer, health) = match self {
            Self::Windhover => (start_windhover(&address, data)?, "health"),
            Self::Victoria => return Victoria::start(data).map(|victoria| (victoria.peer, victoria.port)),
            Self::Prometheus => (start_prometheus(&address, data)?, "-/ready"),
        };
        ready(&format!("http://{address}/{health}"))?;
        Ok((peer, port))
    }

    /// What it is called in a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Windhover => "windhover",
            Self::Victoria => "victoria-metrics",
            Self::Prometheus => "prometheus",
        }
    }
}

fn start_windhover(address: &str, data: &Path) -> Result<Peer, String> {
    let mut command = Command::new(windhover());
    command.args(["server", "--listen", address, "--store-late", "1000d", "--data"]).arg(data);
    Peer::start("windhover", &mut command)
}

fn start_prometheus(address: &str, data: &Path) -> Result<Peer, String> {
    let config = data.join("prometheus.yml");
    std::fs::create_dir_all(data)
        .and_then(|()| std::fs::write(&config, "global: {}\n"))
        .map_err(|e| format!("{}: {e}", config.display()))?;
    let mut command = Command::new("prometheus");
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!("--storage.tsdb.path={}", data.join("data").display()));
    command.arg(format!("--web.listen-address={address}")).arg("--web.enable-remote-write-receiver");
    Peer::start("prometheus", &mut command)
}
