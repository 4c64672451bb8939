//! Asks the server which settings this host is to use, puts them on trial, and goes back when they do harm.
//!
//! Called again and again from a thread that has other work too. Other settings hold after the agent has started itself
//! anew, which it asks of itself by the signal that a person would use.

use super::link;
use crate::given::trial::{Cost, STARTS_MAX, harm};
use crate::given::{Given, Which};
use crate::selfwatch;
use crate::selfwatch::profile::Profiling;
use crate::settings::{Settings, central};
use crate::signals;
use anyhow::Context;
use model::Standings;
use net::url::encode;
use net::{Client, Request, Url};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;

/// The processor time of a shorter stretch says nothing.
const COST_STRETCH_MS: i64 = 30_000;
/// Where the server tells.
const PATH: &str = "/api/v1/agent/settings";

/// See the module's text.
pub struct Obeying {
    given: Given,
    clock: Arc<dyn Clock>,
    standings: Arc<dyn Standings>,
    profiling: Arc<Profiling>,
    link: net::Options,
    server: Url,
    authorization: Option<String>,
    host: String,
    every_ms: i64,
    trial_ms: i64,
    asked_ms: i64,
    meter: Meter,
    problem: String,
    is_restarting: bool,
}

/// What the agent costs, over the last stretch.
struct Meter {
    since_ms: i64,
    cpu_seconds: f64,
    cpu_share: f64,
}

impl Obeying {
    /// `None` when the settings say not to ask. A version that made the agent start too often is taken back here.
    pub fn new(
        settings: &Settings,
        clock: &Arc<dyn Clock>,
        standings: Arc<dyn Standings>,
        profiling: Arc<Profiling>,
    ) -> anyhow::Result<Option<Self>> {
        let data = settings.path("data").context("`data` is empty")?;
        let every = settings.duration("agent.settings_every");
        let server = settings.urls("agent.server").into_iter().next();
        let Some(server) = server.filter(|_| every > Duration::ZERO) else { return Ok(None) };
        let now_ms = clock.now_ms();
        let mut obeying = Self {
            given: Given::open(&data),
            clock: clock.clone(),
            standings,
            profiling,
            link: link::options(settings, clock)?,
            server: Url::parse(&server).map_err(anyhow::Error::msg)?,
            authorization: super::token(settings)?.map(|token| format!("Bearer {token}")),
            host: super::host_name(settings),
            every_ms: every.as_millis() as i64,
            trial_ms: settings.duration("agent.settings_trial").as_millis() as i64,
            asked_ms: i64::MIN,
            meter: Meter { since_ms: now_ms, cpu_seconds: selfwatch::cpu_seconds(), cpu_share: 0.0 },
            problem: String::new(),
            is_restarting: false,
        };
        obeying.count_start();
        Ok(Some(obeying))
    }

    /// One look.
    pub fn look(&mut self) {
        if self.is_restarting {
            return;
        }
        let now_ms = self.clock.now_ms();
        self.meter.read(now_ms);
        self.judge(now_ms);
        if now_ms.saturating_sub(self.asked_ms) >= self.every_ms {
            self.asked_ms = now_ms;
            let asked = self.ask(now_ms);
            self.tell(asked.err().map(|e| format!("{e:#}")).unwrap_or_default());
        }
    }

    fn count_start(&mut self) {
        match self.given.count_start() {
            Ok(starts) if starts > STARTS_MAX => {
                self.take_back(&format!("the agent was started {starts} times within the trial"));
            }
            Ok(_) => {}
            Err(e) => tracing::warn!("settings from the server: {e}"),
        }
    }

    /// Passes or ends a trial that is due.
    fn judge(&mut self, now_ms: i64) {
        let Some(trial) = self.given.state.trial else { return };
        let is_over = now_ms.saturating_sub(trial.since_ms) >= self.trial_ms;
        let why = if self.meter.is_telling() || is_over { harm(&trial.cost, &self.cost()) } else { None };
        match why {
            Some(why) => self.take_back(&why),
            None if is_over => match self.given.pass() {
                Ok(()) => tracing::info!("settings from the server passed their trial"),
                Err(e) => tracing::warn!("settings from the server: {e}"),
            },
            None => {}
        }
    }

    fn take_back(&mut self, why: &str) {
        tracing::warn!("settings from the server are taken back: {why}");
        match self.given.take_back(why) {
            Ok(()) => self.restart(),
            Err(e) => tracing::error!("settings from the server stay: {e}"),
        }
    }

    /// Says how it goes and takes what is offered.
    fn ask(&mut self, now_ms: i64) -> anyhow::Result<()> {
        let url = self.server.below(&format!("{PATH}?{}", self.report()));
        let headers: Vec<_> =
            self.authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
        // A connection of its own, gone at once: it is needed once a minute.
        let mut client = Client::new(self.link.clone());
        let answer = client.send(&Request { method: "GET", url: &url, headers: &headers, body: b"" })?;
        if let Some(seconds) = answer.header("x-windhover-profile").and_then(|text| text.parse().ok()) {
            self.profiling.ask(Some(seconds));
        }
        match answer.status {
            200 => {
                let header = |name: &str| {
                    answer.header(name).context("the server does not say which settings these are")
                };
                let version = header("x-windhover-version")?.parse().context("the version is no number")?;
                let which = Which { group: header("x-windhover-group")?.to_owned(), version };
                let text = String::from_utf8(answer.body.to_vec()).context("the settings are not UTF-8")?;
                self.take(which, &text, now_ms)
            }
            204 if self.given.state.current.is_some() => {
                tracing::info!("the server has no settings for this host any more");
                self.replace(None, "", now_ms)
            }
            204 => Ok(()),
            // A server that is older than this.
            404 => Ok(()),
            status => anyhow::bail!("the server answered {status}"),
        }
    }

    fn take(&mut self, which: Which, text: &str, now_ms: i64) -> anyhow::Result<()> {
        let state = &self.given.state;
        let is_refused = state.refused.as_ref().is_some_and(|refused| refused.which == which);
        if state.current.as_ref() == Some(&which) || is_refused {
            return Ok(());
        }
        let name = format!("{which}");
        let problems = central::parse(&name, text).problems;
        if let Some(problem) = problems.first() {
            let why = format!("not understood: {problem}");
            self.given.replace(Some(which), "", self.cost(), now_ms)?;
            self.given.take_back(&why)?;
            anyhow::bail!("{why}");
        }
        tracing::info!("settings of group and version {name} from the server go on trial");
        self.replace(Some(which), text, now_ms)
    }

    fn replace(&mut self, which: Option<Which>, text: &str, now_ms: i64) -> anyhow::Result<()> {
        self.given.replace(which, text, self.cost(), now_ms)?;
        self.restart();
        Ok(())
    }

    fn restart(&mut self) {
        self.is_restarting = true;
        if let Err(e) = signals::ask_to_reload() {
            tracing::error!("the agent cannot start itself anew: {e}");
        }
    }

    fn cost(&self) -> Cost {
        let failing = self.standings.standings().iter().filter(|part| !part.problem.is_empty()).count();
        Cost {
            anonymous_bytes: selfwatch::anonymous_bytes(),
            cpu_share: self.meter.cpu_share,
            failing: failing as u32,
        }
    }

    fn report(&self) -> String {
        let state = &self.given.state;
        let (which, word, why) = match (&state.current, &state.refused) {
            (_, Some(refused)) => (Some(&refused.which), "taken-back", refused.why.as_str()),
            (Some(which), None) => {
                (Some(which), if state.trial.is_some() { "on-trial" } else { "in-use" }, "")
            }
            (None, None) => (None, "none", ""),
        };
        let (group, version) = which.map_or(("", 0), |which| (which.group.as_str(), which.version));
        let [host, group, why] = [self.host.as_str(), group, why].map(encode);
        format!("host={host}&group={group}&version={version}&state={word}&why={why}")
    }

    fn tell(&mut self, problem: String) {
        if !problem.is_empty() && problem != self.problem {
            tracing::warn!("settings from the server: {problem}");
        }
        self.problem = problem;
    }
}

impl Meter {
    fn read(&mut self, now_ms: i64) {
        let stretch_ms = now_ms - self.since_ms;
        if !(0..COST_STRETCH_MS).contains(&stretch_ms) {
            let cpu_seconds = selfwatch::cpu_seconds();
            let share = (cpu_seconds - self.cpu_seconds) / (stretch_ms.max(1) as f64 / 1000.0);
            *self = Self { since_ms: now_ms, cpu_seconds, cpu_share: share };
        }
    }

    /// Whether a whole stretch was measured.
    fn is_telling(&self) -> bool {
        self.cpu_share > 0.0
    }
}
