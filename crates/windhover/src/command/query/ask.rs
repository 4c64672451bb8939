//! Whom to ask: a running server, or a data folder that is only read.

use crate::command::remote::Remote;
use crate::settings::Settings;
use anyhow::{Context, bail};
use api::run::{Asked, Refusal, evaluate_on};
use model::TimeRange;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use stdx::clock::{Clock, SystemClock};
use store::Store;

/// Who answers.
pub(super) enum Asker<'a> {
    Server(Box<Remote>),
    /// Opened for each question, so that what came since is seen.
    Folder(&'a Settings, PathBuf),
}

impl<'a> Asker<'a> {
    /// The server at `url`, or the local one of the settings.
    pub(super) fn server(url: Option<&str>, settings: &'a Settings) -> anyhow::Result<Self> {
        Ok(Self::Server(Box::new(Remote::new(url, settings)?)))
    }

    /// The data folder of the settings.
    pub(super) fn folder(settings: &'a Settings) -> anyhow::Result<Self> {
        let dir = settings.path("data").context("`data` is empty")?;
        if !dir.join("store").is_dir() {
            bail!("there is no store in {} (--data names the data folder)", dir.display());
        }
        Ok(Self::Folder(settings, dir))
    }

    /// The answer to a request for an evaluation.
    pub(super) fn ask(&mut self, request: &Value) -> anyhow::Result<Value> {
        let body = request.to_string().into_bytes();
        let said = match self {
            Self::Server(remote) => remote.post("/api/v1/run", "application/json", &body)?,
            Self::Folder(settings, dir) => {
                let store = open(settings, dir)?;
                let now_ms = SystemClock.now_ms();
                let evaluated = Asked::parse(&body).and_then(|asked| evaluate_on(&store, &asked, now_ms));
                let refused = |Refusal { sentence, hint }| match hint {
                    Some(hint) => anyhow::anyhow!("{sentence} ({hint})"),
                    None => anyhow::anyhow!("{sentence}"),
                };
                evaluated.map_err(refused)?.json(&store, 0, None)
            }
        };
        serde_json::from_slice(&said).context("the answer is not JSON")
    }

    /// What may stand at a place of a text.
    pub(super) fn complete(&mut self, request: &Value) -> anyhow::Result<Value> {
        match self {
            Self::Server(remote) => {
                let said =
                    remote.post("/api/v1/complete", "application/json", request.to_string().as_bytes())?;
                serde_json::from_slice(&said).context("the answer is not JSON")
            }
            Self::Folder(settings, dir) => {
                let store = open(settings, dir)?;
                api::complete::answer(&store, request, SystemClock.now_ms()).map_err(anyhow::Error::msg)
            }
        }
    }
}

fn open(settings: &Settings, dir: &std::path::Path) -> anyhow::Result<Store> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut options = crate::role::serving::options::store(settings, dir, clock)?;
    options.tell = Arc::new(|event| eprintln!("windhover: {event}"));
    Store::open_read_only(options, TimeRange::ALL).context("the store cannot be opened")
}
