//! Many series to fewer. Numbers are folded column by column; where there are histograms, instant by instant.

mod fold;
mod pick;

use super::evaluate::Evaluator;
use super::functions::over_time::check_quantile;
use super::key::{self, Pick};
use super::value::{Column, Matrix, Series, Steps, Value, refusal};
use crate::QueryError;
use hashbrown::HashMap;
use lang::plan::NodeId;
use lang::plan::vector::Grouping;
use model::{Labels, NAME};

/// An aggregation.
pub(super) struct Site<'a> {
    /// Its node.
    pub node: NodeId,
    /// `sum`, `topk` …
    pub function: &'a str,
    /// The series.
    pub input: NodeId,
    /// What it takes besides.
    pub parameter: Option<NodeId>,
    /// Which series go together.
    pub grouping: &'a Grouping,
}

/// Series that go together.
pub(super) struct Group {
    /// The labels of the result.
    pub labels: Labels,
    /// Of its first series.
    pub is_nameless: bool,
    /// Places of its series.
    pub members: Vec<usize>,
}

/// Evaluates an aggregation.
pub(super) fn run(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    match site.function {
        "count_values" => count_values(evaluator, site, steps),
        "topk" | "bottomk" | "limitk" | "limit_ratio" => pick::run(evaluator, site, steps),
        "quantile" => {
            let ranks = parameter(evaluator, site, steps)?;
            let span = site.parameter.map_or(evaluator.span(site.node), |node| evaluator.span(node));
            ranks.iter().for_each(|rank| check_quantile(*rank, span, &mut evaluator.notes));
            let matrix = evaluator.matrix(site.input, steps)?;
            Ok(folded(evaluator, site, &matrix, steps, Some(&ranks)))
        }
        _ => {
            let matrix = evaluator.matrix(site.input, steps)?;
            Ok(folded(evaluator, site, &matrix, steps, None))
        }
    }
}

/// The number an aggregation takes besides, at every instant.
pub(super) fn parameter(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Vec<f64>, QueryError> {
    match site.parameter {
        Some(node) => evaluator.scalar(node, steps),
        None => {
            let message = format!("{} takes a number besides the series", site.function);
            Err(refusal(evaluator.span(site.node), message))
        }
    }
}

fn folded(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    matrix: &Matrix,
    steps: Steps,
    ranks: Option<&[f64]>,
) -> Matrix {
    let groups = groups(matrix, site.grouping);
    let span = evaluator.span(site.input);
    let mut out = Matrix::with_capacity(groups.len());
    for group in groups {
        let members: Vec<&Series> = group.members.iter().map(|at| &matrix[*at]).collect();
        let column = fold::column(site.function, &members, steps, ranks, span, &mut evaluator.notes);
        if !column.is_blank() {
            out.push(Series { labels: group.labels, is_nameless: group.is_nameless, column });
        }
    }
    out
}

/// The series of a vector by what they have in common, in the order in which groups come up.
pub(super) fn groups(matrix: &Matrix, grouping: &Grouping) -> Vec<Group> {
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let pick =
        if grouping.is_without { Pick::Without(&grouping.labels) } else { Pick::Only(&grouping.labels) };
    // A name that waits to go still tells groups apart, and goes with the result.
    let keeps_name = !grouping.is_without && grouping.labels.iter().any(|label| label == NAME);
    let mut key = Vec::new();
    for (at, series) in matrix.iter().enumerate() {
        pick.key(&series.labels, &mut key);
        match places.get(&key) {
            Some(group) => {
                groups[*group].members.push(at);
                groups[*group].is_nameless |= keeps_name && series.is_nameless;
            }
            None => {
                places.insert(key.clone(), groups.len());
                let labels = Labels::from_checked_key(&key);
                let is_nameless = keeps_name && series.is_nameless;
                groups.push(Group { labels, is_nameless, members: vec![at] });
            }
        }
    }
    groups
}

fn count_values(evaluator: &mut Evaluator<'_>, site: &Site<'_>, steps: Steps) -> Result<Matrix, QueryError> {
    let Some(parameter) = site.parameter else {
        return Err(refusal(evaluator.span(site.node), "count_values takes the name of a label"));
    };
    let label = evaluator.text(parameter)?;
    if label.is_empty() {
        return Err(refusal(evaluator.span(parameter), format!("invalid label name {label:?}")));
    }
    let matrix = evaluator.matrix(site.input, steps)?;
    let mut out = Matrix::new();
    let mut places: HashMap<Labels, usize> = HashMap::new();
    for group in groups(&matrix, site.grouping) {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (step, at) in (0..steps.count).flat_map(|step| group.members.iter().map(move |at| (step, *at))) {
            let text = match matrix[at].column.get(step) {
                Some(Value::Float(value)) => key::number(value),
                Some(Value::Histogram(value)) => super::histogram::text(&value),
                None => continue,
            };
            let place = match known.get(&text) {
                Some(place) => *place,
                None => {
                    let labels = key::with(&group.labels, [(label, text.as_str())])
                        .map_err(|why| refusal(evaluator.span(site.node), why))?;
                    let place = *places.entry(labels.clone()).or_insert_with(|| {
                        let column = Column::absent(steps.count);
                        out.push(Series { labels, is_nameless: group.is_nameless, column });
                        out.len() - 1
                    });
                    evaluator.check_points(site.node, out.len(), steps)?;
                    known.insert(text, place);
                    place
                }
            };
            let count = &mut out[place].column.values[step];
            *count = if super::value::is_absent(*count) { 1.0 } else { *count + 1.0 };
        }
    }
    Ok(out)
}
