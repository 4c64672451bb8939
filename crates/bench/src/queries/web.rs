//! Those who answer over HTTP.

use super::classes::Instance;
use super::{load, ours};
use crate::peer::{Peer, free_port, ready, windhover};
use std::path::Path;
use std::process::Command;

/// Somebody who speaks Prometheus' API.
pub struct Web {
    pub peer: Peer,
    agent: ureq::Agent,
    base: String,
}

impl Web {
    pub fn new(peer: Peer, base: String) -> Self {
        Self { peer, agent: ureq::agent(), base }
    }

    /// The answer to a GET.
    pub fn get(&self, path: &str) -> Result<String, String> {
        let url = format!("{}{path}", self.base);
        let mut answer = self.agent.get(url).call().map_err(|e| format!("{path}: {e}"))?;
        answer.body_mut().with_config().limit(1 << 30).read_to_string().map_err(|e| e.to_string())
    }

    /// The answer to a question in our own interface.
    pub fn ask(&self, body: String) -> Result<Vec<u8>, String> {
        let url = format!("{}/api/v1/run", self.base);
        let request = self.agent.post(&url).content_type("application/json");
        let mut answer = request.send(body).map_err(|e| e.to_string())?;
        let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(|e| e.to_string())?;
        let start = String::from_utf8_lossy(&body[..body.len().min(400)]).into_owned();
        if start.contains("\"results\":[{\"error\":null") { Ok(body) } else { Err(start) }
    }
}

/// Our server on a copy of a store, so that what it does by itself does not change the original.
pub struct Server {
    pub web: Web,
}

impl Server {
    /// Starts one; `arguments` are further ones.
    pub fn start(original: &Path, copy: &Path, arguments: &[&str]) -> Result<Self, String> {
        let _ = std::fs::remove_dir_all(copy);
        std::fs::create_dir_all(copy).map_err(|e| e.to_string())?;
        // The server keeps its samples in a folder of this name.
        load::copy(original, &copy.join("store"))?;
        let listen = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(windhover());
        command.args(["server", "--listen", &listen]).args(arguments).arg("--data").arg(copy);
        let peer = Peer::start("windhover", &mut command)?;
        let base = format!("http://{listen}");
        ready(&format!("{base}/health"))?;
        peer.settle();
        Ok(Self { web: Web::new(peer, base) })
    }

    /// Asks in Timelion.
    pub fn ask(&self, instance: &Instance) -> Result<Vec<u8>, String> {
        self.web.ask(ours::body(instance))
    }
}
