//! What functions there are: `/functions`, `/functions/{name}`.

use super::asked::Form;
use super::{Refusal, python, written};
use crate::Api;
use lang::signature::{Parameter, Type};
use query::names::graphite::{self, Function};
use serde_json::{Map, Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Functions that make one value of a series for a pie.
const PIE: &[(&str, &str)] = &[
    ("average", "The mean of a series' values"),
    ("maximum", "The greatest of a series' values"),
    ("minimum", "The least of a series' values"),
];

/// `GET /functions`: by name, or with `grouped` by group; `group` and `type=pie` narrow it down.
pub fn list(_: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        if form.last("type") == Some("pie") {
            let all = PIE.iter().map(|(name, what)| ((*name).to_owned(), describe_pie(name, what)));
            return Ok(Value::Object(all.collect()));
        }
        let is_grouped =
            matches!(form.last("grouped").unwrap_or("").to_ascii_lowercase().as_str(), "1" | "true");
        let group = form.last("group");
        let mut all = Map::new();
        for function in graphite::all().filter(|function| group.is_none_or(|group| group == function.group)) {
            let members = match is_grouped {
                false => &mut all,
                true => {
                    all.entry(function.group).or_insert_with(|| json!({})).as_object_mut().expect("made here")
                }
            };
            for name in function.signature.names() {
                members.insert(name.to_owned(), describe(name, function));
            }
        }
        Ok(Value::Object(all))
    })
}

/// `GET /functions/{name}`.
pub fn one(_: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let name = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        let found = match form.last("type") {
            Some("pie") => {
                PIE.iter().find(|(known, _)| *known == name).map(|(name, what)| describe_pie(name, what))
            }
            _ => graphite::find(name).map(|function| describe(name, function)),
        };
        let text = format!("Function not found: {name}");
        found.ok_or(Refusal { status: StatusCode::NOT_FOUND, text })
    })
}

fn answer(request: &Request, tell: impl FnOnce(&Form) -> Result<Value, Refusal>) -> Response {
    let answered = Form::of(request).and_then(|form| {
        let value = tell(&form)?;
        written(&form, python::dumps(&value, true))
    });
    answered.unwrap_or_else(Refusal::json)
}

fn describe(name: &str, function: &Function) -> Value {
    let signature = &function.signature;
    let params: Vec<String> = signature.args.iter().map(declared).collect();
    json!({
        "name": name,
        "function": format!("{name}({})", params.join(", ")),
        "description": format!("{}\n\nExample: {}", signature.summary, signature.example),
        "module": "graphite.render.functions",
        "group": function.group,
        "params": signature.args.iter().map(parameter).collect::<Vec<_>>(),
    })
}

fn describe_pie(name: &str, what: &str) -> Value {
    json!({
        "name": name, "function": format!("{name}(series)"), "description": what,
        "module": "graphite.render.functions", "group": "Ungrouped",
        "params": [{ "name": "series", "type": "series", "required": true }],
    })
}

/// As Python declares it.
fn declared(parameter: &Parameter) -> String {
    let star = if parameter.multi { "*" } else { "" };
    match parameter.default {
        _ if parameter.required || parameter.multi => format!("{star}{}", parameter.name),
        "" => format!("{}=None", parameter.name),
        default => format!("{}={}", parameter.name, literal(parameter, default)),
    }
}

/// A default as Python writes it.
fn literal(parameter: &Parameter, text: &str) -> String {
    match value(parameter, text) {
        Value::String(text) => format!("'{text}'"),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// Members that say nothing are left out, as in the web application.
fn parameter(parameter: &Parameter) -> Value {
    let kind = parameter.types.first().copied().unwrap_or(Type::Any);
    let mut out = json!({ "name": parameter.name, "type": kind.as_str() });
    if parameter.required {
        out["required"] = json!(true);
    }
    if parameter.multi {
        out["multiple"] = json!(true);
    }
    if !parameter.default.is_empty() {
        out["default"] = value(parameter, parameter.default);
    }
    let choices: Vec<Value> =
        parameter.suggestions.iter().map(|choice| value(parameter, choice.value)).collect();
    if !choices.is_empty() {
        out[if parameter.closed { "options" } else { "suggestions" }] = Value::Array(choices);
    }
    out
}

/// Numbers and truths are not texts, but where texts are wanted.
fn value(parameter: &Parameter, text: &str) -> Value {
    let wants_text = parameter.types.contains(&Type::Text);
    if wants_text {
        return json!(text);
    }
    if let Ok(number) = text.parse::<i64>() {
        return json!(number);
    }
    match (text, text.parse::<f64>()) {
        ("true", _) => json!(true),
        ("false", _) => json!(false),
        (_, Ok(number)) if number.is_finite() => json!(number),
        _ => json!(text),
    }
}
