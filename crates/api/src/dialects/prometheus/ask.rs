//! Parameters of Prometheus' interface: instants, lengths of time, numbers.

use super::Fault;
use crate::params::Params;
use lang::promql::ast::Kind;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Of what kind it is.
    pub fault: Fault,
    /// One sentence.
    pub error: String,
}

impl Refused {
    /// A parameter that makes no sense.
    pub fn parameter(name: &str, why: impl std::fmt::Display) -> Self {
        Self { fault: Fault::BadData, error: format!("invalid parameter {name:?}: {why}") }
    }
}

/// What Prometheus' own client writes for the beginning and the end of all time.
const FIRST_TIME: &str = "-292273086-05-16T16:47:06Z";
const LAST_TIME: &str = "292277025-08-18T07:12:54.999999999Z";

/// An instant: seconds, RFC 3339, or any text for times that is understood elsewhere; in Unix milliseconds.
pub fn instant(params: &Params, name: &str, now_ms: i64) -> Result<Option<i64>, Refused> {
    let Some(text) = params.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    match text {
        FIRST_TIME => return Ok(Some(i64::MIN / 2)),
        LAST_TIME => return Ok(Some(i64::MAX / 2)),
        _ => {}
    }
    let bad = || Refused::parameter(name, format_args!("cannot parse {text:?} to a valid timestamp"));
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds * 1000.0).round();
        let is_time = ms.abs() < i64::MAX as f64 / 2.0;
        return if is_time { Ok(Some(ms as i64)) } else { Err(bad()) };
    }
    model::timetext::parse(text, now_ms, &model::Zone::utc()).map(Some).map_err(|_| bad())
}

/// An instant that must be given.
pub fn instant_wanted(params: &Params, name: &str, now_ms: i64) -> Result<i64, Refused> {
    let missing = || Refused::parameter(name, "cannot parse \"\" to a valid timestamp");
    instant(params, name, now_ms)?.ok_or_else(missing)
}

/// A length of time: seconds or with units; in milliseconds.
pub fn length_ms(params: &Params, name: &str) -> Result<Option<i64>, Refused> {
    let Some(text) = params.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let bad = || Refused::parameter(name, format_args!("cannot parse {text:?} to a valid duration"));
    let seconds = match text.parse::<f64>() {
        Ok(seconds) => seconds,
        Err(_) => match lang::promql::parse(text).map_err(|_| bad())?.kind {
            Kind::Number { value, is_duration: true } => value,
            _ => return Err(bad()),
        },
    };
    let ms = (seconds * 1000.0).round();
    if ms.is_finite() && ms.abs() < i64::MAX as f64 / 2.0 { Ok(Some(ms as i64)) } else { Err(bad()) }
}

/// How many of something, at most: 0 and nothing stand for no limit.
pub fn limit(params: &Params) -> Result<usize, Refused> {
    match params.get("limit").filter(|text| !text.is_empty()).map(str::parse::<i64>) {
        None | Some(Ok(0)) => Ok(usize::MAX),
        Some(Ok(limit)) if limit > 0 => Ok(limit as usize),
        Some(Ok(_)) => Err(Refused::parameter("limit", "limit must be non-negative")),
        Some(Err(_)) => Err(Refused::parameter("limit", "cannot parse to a number")),
    }
}
