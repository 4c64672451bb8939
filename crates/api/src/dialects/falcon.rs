//! Open-Falcon's read doors: those of its old query component, those of its newer api that mean the same ([`rest`]),
//! search ([`index`]), deletion ([`remove`]), what its dashboard ([`dashboard`]) and its data source for Grafana ask
//! ([`grafana`]).
//!
//! ```text
//! POST /graph/history   {"start","end","cf","endpoint_counters":[{"endpoint","counter"}]}
//!                    →  [{"endpoint","counter","dstype","step","Values":[{"timestamp","value"}]}]
//! POST /graph/last      [{"endpoint","counter"}]  →  [{"endpoint","counter","value":{"timestamp","value"}}]
//! POST /graph/last/raw  the same
//! POST /graph/info      [{"endpoint","counter"}]
//!                    →  [{"endpoint","counter","consolFun","step","filename","addr"}]
//! ```
//!
//! A counter is a metric with its tags ([`counter`]); any series with a host can be read, whatever door it came by.
//! GAUGE readers get the values as they are, COUNTER and DERIVE readers (both are told DERIVE, as ever) the growth per
//! second. A rate stands at the end of its interval, as in Open-Falcon's own long-term files; its short-term memory
//! put it one step earlier. What nobody knows is answered too: `dstype` "" and `step` 0, no values, time 0.
//!
//! Refusals are `{"msg":"reason"}` with 400.

mod answer;
mod asked;
mod counter;
pub mod dashboard;
pub mod grafana;
mod history;
pub mod index;
mod newest;
pub mod remove;
pub mod rest;
mod terms;

use crate::Api;
use answer::{Answer, Refusal};
use asked::Pair;
use history::Grid;
use model::{Kind, ReadError, Series, SeriesId, Source};
use newest::{Newest, Point};
use serve::{Request, Response};
use std::sync::Arc;

/// Most counters of one request.
pub const COUNTERS_MAX: usize = 5_000;
/// Most values of one answer.
pub const VALUES_MAX: usize = 1_000_000;

/// The field that holds the reason of a refusal.
const REASON: &str = "msg";

/// `POST /graph/history`.
pub fn history(api: &Arc<Api>, request: &Request) -> Response {
    let answered = asked::history(&request.body).and_then(|asked| {
        let mut answer = Answer::default();
        for pair in &asked.pairs {
            let found = Found::look_up(&api.numbers(), pair)?;
            add_history(api, &mut answer, pair, found.as_ref(), &asked.span)?;
        }
        Ok(answer)
    });
    answer::respond(answered, REASON)
}

/// `POST /graph/last`: the newest value; of counters the newest rate, 0 after a reset.
pub fn last(api: &Arc<Api>, request: &Request) -> Response {
    each_pair(request, |answer, pair| {
        let found = Found::look_up(&api.numbers(), pair)?;
        answer.last(pair, found.and_then(|found| found.last()));
        Ok(())
    })
}

/// `POST /graph/last/raw`: the newest value as it came.
pub fn last_raw(api: &Arc<Api>, request: &Request) -> Response {
    each_pair(request, |answer, pair| {
        let found = Found::look_up(&api.numbers(), pair)?;
        answer.last(pair, found.and_then(|found| found.newest.last()));
        Ok(())
    })
}

/// `POST /graph/info`: type and step.
pub fn info(api: &Arc<Api>, request: &Request) -> Response {
    each_pair(request, |answer, pair| {
        let found = Found::look_up(&api.numbers(), pair)?;
        answer.info(pair, found.as_ref(), &api.facts.listen);
        Ok(())
    })
}

fn each_pair(request: &Request, mut add: impl FnMut(&mut Answer, &Pair) -> Result<(), Refusal>) -> Response {
    let answered = asked::pairs(&request.body).and_then(|pairs| {
        let mut answer = Answer::default();
        pairs.iter().try_for_each(|pair| add(&mut answer, pair))?;
        Ok(answer)
    });
    answer::respond(answered, REASON)
}

fn add_history(
    api: &Api,
    answer: &mut Answer,
    pair: &Pair,
    found: Option<&Found>,
    span: &asked::Span,
) -> Result<(), Refusal> {
    let Some(found) = found else {
        answer.history(pair, None, std::iter::empty());
        return Ok(());
    };
    let now_s = api.clock.now_ms().div_euclid(1000);
    let grid = Grid::new(span.start_s, span.end_s, found.step_s, now_s);
    if answer.values + grid.count > VALUES_MAX {
        return Err(Refusal::bad(format!("more than {VALUES_MAX} values, ask for less at once")));
    }
    let values = grid.read(&api.numbers(), found, span.cf)?;
    answer.history(pair, Some(found), grid.times_s().zip(values));
    Ok(())
}

/// A series as Open-Falcon's readers know it.
struct Found {
    id: SeriesId,
    /// Readers get its growth per second.
    is_rate: bool,
    newest: Newest,
    step_s: i64,
}

impl Found {
    fn look_up(source: &dyn Source, pair: &Pair) -> Result<Option<Self>, Refusal> {
        let found = counter::find(source, &pair.endpoint, &pair.counter)?;
        found.map(|series| Self::of(source, &series)).transpose().map_err(Refusal::from)
    }

    fn of(source: &dyn Source, series: &Series) -> Result<Self, ReadError> {
        let described = || source.describe(series.labels.name()).map(|description| description.kind);
        let kind = match series.kind {
            Kind::Unknown => described().unwrap_or_default(),
            kind => kind,
        };
        let newest = Newest::read(source, series.id)?;
        let step_s = newest.step_s();
        Ok(Self { id: series.id, is_rate: matches!(kind, Kind::Counter | Kind::Derive), newest, step_s })
    }

    /// The type as Open-Falcon keeps it.
    fn dstype(&self) -> &'static str {
        if self.is_rate { "DERIVE" } else { "GAUGE" }
    }

    fn last(&self) -> Option<Point> {
        if self.is_rate { self.newest.last_rate(self.step_s) } else { self.newest.last() }
    }
}

#[cfg(test)]
mod tests;
