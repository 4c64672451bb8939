//! The read side, put together from the store, the events and what people decided.

use super::facts;
use super::place::Place;
use crate::selfwatch::profile::Profiling;
use crate::settings::Settings;
use crate::settings::aggregation::Usual;
use ::events::EventLog;
use anyhow::Context;
use api::Api;
use api::agents::Agents;
use api::profiles::Asks;
use meta::{Groups, Sheets};
use query::graphite::Naming;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::disk::RealDisk;
use store::Store;

/// What the doors can tell of themselves, as JSON.
pub(super) type Protocols = Box<dyn Fn() -> Value + Send + Sync>;

/// What the read side is made from.
pub(super) struct Reading<'a> {
    pub(super) settings: &'a Settings,
    pub(super) role: &'static str,
    pub(super) started_ms: i64,
    pub(super) place: &'a Place,
    pub(super) store: &'a Arc<Store>,
    pub(super) events: &'a Arc<EventLog>,
    pub(super) usual: &'a Arc<Usual>,
    pub(super) profiling: &'a Arc<Profiling>,
    pub(super) clock: &'a Arc<dyn Clock>,
}

impl Reading<'_> {
    pub(super) fn api(&self, protocols: Protocols) -> anyhow::Result<Api> {
        let (asked, usual) = (self.profiling.clone(), self.usual.clone());
        Ok(Api {
            source: self.store.clone(),
            keeper: self.store.clone(),
            events: self.events.clone(),
            event_sink: self.events.clone(),
            naming: Naming::parse(self.settings.text("graphite.paths")).context("graphite.paths")?,
            find_nodes_max: self.settings.count("graphite.find_nodes_max").max(1) as usize,
            usual: Arc::new(move |labels: &_, step_ms| usual.way(labels, step_ms)),
            agents: agents(&self.place.data)?,
            sheets: sheets(&self.place.data)?,
            profiles: Asks::new(move |seconds| asked.ask(Some(seconds))),
            clock: self.clock.clone(),
            facts: facts::facts(self, protocols),
        })
    }
}

fn agents(data: &Path) -> anyhow::Result<Agents> {
    let groups = Groups::open(Arc::new(RealDisk), data.join("meta/agent-groups"))?;
    Ok(Agents { groups, check: crate::settings::central::problems })
}

fn sheets(data: &Path) -> anyhow::Result<Sheets> {
    let sheets = Sheets::open(Arc::new(RealDisk), data.join("meta/sheets"))?;
    sheets.problems().iter().for_each(|problem| tracing::warn!("a sheet is left out: {problem}"));
    Ok(sheets)
}
