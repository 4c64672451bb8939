//! What Kibana's Timelion answers, for scripts that ask it.
//!
//! ```text
//! POST /api/timelion/run        {"sheet":[".es()"],"time":{"from","to","interval","timezone"}}
//!                            →  {"sheet":[{"type":"seriesList","list":[{"type":"series","data":[[ms,value]],"label",…}]}],"stats"}
//! GET  /api/timelion/functions  →  [{"name","aliases","args","chainable","help",…}]
//! ```
//!
//! Buckets begin at the start of the interval's unit and null is 0 where it is there: see `docs/manual/timelion.md`. Filters of
//! dashboards (`extended`) are not looked at. Refusals are 400 with a `message`, ` in cell #1: …` where it is about one.

mod series;

use crate::{Api, respond};
use model::{Interval, Unit, Zone, timetext};
use query::names::timelion::FUNCTIONS;
use query::{Align, GridSpec, Request as Asked};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Most expressions of a request.
const CELLS_MAX: usize = 64;
/// What is shown when nobody says.
const FROM: &str = "now-15m";

/// `POST /api/timelion/run`.
pub fn run(api: &Arc<Api>, request: &Request) -> Response {
    match answered(api, &request.body) {
        Ok(answer) => respond::json(&answer),
        Err(message) => {
            let body = json!({ "statusCode": 400, "error": "Bad Request", "message": message });
            respond::with_status(StatusCode::BAD_REQUEST, &body)
        }
    }
}

fn answered(api: &Api, body: &[u8]) -> Result<Value, String> {
    let asked: Value = serde_json::from_slice(body).map_err(|e| format!("the request is not JSON: {e}"))?;
    let cells = asked["sheet"].as_array().ok_or("[request body.sheet]: expected value of type [array]")?;
    let texts: Option<Vec<&str>> = cells.iter().map(Value::as_str).collect();
    let texts = texts.ok_or("[request body.sheet]: expected a list of strings")?;
    if texts.len() > CELLS_MAX {
        return Err(format!("{} expressions, at most {CELLS_MAX} are allowed at once", texts.len()));
    }
    let now_ms = api.clock.now_ms();
    let grid = grid(&asked["time"], now_ms)?;
    let made = query::Grid::new(&grid).map_err(|e| e.message())?;
    let plan = lang::timelion::plan_within(&texts, &query::names::signatures(FUNCTIONS), &made.scope());
    let request = Asked { compatible: true, now_ms, ..Asked::new(&plan, FUNCTIONS, grid) };
    let answer = query::run(&request, api.source.as_ref()).map_err(|e| e.message())?;
    let mut sheet = Vec::with_capacity(texts.len());
    for (at, result) in answer.results.iter().enumerate() {
        let frame = result.as_ref().map_err(|e| format!(" in cell #{}: {}", at + 1, e.message()))?;
        sheet.push(series::list(frame, &answer.grid));
    }
    let reads = plan.reads().len();
    let stats = json!({
        "invokeTime": now_ms, "queryTime": now_ms, "sheetTime": api.clock.now_ms(), "queryCount": reads,
        "cacheCount": reads,
    });
    Ok(json!({ "sheet": sheet, "stats": stats }))
}

fn grid(time: &Value, now_ms: i64) -> Result<GridSpec, String> {
    let zone = match time["timezone"].as_str().filter(|name| !name.is_empty()) {
        Some(name) => Zone::named(name)?,
        None => Zone::utc(),
    };
    let instant = |name: &str, default: &str| match &time[name] {
        Value::Number(ms) => ms.as_i64().ok_or_else(|| format!("`{name}` is not a whole number")),
        other => {
            let text = other.as_str().unwrap_or(default);
            timetext::parse(text, now_ms, &zone).map_err(|e| format!("`{name}`: {e}"))
        }
    };
    let interval = match time["interval"].as_str().unwrap_or("auto") {
        "" | "auto" => None,
        text => Some(Interval::parse(text).ok_or_else(|| format!("Malformed `interval`: {text}"))?),
    };
    let (from_ms, to_ms) = (instant("from", FROM)?, instant("to", "now")?);
    let interval_min = Interval::new(1, Unit::Millisecond);
    Ok(GridSpec { interval, interval_min, align: Align::Unit, zone, ..GridSpec::new(from_ms, to_ms) })
}

/// `GET /api/timelion/functions`.
pub fn functions(_: &Arc<Api>, _: &Request) -> Response {
    let mut all: Vec<Value> = query::names::signatures(FUNCTIONS).into_iter().map(function).collect();
    all.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    respond::json(&json!(all))
}

fn function(function: &lang::Signature) -> Value {
    let input = json!({ "name": "inputSeries", "types": ["seriesList"] });
    let own = function.args.iter().map(|argument| {
        let types = argument.types.iter().map(|kind| match kind {
            lang::Type::Series => "seriesList",
            kind => kind.as_str(),
        });
        let types: Vec<&str> = types.chain((!argument.required).then_some("null")).collect();
        let suggestions: Vec<Value> =
            argument.suggestions.iter().map(|one| json!({ "name": one.value, "help": one.doc })).collect();
        json!({
            "name": argument.name, "types": types, "multi": argument.multi, "help": argument.doc,
            "suggestions": suggestions,
        })
    });
    let args: Vec<Value> = (!function.source).then_some(input).into_iter().chain(own).collect();
    json!({
        "name": function.name, "aliases": function.aliases, "args": args, "help": function.summary,
        "chainable": !function.source, "datasource": function.source, "extended": function.open,
    })
}

#[cfg(test)]
mod tests;
