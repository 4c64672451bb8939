//! Talking to a running server from the terminal.

use crate::settings::Settings;
use anyhow::{Context, bail};
use net::{Client, Options, Request, Tls, Url};
use std::time::Duration;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// How often a busy server is asked again.
const BUSY_TRIES_MAX: u32 = 120;
/// How long it is left alone in between.
const BUSY_PAUSE: Duration = Duration::from_millis(500);

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

    /// Host and port, for people.
    pub fn address(&self) -> String {
        self.base.authority()
    }

    /// Posts a body and gives the answer's; other statuses than 2xx are errors.
    pub fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let answer = self.send("POST", path, &[("content-type", content_type)], body)?;
        self.expect_fine(answer)
    }

    /// Posts a body again and again while the server is too busy to take it.
    pub fn post_patiently(&mut self, path: &str, content_type: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut why = String::new();
        for _ in 0..BUSY_TRIES_MAX {
            let answer = self.send("POST", path, &[("content-type", content_type)], body)?;
            if answer.0 != 503 {
                return self.expect_fine(answer);
            }
            why = reason(&answer.1);
            std::thread::sleep(BUSY_PAUSE);
        }
        bail!("{} was too busy {BUSY_TRIES_MAX} times in a row: {why}", self.base.authority())
    }

    /// Puts a body at a path and gives the answer's; other statuses than 2xx are errors.
    pub fn put(&mut self, path: &str, content_type: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let answer = self.send("PUT", path, &[("content-type", content_type)], body)?;
        self.expect_fine(answer)
    }

    /// Deletes what is at a path; other statuses than 2xx are errors.
    pub fn delete(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.send("DELETE", path, &[], &[])?;
        self.expect_fine(answer)
    }

    /// Gets what is at a path; other statuses than 2xx are errors.
    pub fn get(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.send("GET", path, &[], &[])?;
        self.expect_fine(answer)
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let url = self.base.below(path);
        let authorization = self.authorization.as_deref().map(|value| ("authorization", value));
        let headers: Vec<(&str, &str)> = headers.iter().copied().chain(authorization).collect();
        let request = Request { method, url: &url, headers: &headers, body };
        let address = self.base.authority();
        let answer = self.client.send(&request).with_context(|| {
            format!("no answer from {address}; is the server running? (`windhover` starts one)")
        })?;
        Ok((answer.status, answer.body.to_vec()))
    }

    fn expect_fine(&self, (status, body): (u16, Vec<u8>)) -> anyhow::Result<Vec<u8>> {
        if !(200..300).contains(&status) {
            let address = self.base.authority();
            bail!("{address} answered {status}: {}", reason(&body));
        }
        Ok(body)
    }
}

/// Why a server refused: what its JSON says, or all of another answer.
fn reason(body: &[u8]) -> String {
    let told = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    match (told["error"].as_str(), told["hint"].as_str()) {
        (Some(error), Some(hint)) => format!("{error} ({hint})"),
        (Some(error), None) => error.to_owned(),
        (None, _) => String::from_utf8_lossy(body).trim().to_owned(),
    }
}
