//! `/federate`: the newest sample of each series that matches, as the text other servers scrape.

use super::ask::Refused;
use super::envelope::failure;
use super::{Fault, params};
use crate::Api;
use ::query::Joined;
use lang::promql;
use lang::scope::LOOKBACK_MS_DEFAULT;
use model::{Labels, Matcher, Sample, Source, TimeRange};
use serve::{Request, Response, StatusCode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use wire::protocols::prometheus_text::write_series;

const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8";

/// Most series of an answer.
const SERIES_MAX: usize = 1_000_000;

/// `GET /federate`.
pub fn get(api: &Arc<Api>, request: &Request) -> Response {
    let asked = params(request);
    let answered = || -> Result<Response, Refused> {
        let selectors = asked.all("match[]").map(selector).collect::<Result<Vec<_>, _>>()?;
        let samples = newest(api, &selectors)?;
        Ok(Response::new(StatusCode::OK, MEDIA_TYPE, text(&samples).into_bytes()))
    };
    answered().unwrap_or_else(|refused| failure(&refused))
}

fn selector(text: &str) -> Result<Vec<Matcher>, Refused> {
    let selector = promql::parse_selector(text).map_err(|e| super::query::unparsed("match[]", text, &e))?;
    Ok(selector.matchers)
}

/// By name first, so that series of one metric stand together.
type Found = BTreeMap<(String, Labels), Sample>;

fn newest(api: &Api, selectors: &[Vec<Matcher>]) -> Result<Found, Refused> {
    let now_ms = api.clock.now_ms();
    let range = TimeRange::new(now_ms - LOOKBACK_MS_DEFAULT + 1, now_ms + 1);
    let unread = |error: model::ReadError| Refused { fault: Fault::Execution, error: error.to_string() };
    let mut found = Found::new();
    for matchers in selectors {
        // The text has no native histograms: their classic series stand for them.
        let source = Joined::new(api.source.as_ref());
        let selection = source.select(matchers, range, SERIES_MAX).map_err(unread)?;
        if selection.truncated {
            let error = format!("a selector matches more than {SERIES_MAX} series");
            return Err(Refused { fault: Fault::Execution, error });
        }
        let ids: Vec<_> = selection.series.iter().map(|series| series.id).collect();
        let samples = source.last(&ids, range).map_err(unread)?;
        for (series, sample) in selection.series.into_iter().zip(samples) {
            if let Some(sample) = sample.filter(|sample| !model::is_stale(sample.value)) {
                found.insert((series.labels.name().to_owned(), series.labels), sample);
            }
        }
    }
    Ok(found)
}

fn text(found: &Found) -> String {
    let (mut out, mut last) = (String::new(), None);
    for ((name, labels), sample) in found {
        if last != Some(name) {
            last = Some(name);
            let _ = writeln!(out, "# TYPE {} untyped", promql_name(name));
        }
        // A label that is there and empty keeps the server that asks from putting its own in.
        write_series(&mut out, labels);
        if labels.get("instance").is_none() {
            add_empty_instance(&mut out);
        }
        let _ = writeln!(out, " {} {}", number(sample.value), sample.time_ms);
    }
    out
}

fn promql_name(name: &str) -> String {
    if promql::is_metric_name(name) { name.to_owned() } else { promql::quoted(name) }
}

fn add_empty_instance(out: &mut String) {
    match out.ends_with('}') {
        true => {
            out.pop();
            out.push_str(",instance=\"\"}");
        }
        false => out.push_str("{instance=\"\"}"),
    }
}

fn number(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}
