//! What a request says: a query string, a form, or an object of JSON, all of them alike.

use super::Refusal;
use crate::params::Params;
use model::Zone;
use serde_json::Value;
use serve::{Method, Request};

/// Most targets of one request.
const TARGETS_MAX: usize = 1024;
/// Most bytes of one target.
const TARGET_BYTES_MAX: usize = 64 << 10;

/// The parameters of a request. Of several with one name the last counts, as in the web application, but for those that
/// may stand several times.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the query string and, but for `GET`, the body.
    pub(super) fn of(request: &Request) -> Result<Self, Refusal> {
        let mut pairs = Params::parse(&request.query).into_pairs();
        if request.method == Method::GET || request.body.is_empty() {
            return Ok(Self(pairs));
        }
        let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        if is_json {
            let body =
                serde_json::from_slice(&request.body).map_err(|e| Refusal::bad(format!("not JSON: {e}")))?;
            members(body, &mut pairs)?;
        } else {
            pairs.extend(Params::parse(&String::from_utf8_lossy(&request.body)).into_pairs());
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of one that may stand several times, as `name` or as `name[]`.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let of = |wanted: &str| -> Vec<&str> {
            self.0.iter().filter(|(known, _)| known == wanted).map(|(_, value)| value.as_str()).collect()
        };
        let found = of(name);
        if found.is_empty() { of(&format!("{name}[]")) } else { found }
    }

    /// Parameters of the form `name[key]`, as keys and values.
    pub(super) fn keyed(&self, name: &str) -> Vec<(String, String)> {
        let key =
            |known: &str| Some(known.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
        self.0.iter().filter_map(|(known, value)| Some((key(known)?, value.clone()))).collect()
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str, default: i64) -> Result<i64, Refusal> {
        let Some(text) = self.last(name) else { return Ok(default) };
        text.trim().parse().map_err(|_| Refusal::bad(format!("Invalid int value '{text}' for param {name}")))
    }

    /// The zone in which times are read and told. One that is not known is passed over, as in the web application.
    pub(super) fn zone(&self) -> Zone {
        self.last("tz").and_then(|name| Zone::named(name).ok()).unwrap_or_default()
    }

    /// `now`, else the present, in seconds.
    pub(super) fn now_s(&self, now_ms: i64) -> Result<i64, Refusal> {
        let now = self.instant("now", now_ms, &self.zone())?;
        Ok(now.unwrap_or(now_ms.div_euclid(1000)))
    }

    /// The instant a parameter names, in seconds.
    pub(super) fn instant(&self, name: &str, now_ms: i64, zone: &Zone) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.last(name) else { return Ok(None) };
        if has_two_signs(text) {
            let why = "an offset has one sign, as in -1h30min";
            return Err(Refusal::bad(format!("Invalid value '{text}' for param {name}: {why}")));
        }
        let time_ms = query::graphite::time::parse(text, now_ms, zone)
            .map_err(|e| Refusal::bad(format!("Invalid value '{text}' for param {name}: {e}")))?;
        Ok(Some(time_ms.div_euclid(1000)))
    }

    /// Targets, within limits.
    pub(super) fn targets(&self) -> Result<Vec<&str>, Refusal> {
        let targets = self.all("target");
        if targets.len() > TARGETS_MAX {
            return Err(Refusal::bad(format!(
                "{} targets, at most {TARGETS_MAX} are answered",
                targets.len()
            )));
        }
        match targets.iter().find(|target| target.len() > TARGET_BYTES_MAX) {
            Some(_) => Err(Refusal::bad(format!("a target is longer than {TARGET_BYTES_MAX} bytes"))),
            None => Ok(targets),
        }
    }
}

/// Our own time grammar lets every step of an offset have a sign; the web application refuses that. Dates that are
/// written with dashes are ours alone.
fn has_two_signs(text: &str) -> bool {
    let is_dashed_date = text.len() > 4 && text.is_char_boundary(4) && {
        let (year, rest) = text.split_at(4);
        year.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with('-')
    };
    !is_dashed_date && text.matches(['+', '-']).count() > 1
}

fn members(body: Value, pairs: &mut Vec<(String, String)>) -> Result<(), Refusal> {
    let Value::Object(members) = body else {
        return Err(Refusal::bad("the JSON of a request must be an object"));
    };
    for (name, value) in members {
        match value {
            Value::Null => {}
            Value::Array(items) => pairs.extend(items.into_iter().map(|item| (name.clone(), text(item)))),
            value => pairs.push((name, text(value))),
        }
    }
    Ok(())
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
