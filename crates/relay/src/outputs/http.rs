//! What outputs over HTTP share: a post, and what its answer means.

use crate::output::Failure;
use net::{Client, Interrupt, Request, Url};
use std::sync::Arc;
use std::time::Duration;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// Longest time that another side may ask us to wait.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(15 * 60);

/// Posts to one address over a connection that is kept open.
pub(super) struct Poster {
    client: Client,
    url: Url,
    authorization: Option<String>,
}

/// A good answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Poster {
    pub(super) fn new(url: Url, token: Option<String>, net: net::Options, timeout: Duration) -> Self {
        let mut options = net::Options { response_bytes_max: ANSWER_BYTES_MAX, ..net };
        options.liveness.transfer = timeout;
        options.liveness.transfer_unwatched = timeout;
        let authorization = token.map(|token| match token.split_once(' ') {
            // `Basic …`, `Token …`: as it stands.
            Some(_) => token,
            None => format!("Bearer {token}"),
        });
        Self { client: Client::new(options), url, authorization }
    }

    /// Another thread's way to end it.
    pub(super) fn interrupt(&self) -> Arc<dyn Fn() + Send + Sync> {
        let interrupt: Interrupt = self.client.interrupt();
        Arc::new(move || interrupt.interrupt())
    }

    /// Posts; statuses below 300 and those in `fine` are good answers.
    pub(super) fn post(
        &mut self,
        headers: &[(&str, &str)],
        body: &[u8],
        fine: &[u16],
    ) -> Result<Answer, Failure> {
        let mut all = headers.to_vec();
        all.extend(self.authorization.as_deref().map(|value| ("Authorization", value)));
        let request = Request { method: "POST", url: &self.url, headers: &all, body };
        let url = &self.url;
        let response = self.client.send(&request).map_err(|e| Failure::Later(format!("{url}: {e}"), None))?;
        let body = String::from_utf8_lossy(response.body).into_owned();
        let status = response.status;
        let said = || {
            let words: String = body.chars().filter(|c| !c.is_control()).take(200).collect();
            format!("{url} answered {status}: {words}")
        };
        let wait = response.header("Retry-After").and_then(|text| text.trim().parse().ok());
        let wait = wait.map(|seconds| Duration::from_secs(seconds).min(RETRY_AFTER_MAX));
        match status {
            _ if fine.contains(&status) => {}
            200..=299 => {}
            413 => return Err(Failure::TooLarge),
            // Not let in, or nobody there: no fault of the content, which is kept until that is mended.
            401 | 403 | 404 | 405 | 407 | 408 | 429 | 500.. | 300..=399 => {
                return Err(Failure::Later(said(), wait));
            }
            _ => return Err(Failure::Refused(said())),
        }
        Ok(Answer { status, body })
    }
}
