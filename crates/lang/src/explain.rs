//! What a plan will do, in words: a sentence a node, in the order in which they run.

mod path;
mod read;
mod vector;

use crate::Span;
use crate::plan::{Given, NodeId, Operation, Plan, Scalar};
use crate::signature::{self, Signature};

/// A node in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its place in the plan.
    pub node: usize,
    /// What kind of operation it is: `read`, `call`, `concat`, `refer`, `path` or `vector`.
    pub kind: &'static str,
    /// One sentence.
    pub does: String,
    /// The nodes whose answers it works on.
    pub inputs: Vec<usize>,
    /// What it reads, by its place among the plan's reads.
    pub read: Option<usize>,
    /// Where it was asked for.
    pub span: Span,
    /// How many nodes and results use its answer.
    pub uses: u32,
}

/// The nodes that are wanted, with the language's functions.
pub fn steps(plan: &Plan, functions: &[&Signature]) -> Vec<Step> {
    let uses = uses(plan, functions);
    let wanted = plan.nodes().iter().enumerate().filter(|(at, _)| uses[*at] > 0);
    let step = |(at, node): (usize, &crate::plan::Node)| {
        let (kind, does, inputs) = describe(&node.operation, plan, functions);
        let read = match &node.operation {
            Operation::Read(id) => Some(id.0 as usize),
            _ => None,
        };
        Step { node: at, kind, does, inputs, read, span: node.span, uses: uses[at] }
    };
    wanted.map(step).collect()
}

// How often each node is wanted. Unlike [`Plan::uses`] this counts what is within vectors and paths, too.
fn uses(plan: &Plan, functions: &[&Signature]) -> Vec<u32> {
    let mut uses = vec![0; plan.nodes().len()];
    plan.results.iter().flatten().for_each(|node| uses[node.0 as usize] += 1);
    for at in (0..uses.len()).rev() {
        if uses[at] > 0 {
            let (_, _, inputs) = describe(&plan.nodes()[at].operation, plan, functions);
            inputs.into_iter().for_each(|input| uses[input] += 1);
        }
    }
    uses
}

fn places<'a>(nodes: impl IntoIterator<Item = &'a NodeId>) -> Vec<usize> {
    nodes.into_iter().map(|node| node.0 as usize).collect()
}

fn describe(
    operation: &Operation,
    plan: &Plan,
    functions: &[&Signature],
) -> (&'static str, String, Vec<usize>) {
    match operation {
        Operation::Read(id) => ("read", read::describe(plan.read(*id)), Vec::new()),
        Operation::Call(call) => {
            let does = match signature::find(functions, call.function) {
                Some(function) => describe_call(function, &call.args, &call.extra),
                None => call.function.to_owned(),
            };
            ("call", does, places(call.inputs()))
        }
        Operation::Concat(nodes) => {
            ("concat", "Takes the series of several, one after the other".to_owned(), places(nodes))
        }
        Operation::Vector(vector) => ("vector", vector::describe(vector), places(&vector.inputs())),
        Operation::Path(path) => ("path", path::describe(path, functions), places(path.inputs())),
        Operation::Moved { node, offset } => {
            let does = format!("Looks {} for {}", read::moved(*offset), step_of(*node));
            ("moved", does, vec![node.0 as usize])
        }
        Operation::Refer { node, series } => {
            let which = series.map_or_else(
                || "Takes the answer to another expression".to_owned(),
                |at| format!("Takes series {} of another expression", at + 1),
            );
            ("refer", which, vec![node.0 as usize])
        }
    }
}

fn describe_call(function: &Signature, args: &[Given], extra: &[(String, Given)]) -> String {
    let named = function.args.iter().map(|parameter| parameter.name).zip(args);
    let all = named.chain(extra.iter().map(|(name, given)| (name.as_str(), given)));
    let told: Vec<String> = all
        .filter(|(_, given)| !given.values.is_empty())
        .map(|(name, given)| {
            let values: Vec<String> = given.values.iter().map(scalar).collect();
            format!("{name} = {}", values.join(" and "))
        })
        .collect();
    let told = if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) };
    format!("{} ({}{told})", function.summary, function.name)
}

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(text) => format!("`{text}`"),
        Scalar::Boolean(boolean) => boolean.to_string(),
        Scalar::Null => "null".to_owned(),
        Scalar::Series(node) => step_of(*node),
    }
}

fn step_of(node: NodeId) -> String {
    format!("the series of step {}", node.0 + 1)
}

/// A length of time in the largest units that are whole.
fn length(ms: i64) -> String {
    const UNITS: [(i64, &str); 6] =
        [(604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
    let (unit_ms, name) =
        UNITS.into_iter().find(|(unit_ms, _)| ms != 0 && ms % unit_ms == 0).unwrap_or((1000, "s"));
    format!("{}{name}", ms / unit_ms)
}

#[cfg(test)]
mod tests;
