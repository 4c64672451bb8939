//! What a request for an evaluation says.

use super::Refusal;
use lang::Language;
use model::{Interval, TierChoice, Zone};
use query::GridSpec;
use serde_json::Value;

/// Most expressions of one request.
const EXPRS_MAX: usize = 64;
/// Most characters of one expression.
const EXPR_CHARS_MAX: usize = 20_000;
/// Most points a series may be asked to have.
const POINTS_MAX: usize = 11_000;
/// Points aimed at when the request does not say.
const POINTS: usize = 300;

/// A request, checked.
pub struct Asked {
    /// How the expressions are to be understood.
    pub language: &'static Language,
    /// The expressions.
    pub exprs: Vec<String>,
    from: String,
    to: String,
    zone: Zone,
    interval: Option<Interval>,
    points: usize,
    /// From which tier to answer.
    pub tier: TierChoice,
    /// Take null for 0 where Timelion in Kibana does.
    pub compatible: bool,
    /// Tell what was done, step by step.
    pub explain: bool,
}

impl Asked {
    /// Reads the JSON of a request.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let json: Value = serde_json::from_slice(body)
            .map_err(|e| Refusal::new(format!("the request is not JSON: {e}")))?;
        let text = |name: &str, default: &str| json[name].as_str().unwrap_or(default).to_owned();
        let name = text("language", "timelion");
        let language =
            lang::languages::find(&name).ok_or_else(|| Refusal::new(format!("no language `{name}`")))?;
        let zone = match json["tz"].as_str().filter(|tz| !tz.is_empty()) {
            Some(name) => Zone::named(name).map_err(Refusal::new)?,
            None => Zone::utc(),
        };
        let interval = match text("interval", "auto").as_str() {
            "" | "auto" => None,
            text => Some(Interval::parse(text).ok_or_else(|| {
                Refusal::new(format!("`{text}` is not an interval such as 10s, 5m, 1h or auto"))
            })?),
        };
        let tier = match text("tier", "auto").as_str() {
            "" => TierChoice::Auto,
            text => TierChoice::parse(text).ok_or_else(|| {
                Refusal::new(format!("`{text}` is not a tier such as raw, 60s, 1h, 1d or auto"))
            })?,
        };
        let points = json["points"].as_u64().map_or(POINTS, |n| n as usize).clamp(1, POINTS_MAX);
        Ok(Self {
            language,
            exprs: exprs(&json)?,
            from: text("from", "now-1h"),
            to: text("to", "now"),
            zone,
            interval,
            points,
            tier,
            compatible: json["compatible"] == true,
            explain: json["explain"] == true,
        })
    }

    /// The buckets to answer in.
    pub fn grid(&self, now_ms: i64) -> Result<GridSpec, Refusal> {
        let told = |name: &str, e: model::timetext::TimeTextError| Refusal {
            sentence: format!("`{name}`: {e}"),
            hint: Some("such as now-1h, -30min, yesterday, 2026-10-25 02:30 or now-1d/d".to_owned()),
        };
        let from_ms = model::timetext::parse(&self.from, now_ms, &self.zone).map_err(|e| told("from", e))?;
        let to_ms = model::timetext::parse_end(&self.to, now_ms, &self.zone).map_err(|e| told("to", e))?;
        let mut spec = GridSpec::new(from_ms, to_ms);
        spec.interval = self.interval;
        // Agents measure once a second at most by default; finer buckets would be mostly empty.
        spec.interval_min = Interval::new(1, model::Unit::Second);
        spec.buckets_target = self.points;
        spec.buckets_max = POINTS_MAX;
        spec.zone = self.zone.clone();
        Ok(spec)
    }
}

fn exprs(json: &Value) -> Result<Vec<String>, Refusal> {
    let all: Vec<&Value> = match (&json["exprs"], &json["expr"]) {
        (Value::Array(items), _) => items.iter().collect(),
        (_, single) => vec![single],
    };
    if all.is_empty() || all.len() > EXPRS_MAX {
        return Err(Refusal::new(format!("`exprs` must hold 1 to {EXPRS_MAX} expressions")));
    }
    let each = all.into_iter().map(|value| match value.as_str() {
        Some(text) if text.len() <= EXPR_CHARS_MAX => Ok(text.to_owned()),
        Some(_) => Err(Refusal::new(format!("an expression is longer than {EXPR_CHARS_MAX} characters"))),
        None => Err(Refusal::new("`exprs` must be a list of texts")),
    });
    each.collect()
}
