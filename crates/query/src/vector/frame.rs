//! A labelled vector where lists of series are wanted: its values at the starts of the request's buckets.

use super::answer::{LOOKBACK_MS, Question, evaluated};
use super::value::{Matrix, Outcome, Steps, is_float, refusal};
use crate::QueryError;
use crate::frame::{Frame, Series as Drawn};
use crate::grid::Grid;
use crate::request::Request;
use crate::run::Budget;
use lang::plan::NodeId;
use model::{Labels, Source};

/// The value of a node of a request's plan as series on the request's buckets.
pub(crate) fn frame(
    request: &Request<'_>,
    node: NodeId,
    grid: &Grid,
    source: &dyn Source,
    budget: &mut Budget<'_>,
) -> Result<Frame, QueryError> {
    let mut frame = Frame::default();
    let parts = parts(grid);
    let is_whole = parts.len() == 1;
    for (steps, place) in parts {
        let question = Question {
            plan: request.plan,
            node,
            steps,
            is_instant: false,
            lookback_ms: LOOKBACK_MS,
            limits: request.limits.clone(),
            tier: request.tier,
            cancelled: request.cancelled,
        };
        let answer = evaluated(&question, source)?;
        budget.absorb(&answer.stats, answer.reading);
        budget.absorb_costs(&answer.costs);
        for note in answer.notes.iter() {
            if !frame.notes.contains(&note.message) {
                frame.notes.push(note.message.clone());
            }
        }
        let matrix = match answer.outcome {
            Outcome::Vector(matrix) => matrix,
            Outcome::Scalar(values) => super::evaluate::single(values),
            _ => return Err(refusal(request.plan.node(node).span, "Only numbers and vectors can be drawn")),
        };
        put(matrix, place, (!is_whole).then_some(grid.len()), &mut frame);
    }
    Ok(frame)
}

// The grid as instants at equal distances, each part with the place of its first: one part, unless a calendar makes buckets
// differ.
fn parts(grid: &Grid) -> Vec<(Steps, usize)> {
    match grid.step_ms() {
        Some(step_ms) => vec![(Steps { start_ms: grid.start_ms(), step_ms, count: grid.len() }, 0)],
        None => {
            grid.times_ms().into_iter().enumerate().map(|(at, time)| (Steps::instant(time), at)).collect()
        }
    }
}

// Puts columns at a place of those there are, which have so many values; or as they are.
fn put(matrix: Matrix, place: usize, buckets: Option<usize>, frame: &mut Frame) {
    for series in matrix {
        let mut values = series.column.values;
        values.iter_mut().filter(|value| !is_float(**value)).for_each(|value| *value = f64::NAN);
        let Some(buckets) = buckets else {
            frame.series.push(drawn(series.labels, values));
            continue;
        };
        let at = frame.series.iter().position(|known| known.labels == series.labels).unwrap_or_else(|| {
            frame.series.push(drawn(series.labels, vec![f64::NAN; buckets]));
            frame.series.len() - 1
        });
        let all = &mut frame.series[at].values[place..];
        all.iter_mut().zip(values).for_each(|(there, value)| *there = value);
    }
}

fn drawn(labels: Labels, values: Vec<f64>) -> Drawn {
    Drawn { label: label(&labels), labels, values, ..Drawn::default() }
}

fn label(labels: &Labels) -> String {
    let text = labels.to_string();
    if text.is_empty() { "{}".to_owned() } else { text }
}
