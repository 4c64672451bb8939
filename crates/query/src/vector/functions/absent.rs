//! `absent` and `absent_over_time`: 1 where there is nothing.

use super::Site;
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::value::{ABSENT, Column, Matrix, Outcome, Series, Steps};
use crate::vector::{Notes, window};
use lang::plan::vector::{Select, Subquery, Window};
use lang::plan::{NodeId, Vector};
use model::{Labels, LabelsBuilder, MatchOp, NAME};

pub(super) fn absent(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let matrix = evaluator.matrix(site.args[0], steps)?;
    Ok(Outcome::Vector(missing(wanted_labels(evaluator, site.args[0])?, &matrix, steps)))
}

pub(super) fn absent_over_time(
    evaluator: &mut Evaluator<'_>,
    site: &Site<'_>,
    steps: Steps,
) -> Result<Outcome, QueryError> {
    let any = |_: &window::Window<'_>, _: &mut Notes| Some(crate::vector::Value::Float(1.0));
    let matrix = window::over(evaluator, site, any, steps)?;
    Ok(Outcome::Vector(missing(wanted_labels(evaluator, site.args[0])?, &matrix, steps)))
}

fn missing(labels: Labels, matrix: &Matrix, steps: Steps) -> Matrix {
    let mut values = vec![1.0; steps.count];
    for series in matrix {
        let present = values.iter_mut().enumerate().filter(|(step, _)| series.column.is_present(*step));
        present.for_each(|(_, value)| *value = ABSENT);
    }
    vec![Series { labels, is_nameless: true, column: Column::of(values) }]
}

// What a bare selection says a series would have to be.
fn wanted_labels(evaluator: &Evaluator<'_>, node: NodeId) -> Result<Labels, QueryError> {
    Ok(match evaluator.vector(node)? {
        Vector::Select(select) | Vector::Window(Window { select, .. }) => said(select),
        Vector::Subquery(Subquery { .. }) => Labels::empty(),
        _ => Labels::empty(),
    })
}

// Labels that must be equal to one value each.
fn said(select: &Select) -> Labels {
    let mut builder = LabelsBuilder::default();
    let named = |name: &str| select.matchers.iter().filter(|matcher| matcher.name == name).count();
    for matcher in select.matchers.iter().filter(|matcher| matcher.name != NAME) {
        if matcher.op == MatchOp::Equal && named(&matcher.name) == 1 {
            builder.add(&matcher.name, &matcher.value);
        }
    }
    builder.build().unwrap_or_default()
}
