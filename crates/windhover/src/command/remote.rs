//! Talking to a running server from the terminal.

use crate::settings::Settings;
use anyhow::{Context, bail};
use net::{Client, Options, Request, Tls, Url};

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// A server.
pub struct Remote {
    client: Client,
    base: Url,
    authorization: Option<String>,
}

impl Remote {
    /// The server at `url`, or the local one of the settings.
    pub fn new(url: Option<&str>, settings: &Settings) -> anyhow::Result<Self> {
        let text = url.map_or_else(|| format!("http://{}", settings.text("listen")), str::to_owned);
        let base = Url::parse(&text).map_err(anyhow::Error::msg)?;
        let tls = Tls { ca_file: settings.path("agent.ca_file"), ..Tls::default() };
        let client = Client::new(Options { response_bytes_max: ANSWER_BYTES_MAX, tls, ..Options::default() });
        let authorization = crate::role::token(settings)?.map(|token| format!("Bearer {token}"));
        Ok(Self { client, base, authorization })
    }

    /// Posts a body and gives the answer's; other statuses than 2xx are errors.
    pub fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        self.send("POST", path, &[("content-type", content_type)], body)
    }

    /// Asks for a path; the same errors.
    pub fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.send("GET", path, &[], &[])
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Vec<u8>> {
        let url = self.base.below(path);
        let authorization = self.authorization.as_deref().map(|value| ("authorization", value));
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain(authorization).collect();
        let request = Request { method, url: &url, headers: &headers, body };
        let address = self.base.authority();
        let answer = self.client.send(&request).with_context(|| {
            format!("no answer from {address}; is the server running? (`windhover` starts one)")
        })?;
        if !(200..300).contains(&answer.status) {
            bail!("{address} answered {}: {}", answer.status, String::from_utf8_lossy(answer.body).trim());
        }
        Ok(answer.body.to_vec())
    }
}
