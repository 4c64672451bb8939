//! Operations over dotted paths in words.

use super::step_of;
use crate::plan::path::{Argument, Path, Value};
use crate::signature::{self, Signature};

pub(super) fn describe(path: &Path, functions: &[&Signature]) -> String {
    match path {
        Path::Find(pattern) => format!("Reads the series whose path matches {pattern}"),
        Path::Target(text) => format!("Evaluates the target {text} of Graphite"),
        Path::Tagged { conditions, .. } => {
            format!("Reads the series whose tags satisfy {}", conditions.join(" and "))
        }
        Path::Call(call) => {
            let Some(function) = signature::find(functions, call.function) else {
                return call.function.to_owned();
            };
            let names = function.args.iter().map(|parameter| parameter.name);
            let told: Vec<String> = names
                .zip(&call.args)
                .filter(|(_, given)| !given.values.is_empty())
                .map(|(name, given)| format!("{name} = {}", values(given)))
                .collect();
            let told = if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) };
            format!("{} ({}{told})", function.summary, call.called)
        }
    }
}

fn values(given: &Argument) -> String {
    let told = given.values.iter().map(|value| match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => format!("`{text}`"),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Null => "null".to_owned(),
        Value::Series(node) => step_of(*node),
    });
    told.collect::<Vec<_>>().join(" and ")
}
