//! `label_replace` and `label_join`.

use super::Site;
use crate::QueryError;
use crate::vector::answer::merged;
use crate::vector::evaluate::Evaluator;
use crate::vector::key;
use crate::vector::value::{Matrix, Outcome, Series, Steps, refusal};
use lang::plan::NodeId;
use model::{Labels, NAME};
use regex::Regex;

/// Largest compiled regular expression, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;

pub(super) fn replace(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let target = label_name(evaluator, site.args[1])?;
    let template = evaluator.text(site.args[2])?;
    let from = evaluator.text(site.args[3])?;
    let pattern = evaluator.text(site.args[4])?;
    let regex = regex::RegexBuilder::new(&format!("^(?s:{pattern})$")).size_limit(REGEX_BYTES_MAX).build();
    let regex = regex.map_err(|_| {
        refusal(
            evaluator.span(site.args[4]),
            format!("invalid regular expression in label_replace(): {pattern}"),
        )
    })?;
    let matrix = evaluator.matrix(site.args[0], steps)?;
    changed(evaluator, site, matrix, target, |labels| replaced(labels, from, &regex, template))
}

// What the target becomes; nothing where the pattern does not fit.
fn replaced(labels: &Labels, from: &str, regex: &Regex, template: &str) -> Option<String> {
    let captures = regex.captures(labels.get(from).unwrap_or(""))?;
    let mut value = String::new();
    captures.expand(template, &mut value);
    Some(value)
}

pub(super) fn join(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let target = label_name(evaluator, site.args[1])?;
    let separator = evaluator.text(site.args[2])?;
    let mut sources = Vec::new();
    for arg in &site.args[3..] {
        sources.push(label_name(evaluator, *arg)?);
    }
    let matrix = evaluator.matrix(site.args[0], steps)?;
    changed(evaluator, site, matrix, target, |labels| {
        let values: Vec<&str> = sources.iter().map(|source| labels.get(source).unwrap_or("")).collect();
        Some(values.join(separator))
    })
}

fn changed(
    evaluator: &Evaluator<'_>,
    site: &Site<'_>,
    matrix: Matrix,
    target: &str,
    value: impl Fn(&Labels) -> Option<String>,
) -> Result<Outcome, QueryError> {
    let mut out = Matrix::with_capacity(matrix.len());
    for series in matrix {
        let Some(value) = value(&series.labels) else {
            out.push(series);
            continue;
        };
        let labels = key::with(&series.labels, [(target, value.as_str())])
            .map_err(|why| refusal(evaluator.span(site.node), why))?;
        // A name that was just given stays.
        let is_nameless = series.is_nameless && target != NAME;
        out.push(Series { labels, is_nameless, ..series });
    }
    let merged = merged(out, false);
    merged.map(Outcome::Vector).map_err(|_| {
        refusal(evaluator.span(site.node), "vector cannot contain metrics with the same labelset")
    })
}

// Labels may have any characters, but one that does not begin like a word is a mistake that the compliance suite wants told.
fn label_name<'a>(evaluator: &mut Evaluator<'a>, node: NodeId) -> Result<&'a str, QueryError> {
    let name = evaluator.text(node)?;
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return Err(refusal(evaluator.span(node), format!("invalid label name {name:?}")));
    }
    Ok(name)
}
