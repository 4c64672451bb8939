//! Trees, arguments and completion as the cases look at them.

use super::equal;
use lang::signature::{Choice, Parameter, Signature, Type};
use lang::timelion::ast::{Argument, Chain, Expression, Head, Item, ValueKind};
use serde_json::{Value, json};
use std::collections::HashMap;

pub(super) fn holds(case: &Value) -> Result<(), String> {
    let expect = &case["expect"];
    let parsed = lang::timelion::parse(case["expr"].as_str().unwrap()).and_then(|tree| {
        // An unset variable is an error of the parser there, of the plan here.
        let mut variables = HashMap::new();
        list(&tree, &mut variables)
    });
    match parsed {
        Err(_) if expect["error"] == true => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(_) if expect["error"] == true => Err("an error is wanted".to_owned()),
        Ok(found) => {
            if let Some(count) = expect["count"].as_u64() {
                equal(found.len(), count as usize)?;
            }
            if let Some(types) = expect["types"].as_array() {
                let kind = |v: &Value| json!(if v.get("chain").is_some() { "chain" } else { "reference" });
                equal(found.iter().map(kind).collect::<Vec<_>>(), types.clone())?;
            }
            match expect["series"].as_array() {
                Some(wanted) => equal(&found, wanted),
                None => Ok(()),
            }
        }
    }
}

type Variables = HashMap<String, Value>;

fn list(tree: &Expression, variables: &mut Variables) -> Result<Vec<Value>, lang::Error> {
    let mut found = Vec::new();
    for item in &tree.items {
        match item {
            Item::Chain(one) => found.push(chain(one, variables)?),
            Item::Assign { name, value: given, .. } => {
                let given = value(given, variables)?;
                variables.insert(name.clone(), given);
            }
        }
    }
    Ok(found)
}

fn chain(one: &Chain, variables: &mut Variables) -> Result<Value, lang::Error> {
    let mut links = match &one.head {
        None => Vec::new(),
        Some(Head::Group(tree, _)) => vec![json!({"group": list(tree, variables)?})],
        Some(Head::Cell { cell, series: None, .. }) if one.calls.is_empty() => {
            return Ok(json!({"cell": cell}));
        }
        Some(Head::Cell { cell, series, .. }) if one.calls.is_empty() => {
            return Ok(json!({"cell": cell, "series": series}));
        }
        Some(Head::Cell { cell, series, .. }) => vec![json!({"cell": cell, "series": series})],
        Some(Head::Variable(name, span)) => match variables.get(name) {
            Some(known) if one.calls.is_empty() => return Ok(known.clone()),
            Some(known) => known["chain"].as_array().cloned().unwrap_or_default(),
            None => return Err(lang::Error::new(*span, "not set")),
        },
    };
    for call in &one.calls {
        let args: Vec<Value> =
            call.args.iter().map(|arg| argument(arg, variables)).collect::<Result<_, _>>()?;
        links.push(json!({"function": call.name, "args": args}));
    }
    Ok(json!({"chain": links}))
}

fn argument(arg: &Argument, variables: &mut Variables) -> Result<Value, lang::Error> {
    let given = value(&arg.value, variables)?;
    Ok(match &arg.name {
        Some((name, _)) => json!({"name": name, "value": given}),
        None => given,
    })
}

fn value(given: &lang::timelion::ast::Value, variables: &mut Variables) -> Result<Value, lang::Error> {
    Ok(match &given.kind {
        ValueKind::Number(n) if n.fract() == 0.0 => json!({"literal": *n as i64}),
        ValueKind::Number(n) => json!({"literal": n}),
        ValueKind::Text { text, .. } => json!({"literal": text}),
        ValueKind::Boolean(b) => json!({"literal": b}),
        ValueKind::Null => json!({"literal": null}),
        ValueKind::Chain(one) => chain(one, variables)?,
    })
}

/// `.es(metric=…)` and `.es(split=…)`.
pub(super) fn read_argument(case: &Value) -> Result<(), String> {
    use crate::names::{signatures, timelion::FUNCTIONS};
    let text = case["text"].as_str().unwrap();
    let expect = &case["expect"];
    let name = if case["kind"] == "es-split" { "split" } else { "metric" };
    let expression = format!(".es({name}=\"{}\")", text.replace('\\', "\\\\"));
    let plan = lang::timelion::plan(&[&expression], &signatures(FUNCTIONS));
    if let Err(error) = &plan.results[0] {
        return if expect["error"] == true { Ok(()) } else { Err(error.to_string()) };
    }
    let read = &plan.reads()[0];
    if name == "split" {
        let split = &read.splits[0];
        return equal(json!({"field": split.label, "size": split.limit}), expect.clone());
    }
    let metric = &read.metrics[0];
    let agg = format!("{:?}", metric.aggregate).to_lowercase();
    let agg = agg.split('(').next().unwrap_or("").to_owned();
    equal(metric.label.as_str(), expect["label"].as_str().unwrap())?;
    equal(agg.as_str(), expect["agg"].as_str().unwrap())?;
    if let Some(field) = expect["field"].as_str() {
        equal(metric.name.as_ref().and_then(|n| n.as_literal()), Some(field))?;
    }
    if let Some(percents) = expect["percents"].as_array() {
        let lang::plan::Aggregate::Percentiles(found) = &metric.aggregate else {
            return Err("no percentiles".to_owned());
        };
        let wanted: Vec<f64> = percents.iter().map(|p| p.as_f64().unwrap()).collect();
        equal(found, &wanted)?;
    }
    Ok(())
}

/// Completion with a case's own functions.
pub(super) fn completes(case: &Value) -> Result<(), String> {
    use lang::catalog::{EmptyCatalog, ItemKind};
    let functions: Vec<Signature> = case["functions"].as_array().unwrap().iter().map(signature).collect();
    let functions: Vec<&Signature> = functions.iter().collect();
    let cursor = case["cursor"].as_u64().unwrap() as usize;
    let found = lang::timelion::complete(case["expr"].as_str().unwrap(), cursor, &functions, &EmptyCatalog);
    let kind = match case["expect"]["type"].as_str().unwrap_or("") {
        "functions" => ItemKind::Function,
        "arguments" => ItemKind::Argument,
        _ => ItemKind::Value,
    };
    let names: Vec<Value> = found.items.iter().filter(|i| i.kind == kind).map(|i| json!(i.label)).collect();
    equal(&names, case["expect"]["names"].as_array().unwrap())
}

// Signatures are static; a test may leak a few.
fn signature(function: &Value) -> Signature {
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let args: Vec<Parameter> = function["args"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|arg| **arg != "inputSeries")
        .map(|arg| {
            let name = leak(arg.as_str().or(arg["name"].as_str()).unwrap());
            let values = arg["values"].as_array().cloned().unwrap_or_default();
            let choices: Vec<Choice> =
                values.iter().map(|v| Choice { value: leak(v.as_str().unwrap()), doc: "" }).collect();
            Parameter::new(name, &[Type::Text], "").suggest(Box::leak(choices.into_boxed_slice()))
        })
        .collect();
    Signature {
        name: leak(function["name"].as_str().unwrap()),
        aliases: &[],
        summary: "",
        source: function["chainable"] == false,
        args: Box::leak(args.into_boxed_slice()),
        open: false,
        example: "",
    }
}
