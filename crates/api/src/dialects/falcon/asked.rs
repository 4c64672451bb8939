//! What requests say, read as Open-Falcon reads it: names of fields in any case, `null` is as if absent, what follows
//! the first JSON value is not looked at, a field of the wrong JSON type refuses the request.

use super::COUNTERS_MAX;
use super::answer::Refusal;
use super::history::Cf;
use serde_json::{Map, Value};

/// One series, in Open-Falcon's words.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Pair {
    pub(super) endpoint: String,
    pub(super) counter: String,
}

/// What part of each series.
#[derive(Debug, PartialEq)]
pub(super) struct Span {
    /// Unix seconds, the first inside.
    pub(super) start_s: i64,
    /// Unix seconds, the last inside.
    pub(super) end_s: i64,
    pub(super) cf: Cf,
}

/// A request for histories.
#[derive(Debug)]
pub(super) struct History {
    pub(super) pairs: Vec<Pair>,
    pub(super) span: Span,
}

/// `{"start","end","cf","endpoint_counters":[…]}`; without `cf` averages are meant.
pub(super) fn history(body: &[u8]) -> Result<History, Refusal> {
    let fields = object(first_value(body)?, "the request")?;
    let span =
        Span { start_s: whole(&fields, "start")?, end_s: whole(&fields, "end")?, cf: cf(&fields, "cf")? };
    // Unlike in the other requests, `null` among these is a series without a name.
    let pairs = list(field(&fields, "endpoint_counters"), "`endpoint_counters`")?;
    let pairs = pairs.iter().map(|item| Ok(pair(item)?.unwrap_or_default()));
    let pairs: Vec<Pair> = pairs.collect::<Result<_, Refusal>>()?;
    check_count(pairs.len(), "empty_payload")?;
    Ok(History { pairs, span })
}

/// `[{"endpoint","counter"}]`; `null` items are left out.
pub(super) fn pairs(body: &[u8]) -> Result<Vec<Pair>, Refusal> {
    let items = first_value(body)?;
    let items = list(Some(&items).filter(|items| !items.is_null()), "the request")?;
    check_count(items.len(), "empty")?;
    items.iter().filter_map(|item| pair(item).transpose()).collect()
}

/// Refuses more counters than allowed, and none at all for the given reason.
pub(super) fn check_count(count: usize, none: &str) -> Result<(), Refusal> {
    match count {
        0 => Err(Refusal::bad(none)),
        1..=COUNTERS_MAX => Ok(()),
        _ => Err(Refusal::bad(format!("{count} counters, at most {COUNTERS_MAX} are allowed at once"))),
    }
}

pub(super) fn first_value(body: &[u8]) -> Result<Value, Refusal> {
    match serde_json::Deserializer::from_slice(body).into_iter().next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(Refusal::bad(format!("the request is not JSON: {error}"))),
        None => Err(Refusal::bad("the request is empty")),
    }
}

pub(super) fn object(value: Value, what: &str) -> Result<Map<String, Value>, Refusal> {
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(Refusal::bad(format!("{what} is not an object"))),
    }
}

pub(super) fn list<'a>(value: Option<&'a Value>, what: &str) -> Result<&'a [Value], Refusal> {
    match value {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Refusal::bad(format!("{what} is not a list"))),
    }
}

/// The field of this name; the last of equal names counts.
pub(super) fn field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = fields.iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

pub(super) fn text(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match field(fields, name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(Refusal::bad(format!("`{name}` is not a text"))),
    }
}

pub(super) fn whole(fields: &Map<String, Value>, name: &str) -> Result<i64, Refusal> {
    let Some(value) = field(fields, name) else { return Ok(0) };
    value.as_i64().ok_or_else(|| Refusal::bad(format!("`{name}` is not a whole number of at most 64 bits")))
}

pub(super) fn cf(fields: &Map<String, Value>, name: &str) -> Result<Cf, Refusal> {
    let text = text(fields, name)?;
    Cf::parse(&text).ok_or_else(|| Refusal::bad(format!("`{name}` is `{text}`, not AVERAGE, MAX or MIN")))
}

fn pair(item: &Value) -> Result<Option<Pair>, Refusal> {
    match item {
        Value::Null => Ok(None),
        Value::Object(fields) => {
            Ok(Some(Pair { endpoint: text(fields, "endpoint")?, counter: text(fields, "counter")? }))
        }
        _ => Err(Refusal::bad("an item is not an object")),
    }
}
